"""Layouts: how exemplars, question and answer follow one another."""

import dataclasses
import functools

from ul2_flan.tasks import shipped
from ul2_flan.tasks.errors import unknown
from ul2_flan.tasks.strict_tables import make

# What a layout's prefixes may be mistaken for: marks of options, letters given
# as answers, turns of a conversation.
LIKE = ('option', 'letter', 'turn')


@dataclasses.dataclass(frozen=True, kw_only=True)
class Layout:
  r"""One layout; `layouts.toml` explains the fields that it fills.

  Attributes:
    between: the text between a question and its answer.
    separator: the text between one exemplar and the next.
    input_prefix: the text before each question; `{number}` counts them.
    target_prefix: the text before each answer, likewise.
    like: the items of `LIKE` that its prefixes look like; the layout is not
      used beside these.

  >>> layout = Layout(between='\n', separator=' ', input_prefix='Q{number}: ')
  >>> layout.prefix(2), layout.labels
  ('Q2: ', ('\nQ1:',))
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
    """Whether exemplars stay apart where the reader takes newlines for spaces.

    SentencePiece vocabularies that normalise white space do, such as T5's.
    """
    return bool(self.separator.strip() or self.input_prefix)

  @functools.cached_property
  def labels(self) -> tuple[str, ...]:
    """The prefixes of exemplar 1 as they would start a line of a question."""
    starts = (self.prefix(1), self.cue(1))
    return tuple(f'\n{start.strip()}' for start in starts if start)

  def prefix(self, number: int) -> str:
    """Returns the text before question `number`, counted from 1."""
    return self.input_prefix.replace('{number}', str(number))

  def cue(self, number: int) -> str:
    """Returns the text before the answer to question `number`."""
    return self.target_prefix.replace('{number}', str(number))


@functools.cache
def layouts() -> tuple[Layout, ...]:
  """Returns the layouts of `layouts.toml`, in the file's order."""
  entries = shipped.table('rendering/styles/layouts.toml')['layouts']
  return tuple(
    make(Layout, entry, f'layouts.toml, layout {i}')
    for i, entry in enumerate(entries)
  )
