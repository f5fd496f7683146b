"""Permutations of a range, computed for each number alone.

A mixture's order is a permutation of all its examples. No worker may hold it
whole, so each computes the places of its own examples. The permutation is a
Feistel network: with the number's 2h bits as two halves L and R, round i maps

    (L, R) -> (R, L xor F_i(R)),   F_i(R) = draw(s_i xor R) mod 2**h

which is a bijection whatever F_i is, since (R, L) can be told from the result.
The s_i come from the seed and the purpose (`seeding.stream`). h is the least
with 2**(2h) >= size. A number that leaves the range goes through the network
again until it is back (Black and Rogaway 2002, cycle walking): the result is a
bijection of the range, and takes four passes on average at most, as the range
is more than a quarter of 2**(2h).
"""

import numpy as np

from ul2_flan.tasks import seeding
from ul2_flan.tasks.ragged import Int64s, UInt64s

# Luby and Rackoff (1988) show that four rounds suffice if the round functions
# are random; two more are for ours being only pseudo-random.
_ROUNDS = 6


def permute(numbers: Int64s, size: int, *, seed: int, purpose: str) -> Int64s:
  """Applies a pseudo-random permutation of {0, ..., size - 1} to numbers.

  Args:
    numbers: int64 [n], each within [0, size).
    size: of the range, below 2**62.
    seed: the run's.
    purpose: what is permuted; other purposes have other permutations.

  Returns:
    int64 [n], within [0, size): where each number goes, whatever others are
    asked for with it.

  >>> order = permute(np.arange(5), 5, seed=0, purpose='example')
  >>> sorted(order.tolist())
  [0, 1, 2, 3, 4]
  >>> permute(np.array([3]), 5, seed=0, purpose='example') == order[3]
  array([ True])
  """
  half = max(1, -(-(max(size, 2) - 1).bit_length() // 2))
  starts = seeding.stream(seed, purpose, np.arange(_ROUNDS, dtype=np.uint64))
  places = numbers.astype(np.uint64)
  outside = np.arange(len(places))
  while len(outside):
    places[outside] = _feistel(places[outside], half, starts)
    outside = outside[places[outside] >= np.uint64(size)]
  return places.astype(np.int64)


def _feistel(numbers: UInt64s, half: int, starts: UInt64s) -> UInt64s:
  """Sends numbers of `2 * half` bits through one round for each start."""
  shift = np.uint64(half)
  mask = np.uint64((1 << half) - 1)
  left, right = numbers >> shift, numbers & mask
  for start in starts:
    mixed = seeding.draw(right ^ start, 0) & mask
    left, right = right, left ^ mixed
  return (left << shift) | right
