"""The characters of texts, in the form in which texts are compared.

Small letters, digits and marks count; white space separates words; whatever
else there is, such as punctuation, is as if it were not there. That is GPT-3's
form (arXiv 2005.14165, appendix C), in the letters of any script: Unicode's
NFKC comes first, so that full-width and combined letters are the same.
"""

from collections.abc import Sequence
import dataclasses
import functools
import unicodedata

import numpy as np

from ul2_flan.tasks.ragged import Bytes, Int64s, offsets_of

# What stands for white space; 0 stands for what does not count.
SPACE = 1

# Beyond the last of these there are no letters.
_END = 0x32400

# Characters of scripts without white space between words.
WORDS, EAST_ASIAN, SOUTH_EAST_ASIAN = range(3)
_RANGES = {
  # Han with its radicals, kana, bopomofo.
  EAST_ASIAN: (
    (0x2E80, 0x2FE0), (0x3005, 0x3008), (0x3021, 0x302A), (0x3031, 0x3036),
    (0x3040, 0x3130), (0x31A0, 0x31C0), (0x31F0, 0x3200), (0x3400, 0x4DC0),
    (0x4E00, 0xA000), (0xF900, 0xFB00), (0x20000, _END),
  ),
  # Thai, Lao and Tibetan; Burmese; Khmer; Tai Le to Khmer symbols; Tai Tham.
  SOUTH_EAST_ASIAN: (
    (0x0E00, 0x1000), (0x1000, 0x10A0), (0x1780, 0x1800), (0x1950, 0x1A00),
    (0x1A20, 0x1AB0),
  ),
}  # fmt: skip


@dataclasses.dataclass(frozen=True, slots=True)
class Characters:
  """The characters of n texts.

  Attributes:
    values: uint32 [total], code points of letters and digits, or `SPACE`, which
      ends each text.
    offsets: int64 [n + 1], where each text begins.
  """

  values: np.typing.NDArray[np.uint32]
  offsets: Int64s


@functools.cache
def table() -> np.typing.NDArray[np.uint32]:
  """Returns the form of each code point: uint32 [0x110000]."""
  form = np.zeros(0x110000, np.uint32)
  for point in range(_END):
    character = chr(point)
    if character.isspace():
      form[point] = SPACE
    elif unicodedata.category(character)[0] in 'LMN':
      form[point] = ord(_small(character))
  return form


def _small(character: str) -> str:
  """Returns a letter as it is whether the text is in capitals or not.

  Capitals do not tell apart a final sigma, or a Turkish i without its dot.

  >>> [_small(c) for c in 'AςΣıİ中']
  ['a', 'σ', 'σ', 'i', 'i', '中']
  """
  capital = character.upper()
  return (capital if len(capital) == 1 else character).lower()[0]


@functools.cache
def scripts() -> Bytes:
  """Returns the script of each code point: uint8 [0x110000]."""
  found = np.zeros(0x110000, np.uint8)
  for script, ranges in _RANGES.items():
    for start, stop in ranges:
      found[start:stop] = script
  return found


def characters_of(texts: Sequence[str]) -> Characters:
  r"""Returns the characters of texts.

  >>> made = characters_of(['“Ｏh”,\nＮo!', ''])
  >>> made.values.tolist() == [*map(ord, 'oh'), SPACE, *map(ord, 'no'), 1, 1]
  True
  >>> made.offsets.tolist()
  [0, 6, 7]
  """
  # The form of ASCII is ASCII, and most text is. In capitals, ß is SS.
  texts = [
    text
    if text.isascii()
    else unicodedata.normalize('NFKC', text).replace('ß', 'ss')
    for text in texts
  ]
  # Half of a surrogate pair may come from JSON.
  data = '\n'.join([*texts, '']).encode('utf-32-le', 'surrogatepass')
  starts = offsets_of(np.array([len(text) + 1 for text in texts], np.int64))
  return kept(table()[np.frombuffer(data, np.uint32)], starts)


def kept(form: np.typing.NDArray[np.uint32], starts: Int64s) -> Characters:
  """Leaves out what does not count.

  Args:
    form: uint32 [m], the forms of all characters of n texts.
    starts: int64 [n + 1], where each text begins; none is empty.
  """
  counts = form != 0
  if not len(form):
    return Characters(form, starts)
  lengths = np.add.reduceat(counts, starts[:-1], dtype=np.int64)
  return Characters(form[counts], offsets_of(lengths))
