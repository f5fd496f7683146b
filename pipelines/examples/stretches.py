"""Divides token ids into stretches of text, sentinels and other marks."""

from collections.abc import Iterator, Sequence
import dataclasses
import itertools
from typing import Any

from ul2_flan.tasks.vocabulary import Vocabulary


@dataclasses.dataclass(frozen=True, slots=True)
class Stretch:
  """Some tokens that follow one another.

  Attributes:
    text: what they say; '' for a sentinel.
    kind: 'text'; 'sentinel'; 'masked', text that the model is to write; 'mode',
      the mode token; 'unknown'; 'eos'; 'ids', where there is no vocabulary.
    number: of a sentinel, or of the one that stands for what is masked; -1 for
      none.
  """

  text: str
  kind: str = 'text'
  number: int = -1


def divide(
  ids: Sequence[int] | Any,
  vocabulary: Vocabulary | None,
  mode_length: int = 0,
  kind: str = 'text',
) -> Iterator[Stretch]:
  """Divides ids into stretches.

  Args:
    ids: token ids.
    vocabulary: spells them; without it, a stretch of ids says their numbers.
    mode_length: how many ids of the mode token come first.
    kind: of plain text. Unknown tokens are told apart if it is 'text'.
  """
  ids = list(map(int, ids))
  if vocabulary is None:
    yield Stretch(' '.join(map(str, ids)), 'ids')
    return
  if mode_length:
    yield Stretch(vocabulary.spell(ids[:mode_length]).strip(), 'mode')
  sentinels = vocabulary.sentinels
  named = {vocabulary.eos_id: 'eos'}
  if kind == 'text':
    named[vocabulary.unk_id] = 'unknown'

  def mark(i: int) -> tuple[str, int]:
    place = (i - sentinels.first) * sentinels.step
    if 0 <= place < sentinels.count:
      return 'sentinel', place
    return named.get(i, kind), -1

  for (what, number), run in itertools.groupby(ids[mode_length:], mark):
    text = '' if what == 'sentinel' else vocabulary.spell(list(run))
    yield Stretch(text, what, number)
