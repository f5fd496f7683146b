"""Permutations are bijections, and as good as random."""

import itertools

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest

from ul2_flan.tasks.permutation import permute


@given(size=st.integers(1, 3000), seed=st.integers(0, 5))
def test_every_number_has_a_place_of_its_own(size, seed):
  places = permute(np.arange(size), size, seed=seed, purpose='test')
  assert sorted(places.tolist()) == list(range(size))


@given(size=st.integers(1, 2**61), data=st.data())
def test_a_number_goes_to_the_same_place_alone_and_among_others(size, data):
  numbers = data.draw(st.lists(st.integers(0, size - 1), max_size=20))
  array = np.array(numbers, np.int64)
  places = permute(array, size, seed=1, purpose='test').tolist()
  assert all(0 <= x < size for x in places)
  assert len(set(places)) == len(set(numbers))
  for number, place in zip(numbers, places, strict=True):
    alone = permute(np.array([number]), size, seed=1, purpose='test')
    assert alone.tolist() == [place]


@pytest.mark.parametrize('size', [3, 4])
def test_all_permutations_are_equally_likely(size):
  # 24 of four numbers, 6 of three: 500 draws of each are expected.
  orders = list(itertools.permutations(range(size)))
  counts = dict.fromkeys(orders, 0)
  for i in range(500 * len(orders)):
    places = permute(np.arange(size), size, seed=0, purpose=f'test {i}')
    counts[tuple(places.tolist())] += 1
  chi_square = sum((n - 500) ** 2 / 500 for n in counts.values())
  # The 0.999 quantiles for 5 and 23 degrees of freedom.
  assert chi_square < {3: 20.5, 4: 49.7}[size]


def test_neighbours_are_scattered():
  size = 100_000
  places = permute(np.arange(size), size, seed=0, purpose='test')
  steps = np.abs(np.diff(places))
  # Two random places are a third of the range apart.
  assert abs(steps.mean() / size - 1 / 3) < 0.01
  assert abs(np.corrcoef(np.arange(size), places)[0, 1]) < 0.02


def test_seeds_and_purposes_have_permutations_of_their_own():
  orders = {
    tuple(permute(np.arange(50), 50, seed=seed, purpose=purpose).tolist())
    for seed in range(3)
    for purpose in ('a', 'b')
  }
  assert len(orders) == 6
