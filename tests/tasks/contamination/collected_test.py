"""Which grams of a suite's texts are looked for."""

import dataclasses

import numpy as np
import pytest

from ul2_flan.tasks.contamination import RULES, collected
from ul2_flan.tasks.contamination.characters import EAST_ASIAN, WORDS
from ul2_flan.tasks.contamination.collected import (
  MOST_TEXTS,
  Collected,
  lengths_of,
)


def numbered(*texts: str, task: list[int] | None = None):
  made = Collected(RULES['13gram'])
  made.add(0, texts)
  return made.numbered(np.array(task or [0] * len(texts), np.int64))


def words(first: int, count: int) -> str:
  return ' '.join(f'w{i}' for i in range(first, first + count))


def test_a_text_has_all_grams_in_a_row():
  count, scripts, (gram, text) = numbered(words(0, 15), words(100, 13))
  assert count == 4
  pairs = zip(gram.tolist(), text.tolist(), strict=True)
  assert sorted(pairs) == [(0, 0), (1, 0), (2, 0), (3, 1)]
  assert sorted(scripts[WORDS].numbers.tolist()) == [0, 1, 2, 3]


def test_a_short_text_is_one_gram_and_a_shorter_one_none():
  count, scripts, (_, text) = numbered(words(0, 12), words(50, 8), words(0, 7))
  assert count == 2
  assert sorted(text.tolist()) == [0, 1]
  assert sorted(scripts[WORDS].short_lengths.tolist()) == [8, 12]


def test_how_a_task_asks_is_of_no_text():
  asked = [f'{words(0, 13)} x{i}' for i in range(MOST_TEXTS + 1)]
  count, _, (_, text) = numbered(*asked)
  assert count == MOST_TEXTS + 1
  assert sorted(text.tolist()) == [*range(MOST_TEXTS + 1)]
  # Of as many tasks, it is a gram of each.
  count, _, (_, text) = numbered(*asked, task=[*range(MOST_TEXTS + 1)])
  assert count == MOST_TEXTS + 2
  assert len(text) == 2 * (MOST_TEXTS + 1)


def test_two_characters_stand_for_a_word():
  assert lengths_of(RULES['13gram'], EAST_ASIAN) == (26, 16)
  text = ''.join(chr(0x4E00 + i) for i in range(27))
  count, scripts, _ = numbered(text)
  assert count == 2
  assert scripts[EAST_ASIAN].length == 26


def test_no_text_has_no_gram():
  count, _, (gram, _) = numbered('')
  assert count == len(gram) == 0


@pytest.mark.parametrize('bits', [0, 9])
def test_ranges_of_hashes_do_not_matter(monkeypatch, bits: int):
  """Of texts of two scripts, of all lengths, some of them alike."""
  rng = np.random.default_rng(0)
  texts = [
    ' '.join(f'w{n}' for n in rng.integers(0, 3, rng.integers(0, 30)))
    for _ in range(60)
  ]
  texts[30:30] = [''.join(chr(0x4E00 + n) for n in rng.integers(0, 2, 40))]
  task = [i // 20 for i in range(61)]
  count, scripts, pairs = numbered(*texts, task=task)
  monkeypatch.setattr(collected, '_RANGE_BITS', bits)
  again, of_scripts, same = numbered(*texts, task=task)
  assert count == again > 100
  np.testing.assert_equal(same, pairs)
  for script, grams in scripts.items():
    np.testing.assert_equal(
      dataclasses.astuple(of_scripts[script]), dataclasses.astuple(grams)
    )
    hashes = grams.table.hashes.tolist()
    assert hashes == sorted({*hashes})
