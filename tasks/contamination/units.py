"""Words of texts as numbers; characters where a script separates no words.

A word of Chinese, Japanese or Thai text cannot be told without a dictionary. So
a text that is mostly in such a script is compared character by character, with
so many characters for each word of a rule as a word of the script has about.
"""

import dataclasses

import numpy as np

from ul2_flan.tasks.contamination.characters import (
  EAST_ASIAN,
  SOUTH_EAST_ASIAN,
  SPACE,
  WORDS,
  Characters,
  scripts,
)
from ul2_flan.tasks.ragged import Int64s, UInt64s, offsets_of, position_in
from ul2_flan.tasks.seeding import mix

# How many units stand for a word of a rule.
UNITS_PER_WORD = {WORDS: 1, EAST_ASIAN: 2, SOUTH_EAST_ASIAN: 4}

# Characters of longer words, such as links, count alike at the end.
_LONGEST = 256

# An odd number, whose powers a word's characters are multiplied with.
_BASE = np.uint64(0x9FB21C651E98DF25)
_POWERS = np.multiply.accumulate(np.full(_LONGEST, _BASE))


@dataclasses.dataclass(frozen=True, slots=True)
class Units:
  """The words, or characters, of texts, one after the other.

  Attributes:
    hashes: uint64 [m], one for each unit.
    text: int64 [m], the text that each is of; it never falls.
  """

  hashes: UInt64s
  text: Int64s


def words_of(characters: Characters) -> Units:
  """Hashes each word of n texts.

  >>> from ul2_flan.tasks.contamination.characters import characters_of
  >>> words = words_of(characters_of(['No, no', 'yes']))
  >>> words.text.tolist(), len({*words.hashes.tolist()})
  ([0, 0, 1], 2)
  """
  values = characters.values
  letter = values != SPACE
  # Each text ends with white space.
  ends = np.flatnonzero(letter[:-1] & ~letter[1:]) + 1
  starts = np.flatnonzero(letter[1:] & ~letter[:-1]) + 1
  if len(letter) and letter[0]:
    starts = np.concatenate([np.zeros(1, np.int64), starts])
  if not len(ends):
    return Units(np.zeros(0, np.uint64), np.zeros(0, np.int64))
  offsets = offsets_of(ends - starts)
  place = np.minimum(position_in(offsets), _LONGEST - 1)
  weighed = values[letter].astype(np.uint64) * _POWERS[place]
  hashes = mix(np.add.reduceat(weighed, offsets[:-1]))
  return Units(hashes, np.searchsorted(characters.offsets, starts, 'right') - 1)


def counts_of_scripts(characters: Characters) -> dict[int, Int64s]:
  """Counts the letters of each script without words, where there are any.

  Returns:
    int64 [n] for each such script.
  """
  of = scripts()[characters.values]
  return {
    script: np.add.reduceat(is_of, characters.offsets[:-1], dtype=np.int64)
    for script in (EAST_ASIAN, SOUTH_EAST_ASIAN)
    if of.any() and (is_of := of == script).any()
  }


def by_main_script(characters: Characters) -> dict[int, Units]:
  """Divides texts by the script that most of their letters are of."""
  letters = np.add.reduceat(
    characters.values != SPACE, characters.offsets[:-1], dtype=np.int64
  )
  made = {}
  of_words = np.ones(len(letters), np.bool_)
  for script, count in counts_of_scripts(characters).items():
    chosen = 2 * count > letters
    of_words &= ~chosen
    if chosen.any():
      made[script] = characters_as_units(characters, chosen)
  words = words_of(characters)
  wanted = of_words[words.text]
  return {WORDS: Units(words.hashes[wanted], words.text[wanted]), **made}


def characters_as_units(
  characters: Characters, chosen: np.typing.NDArray[np.bool_]
) -> Units:
  """Hashes each character of the texts that are chosen, bool [n]."""
  lengths = np.diff(characters.offsets)
  wanted = np.repeat(chosen, lengths) & (characters.values != SPACE)
  text = np.repeat(np.arange(len(lengths)), lengths)[wanted]
  return Units(mix(characters.values[wanted].astype(np.uint64)), text)
