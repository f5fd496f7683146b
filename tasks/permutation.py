"""Permutations of a range that are computed for any number alone.

A mixture's order is a permutation of all its examples, of which no worker may
hold more than its own. A Feistel network on the smallest even number of bits
that the range fits into is a bijection; a number that leaves the range goes
through it again until it is back (Black and Rogaway 2002, cycle walking), which
takes fewer than four rounds on average.
"""

from __future__ import annotations

import numpy as np

from ul2_flan.tasks import seeding
from ul2_flan.tasks.ragged import Int64s, UInt64s

# Luby and Rackoff show that four suffice for random round functions.
_ROUNDS = 6


def permute(numbers: Int64s, size: int, *, seed: int, purpose: str) -> Int64s:
  """Where a permutation of {0, ..., size - 1} takes some of its numbers.

  Args:
    numbers: int64 [n], each within [0, size).
    size: of the range, below 2**62.
    seed: the run's.
    purpose: what is permuted; other purposes have other permutations.

  Returns:
    int64 [n].

  >>> order = permute(np.arange(5), 5, seed=0, purpose='example')
  >>> sorted(order.tolist())
  [0, 1, 2, 3, 4]
  """
  half = max(1, -(-(max(size, 2) - 1).bit_length() // 2))
  start = seeding.stream(seed, purpose, np.arange(_ROUNDS, dtype=np.uint64))
  found = numbers.astype(np.uint64)
  astray = np.arange(len(found))
  while len(astray):
    found[astray] = _feistel(found[astray], half, start)
    astray = astray[found[astray] >= np.uint64(size)]
  return found.astype(np.int64)


def _feistel(numbers: UInt64s, half: int, starts: UInt64s) -> UInt64s:
  """A bijection of numbers of `2 * half` bits."""
  shift = np.uint64(half)
  mask = np.uint64((1 << half) - 1)
  left, right = numbers >> shift, numbers & mask
  for start in starts:
    mixed = seeding.draw(right ^ start, 0) & mask
    left, right = right, left ^ mixed
  return (left << shift) | right
