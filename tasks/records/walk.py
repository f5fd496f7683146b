"""Walks a block of examples in step, to find where their features lie.

Since the features of all examples are the same, so are the tags at each step.
Only lengths differ, and `_Cursor.at` holds one place in each example.
"""

from collections.abc import Mapping

import numpy as np

from ul2_flan.tasks.ragged import Bools, Bytes, Int64s
from ul2_flan.tasks.records.varints import varint


def payloads(
  joined: bytes,
  starts: Int64s,
  stops: Int64s,
  features: Mapping[str, bool],
  *,
  texts: bool = False,
) -> tuple[dict[str, tuple[Int64s, Int64s]], Bools]:
  """Finds the packed lists of token ids of each example, and texts if wanted.

  The fields come in the order of `examples._entry_heads`, from outside in.

  Args:
    joined: n examples and eight zeros at least, see `blocks`.
    starts: int64 [n], where each example begins.
    stops: int64 [n], where it ends.
    features: the names of all features, sorted, and whether each holds token
      ids.
    texts: whether to find the others too, which hold one byte string each.

  Returns:
    where they begin and end: int64 [n] each, for each such feature; and bool
    [n], false for the examples that are not as `encode_examples` writes them.
  """
  cursor = _Cursor(joined, starts)
  found = {}
  cursor.expect(b'\x0a')
  cursor.good &= cursor.varint() == stops - cursor.at
  for name, is_tokens in features.items():
    key = name.encode()
    cursor.expect(b'\x0a')
    entry = cursor.varint()
    end = cursor.at + entry
    cursor.expect(b'\x0a' + varint(len(key)) + key + b'\x12')
    cursor.good &= cursor.varint() == end - cursor.at
    if is_tokens:
      cursor.list_of_ids(end)
      found[name] = cursor.at, end
    elif texts:
      cursor.text(end)
      found[name] = cursor.at, end
    cursor.at = end
  cursor.good &= cursor.at == stops
  return found, cursor.good


class _Cursor:
  """One place in each of n examples, all moved on together.

  Attributes:
    at: int64 [n], the places, as indices of the data. In damaged examples they
      may lie behind its end.
    good: bool [n], false for the examples that were not as expected.
  """

  def __init__(self, joined: bytes, at: Int64s):
    self._data = np.frombuffer(joined, np.uint8)
    # The eight bytes at each place of the data.
    self._words = np.ndarray(len(joined) - 7, '<u8', joined, strides=(1,))
    # From here on there are zeros; the longest varint that is read has five.
    self._end = len(joined) - 8
    self.at = at
    self.good = np.ones(len(at), np.bool_)

  def bytes_here(self) -> Bytes:
    """Returns the byte at each place: uint8 [n]."""
    return self._data[np.minimum(self.at, self._end)]

  def expect(self, text: bytes) -> None:
    """Moves over some bytes, which all examples must have here."""
    for start in range(0, len(text), 8):
      part = text[start : start + 8]
      word = self._words[np.minimum(self.at, self._end)]
      unused = np.uint64(64 - 8 * len(part))
      wanted = np.uint64(int.from_bytes(part, 'little')) << unused
      self.good &= word << unused == wanted
      self.at = self.at + len(part)

  def varint(self) -> Int64s:
    """Moves over a varint; returns its value in each example."""
    value, self.at = _varints_at(self._data, np.minimum(self.at, self._end))
    return value

  def text(self, end: Int64s) -> None:
    """Moves over what stands before the one byte string of a feature.

    Args:
      end: int64 [n], where the feature ends.
    """
    for tag in (b'\x0a', b'\x0a'):  # the list of byte strings, and its value
      self.expect(tag)
      size = self.varint()
      self.good &= size == end - self.at

  def list_of_ids(self, end: Int64s) -> None:
    """Moves over what stands before the packed ids of a feature.

    Args:
      end: int64 [n], where the feature ends.
    """
    self.expect(b'\x1a')
    size = self.varint()
    self.good &= size == end - self.at
    # An empty list has no field for its values; that is rare.
    filled = size > 0
    before = self.at
    if filled.all():
      self.expect(b'\x0a')
    else:
      self.good &= ~filled | (self.bytes_here() == 0x0A)
      self.at = before + filled
    values = self.varint()
    self.at = np.where(filled, self.at, before)
    self.good &= ~filled | (values == end - self.at)
    # The last varint is whole.
    last = self._data[np.minimum(end - 1, self._end)]
    self.good &= ~filled | (last < 0x80)


def _varints_at(data: Bytes, at: Int64s) -> tuple[Int64s, Int64s]:
  """Reads the varints at some places; returns also where each ends."""
  byte = data[at]
  value = (byte & 0x7F).astype(np.int64)
  at = at + 1
  more = byte >= 0x80
  # Lengths stay below 2**35; a longer varint is damage, which shows later.
  for shift in (7, 14, 21, 28):
    if not more.any():
      break
    byte = np.where(more, data[np.minimum(at, len(data) - 1)], 0)
    value |= (byte & 0x7F).astype(np.int64) << shift
    at += more
    more = byte >= 0x80
  return value, at
