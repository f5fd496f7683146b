"""Turns of a conversation, in a style that is drawn for each example."""

from __future__ import annotations

from collections.abc import Sequence
import dataclasses
import functools
import importlib.resources
import itertools
import tomllib


@dataclasses.dataclass(frozen=True, slots=True)
class DialogStyle:
  r"""How turns are shown.

  Attributes:
    speakers: what stands before the first speaker's turns, and the second's.
    join: what stands between turns.

  >>> DialogStyle(('A: ', 'B: ')).show(['Hi!', 'Hello.', 'Bye.'])
  'A: Hi!\nB: Hello.\nA: Bye.'
  """

  speakers: tuple[str, str]
  join: str = '\n'

  def show(self, turns: Sequence[str]) -> str:
    """The turns as text."""
    marks = itertools.cycle(self.speakers)
    return self.join.join([m + t for m, t in zip(marks, turns, strict=False)])


@functools.cache
def styles() -> tuple[DialogStyle, ...]:
  """The styles of `dialog_styles.toml`."""
  folder = importlib.resources.files('ul2_flan.tasks') / 'rendering/styles'
  text = (folder / 'dialog_styles.toml').read_text(encoding='utf-8')
  entries = tomllib.loads(text)['styles']
  return tuple(
    DialogStyle(tuple(e['speakers']), e.get('join', '\n')) for e in entries
  )
