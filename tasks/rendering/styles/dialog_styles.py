"""Writes the turns of a conversation in a style that an example draws."""

from collections.abc import Iterable, Sequence
import dataclasses
import functools
import itertools
import operator

from ul2_flan.tasks import shipped


@dataclasses.dataclass(frozen=True, slots=True)
class DialogStyle:
  r"""A way to write turns, of which two speakers take one after the other.

  Attributes:
    speakers: the text before each turn of the first speaker, and of the second.
    join: the text between two turns.

  >>> DialogStyle(('A: ', 'B: ')).show(['Hi!', 'Hello.', 'Bye.'])
  'A: Hi!\nB: Hello.\nA: Bye.'
  """

  speakers: tuple[str, str]
  join: str = '\n'

  def show(self, turns: Sequence[str]) -> str:
    """Writes the turns as one text."""
    marks = itertools.cycle(self.speakers)
    return self.join.join([m + t for m, t in zip(marks, turns, strict=False)])


@functools.cache
def styles() -> tuple[DialogStyle, ...]:
  """Returns the styles of `dialog_styles.toml`, in the file's order."""
  return tuple(
    DialogStyle(tuple(e['speakers']), e.get('join', '\n'))
    for e in shipped.table('rendering/styles/dialog_styles.toml')['styles']
  )


def show(
  dialogs: Sequence[tuple[str, ...]], chosen: Iterable[int]
) -> list[str]:
  """Writes the turns of n conversations, each in a style of its own.

  Args:
    dialogs: the turns of each.
    chosen: n indices into `styles()`.
  """
  formats = map(_turns_of, chosen, map(len, dialogs))
  return list(map(operator.mod, formats, dialogs))


@functools.lru_cache(maxsize=1 << 12)
def _turns_of(style: int, count: int) -> str:
  """Returns so many turns as a format for Python's `%` operator."""
  # No style has a NUL.
  text = styles()[style].show(['\0'] * count)
  return text.replace('%', '%%').replace('\0', '%s')
