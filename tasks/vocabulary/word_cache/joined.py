"""Many short strings in one buffer, as the lattice takes them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
import dataclasses

import numpy as np

from ul2_flan.tasks.ragged import Bools, Bytes, Int64s, offsets_of


@dataclasses.dataclass(frozen=True, slots=True)
class Joined:
  r"""n strings, each with a zero byte behind it.

  A place is an index into them all, and a string ends at the place of its zero
  byte.

  Attributes:
    flat: uint8, their bytes, none of which is zero, and the zero bytes.
    sizes: int64 [n], the size of each, without its zero byte.
    begins: int64 [n], the place where each begins.

  >>> joined = Joined.of([b'ab', b'', b'c'])
  >>> bytes(joined.flat), joined.begins.tolist(), joined[2]
  (b'ab\x00\x00c\x00', [0, 3, 4], b'c')
  >>> joined.chosen(np.array([True, False, True])).begins.tolist()
  [0, 3]
  """

  flat: Bytes
  sizes: Int64s
  begins: Int64s

  @classmethod
  def of(cls, strings: Sequence[bytes]) -> Joined:
    """Joins strings."""
    flat = np.frombuffer(b'\0'.join([*strings, b'']), np.uint8)
    return cls.of_sizes(flat, np.fromiter(map(len, strings), np.int64))

  @classmethod
  def concatenated(cls, parts: Sequence[Joined]) -> Joined:
    """Returns the strings of all parts."""
    none = cls.of([])
    return cls.of_sizes(
      np.concatenate([none.flat, *(part.flat for part in parts)]),
      np.concatenate([none.sizes, *(part.sizes for part in parts)]),
    )

  @classmethod
  def of_sizes(cls, flat: Bytes, sizes: Int64s) -> Joined:
    """Returns the strings of a buffer; see the attributes."""
    return cls(flat, sizes, offsets_of(sizes + 1)[:-1])

  def __len__(self) -> int:
    return len(self.sizes)

  def __iter__(self) -> Iterator[bytes]:
    data = self.flat.tobytes()
    ends = self.begins + self.sizes
    for begin, end in zip(self.begins.tolist(), ends.tolist(), strict=True):
      yield data[begin:end]

  def __getitem__(self, i: int) -> bytes:
    begin = int(self.begins[i])
    return self.flat[begin : begin + int(self.sizes[i])].tobytes()

  def all_of(self, allowed: bytes) -> Bools:
    """Tells which strings have only bytes that are allowed: bool [n]."""
    is_allowed = np.zeros(256, np.bool_)
    is_allowed[[0, *allowed]] = True
    if not len(self):
      return np.zeros(0, np.bool_)
    return np.logical_and.reduceat(is_allowed.take(self.flat), self.begins)

  def chosen(self, which: Bools) -> Joined:
    """Returns some of the strings.

    Args:
      which: bool [n].
    """
    if which.all():
      return self
    flat = self.flat[np.repeat(which, self.sizes + 1)]
    return Joined.of_sizes(flat, self.sizes[which])
