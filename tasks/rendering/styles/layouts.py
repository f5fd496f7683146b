"""Layouts of exemplars: prefixes and separators, as data."""

from __future__ import annotations

import dataclasses
import functools
import importlib.resources
import tomllib

from ul2_flan.tasks.catalog.schema import make
from ul2_flan.tasks.errors import unknown

LIKE = ('option', 'letter', 'turn')


@dataclasses.dataclass(frozen=True, kw_only=True)
class Layout:
  """How questions and answers follow each other; see `layouts.toml`.

  Attributes:
    like: of `LIKE`, what its prefixes look like, so that it is not used beside
      them.
    visible: exemplars stay apart where newlines are mere spaces, as they are
      to a SentencePiece vocabulary that normalises white space.
    labels: how the prefixes of its first exemplar start a line of their own.
  """

  between: str
  separator: str
  input_prefix: str = ''
  target_prefix: str = ''
  like: tuple[str, ...] = ()

  def __post_init__(self) -> None:
    for like in self.like:
      if like not in LIKE:
        raise unknown('likeness', like, LIKE)

  @property
  def visible(self) -> bool:
    return bool(self.separator.strip() or self.input_prefix)

  @functools.cached_property
  def labels(self) -> tuple[str, ...]:
    starts = (self.prefix(1), self.cue(1))
    return tuple(f'\n{start.strip()}' for start in starts if start)

  def prefix(self, number: int) -> str:
    """What stands before question `number`, counted from 1."""
    return self.input_prefix.replace('{number}', str(number))

  def cue(self, number: int) -> str:
    """What stands before the answer to question `number`."""
    return self.target_prefix.replace('{number}', str(number))


@functools.cache
def layouts() -> tuple[Layout, ...]:
  """The layouts of `layouts.toml`."""
  folder = importlib.resources.files('ul2_flan.tasks') / 'rendering/styles'
  text = (folder / 'layouts.toml').read_text(encoding='utf-8')
  return tuple(
    make(Layout, entry, f'layouts.toml, layout {i}')
    for i, entry in enumerate(tomllib.loads(text)['layouts'])
  )
