"""Many token sequences as one flat array, and the array types of `tasks`.

A list of arrays costs a Python object for each sequence and a NumPy call for
each operation on it. One flat array with offsets costs neither: a few dozen
calls denoise a block of a thousand documents.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
import dataclasses
import itertools

import numpy as np
import numpy.typing as npt

Int32s = npt.NDArray[np.int32]
Int64s = npt.NDArray[np.int64]
UInt64s = npt.NDArray[np.uint64]
Bytes = npt.NDArray[np.uint8]
Bools = npt.NDArray[np.bool_]


@dataclasses.dataclass(frozen=True, slots=True)
class Ragged:
  """`n` sequences of token ids.

  Sequence `i` is `values[offsets[i]:offsets[i + 1]]`.

  Attributes:
    values: int32 [total tokens].
    offsets: int64 [n + 1], ascending, from 0 to the number of tokens.

  >>> r = Ragged.of([[5, 6, 7], [], [8]])
  >>> len(r), r.lengths.tolist(), r[0].tolist()
  (3, [3, 0, 1], [5, 6, 7])
  >>> [s.tolist() for s in r.slice(1, 3)]
  [[], [8]]
  """

  values: Int32s
  offsets: Int64s

  @classmethod
  def of(cls, sequences: Sequence[Sequence[int] | Int32s]) -> Ragged:
    """Packs separate sequences (lists or arrays) into one flat array."""
    arrays = [np.asarray(s, np.int32) for s in sequences]
    values = np.concatenate(arrays) if arrays else np.zeros(0, np.int32)
    return cls(values, offsets_of(np.array([len(a) for a in arrays], np.int64)))

  @property
  def lengths(self) -> Int64s:
    """Tokens in each sequence: int64 [n]."""
    return self.offsets[1:] - self.offsets[:-1]

  def slice(self, start: int, stop: int) -> Ragged:
    """Returns the sequences `start <= i < stop`, without copying values."""
    first, last = self.offsets[start], self.offsets[stop]
    return Ragged(
      self.values[first:last], self.offsets[start : stop + 1] - first
    )

  def take(self, indices: Int64s) -> Ragged:
    """Returns the sequences with these indices, in this order.

    Args:
      indices: int64 [m]; an index may come more than once.

    >>> taken = Ragged.of([[5, 6], [], [8]]).take(np.array([2, 0]))
    >>> [s.tolist() for s in taken]
    [[8], [5, 6]]
    """
    offsets = offsets_of(self.lengths[indices])
    starts = np.repeat(self.offsets[indices], np.diff(offsets))
    return Ragged(self.values[starts + position_in(offsets)], offsets)

  def __len__(self) -> int:
    return len(self.offsets) - 1

  def __getitem__(self, index: int) -> Int32s:
    return self.values[self.offsets[index] : self.offsets[index + 1]]

  def __iter__(self) -> Iterator[Int32s]:
    for start, stop in itertools.pairwise(self.offsets.tolist()):
      yield self.values[start:stop]


def offsets_of(lengths: npt.NDArray[np.integer]) -> Int64s:
  """Returns the offsets of sequences with these lengths: int64 [n + 1].

  >>> offsets_of(np.array([3, 0, 1])).tolist()
  [0, 3, 3, 4]
  """
  offsets = np.zeros(len(lengths) + 1, np.int64)
  lengths.cumsum(out=offsets[1:])
  return offsets


def position_in(offsets: Int64s) -> Int64s:
  """Returns each value's position inside its own sequence: int64 [total].

  >>> position_in(np.array([0, 3, 3, 5])).tolist()
  [0, 1, 2, 0, 1]
  """
  return np.arange(offsets[-1]) - np.repeat(offsets[:-1], np.diff(offsets))
