"""Hashes of grams depend on their units and the order of these alone."""

from hypothesis import given
from hypothesis import strategies as st
import numpy as np

from ul2_flan.tasks.contamination.grams import GramTable, hashes_of

units = st.lists(st.integers(0, 3), max_size=30)


@given(units, st.integers(1, 5))
def test_equal_grams_have_equal_hashes(values: list[int], length: int):
  made = hashes_of(np.array(values, np.uint64), length).tolist()
  grams = [
    tuple(values[i : i + length]) for i in range(len(values) + 1 - length)
  ]
  assert len(made) == max(len(grams), 0)
  by_gram = dict(zip(grams, made, strict=True))
  assert [by_gram[gram] for gram in grams] == made
  assert len({*by_gram.values()}) == len(by_gram)


@given(st.sets(st.integers(0, 2**64 - 1)), st.sets(st.integers(0, 2**64 - 1)))
def test_a_table_finds_what_is_in_it(known: set[int], others: set[int]):
  table = GramTable.of(np.array(sorted(known), np.uint64))
  given_ = np.array([*known, *others], np.uint64)
  at, place = table.find(given_)
  assert {*given_[at].tolist()} == known
  assert np.array_equal(table.hashes[place], given_[at])
