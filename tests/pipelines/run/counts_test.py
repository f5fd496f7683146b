"""Counts add up in any order of the items, and belong to their owners."""

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest

from ul2_flan.pipelines.run import Counts
from ul2_flan.pipelines.run.counts import Numbers

NAMES = st.sampled_from(['a', 'a/b', 'a/b/c', 'ab', 'documents/read', 'é'])
NUMBERS = st.dictionaries(NAMES, st.integers(1, 2**60))


@st.composite
def counts_of_any(draw: st.DrawFn) -> Counts:
  counts = Counts()
  for name, n in draw(NUMBERS).items():
    counts.add(name, n)
  for name, n in draw(NUMBERS).items():
    counts.see(name, n)
  return counts


COUNTS = counts_of_any()


def names(numbers: Numbers) -> set[str]:
  return {f'{o}/{w}' if w else o for o, own in numbers.items() for w in own}


@given(counts=st.lists(COUNTS, max_size=5))
def test_the_total_is_the_same_in_any_order(counts: list[Counts]):
  total, backwards = Counts(), Counts()
  for own in counts:
    total.merge(own)
  for own in reversed(counts):
    backwards.merge(own)
  assert total == backwards
  for name in set().union(*(names(c.sums) for c in counts)):
    assert total[name] == sum(c[name] for c in counts)
  for name in set().union(*(names(c.maxima) for c in counts)):
    owner, _, what = name.partition('/')
    assert total.maxima[owner][what] == max(
      c.maxima.get(owner, {}).get(what, 0) for c in counts
    )


def test_zero_has_no_name():
  counts = Counts()
  counts.add('a', 0)
  assert counts.sums == {}
  assert counts['a'] == 0


def test_maxima_never_fall():
  counts = Counts()
  for value in (3, 7, 5):
    counts.see('text/longest', value)
  assert counts.maxima == {'text': {'longest': 7}}


@pytest.mark.parametrize(
  ('prefix', 'found'),
  [
    ('documents', {'dropped/empty': 1, 'read': 2}),
    ('documents/dropped', {'empty': 1}),
    ('doc', {}),
    ('documents/read', {}),
  ],
)
def test_below_is_by_whole_parts_of_the_path(prefix: str, found):
  counts = Counts({'documents': {'read': 2, 'dropped/empty': 1}})
  assert counts.below(prefix) == found


@given(counts=COUNTS, owners=st.sets(st.sampled_from(['a', 'ab', 'é', 'none'])))
def test_taken_counts_and_the_rest_are_all_there_was(counts, owners):
  before = Counts()
  before.merge(counts)
  taken = counts.take(owners)
  assert taken.sums.keys() | taken.maxima.keys() <= owners
  assert not owners & (counts.sums.keys() | counts.maxima.keys())
  taken.merge(counts)
  assert taken == before


def test_sums_are_numbers_that_json_takes():
  counts = Counts()
  counts.add('a/n', np.int64(3))
  counts.see('a/m', np.int64(4))
  numbers = (counts['a/n'], counts.maxima['a']['m'])
  assert numbers == (3, 4)
  assert {type(n) for n in numbers} == {int}
