"""Large arrays, made and sorted without a second copy of them."""

from typing import Any

import numpy as np

from ul2_flan.tasks.ragged import Int32s


class Growing:
  """An array that grows in place, so that it is never there twice.

  >>> made = Growing(np.int32)
  >>> made.add(np.array([3, 1]))
  >>> made.add(np.array([2]))
  >>> len(made), made.taken().tolist()
  (3, [3, 1, 2])
  """

  def __init__(self, dtype: np.typing.DTypeLike):
    """Begins with no value."""
    self._values = np.zeros(0, dtype)
    self._size = 0

  def __len__(self) -> int:
    """Counts the values."""
    return self._size

  def add(self, values: np.typing.NDArray[Any]) -> None:
    """Appends values, [n]."""
    start, self._size = self._size, self._size + len(values)
    if self._size > len(self._values):
      # The system moves a large array without a copy of it. More room at a time
      # would cost memory, since what is new is set to 0.
      self._values.resize(self._size + self._size // 8, refcheck=False)
    self._values[start : self._size] = values

  def taken(self) -> np.typing.NDArray[Any]:
    """Returns all values, and begins again."""
    values, self._values = self._values, np.zeros(0, self._values.dtype)
    size, self._size = self._size, 0
    return values[:size]


def sorted_by(values: Int32s, keys: Int32s) -> Int32s:
  """Sorts values by their keys, and those of one key by themselves.

  >>> sorted_by(np.array([9, 4, 7], np.int32), np.array([1, 1, 0], np.int32))
  array([7, 4, 9], dtype=int32)

  Args:
    values: int32 [n], none negative.
    keys: int32 [n], none negative.
  """
  both = keys.astype(np.int64)
  both <<= 32
  both |= values
  both.sort()
  return both.astype(np.int32)  # the lower half
