"""Reads many serialised examples at once: a dozen NumPy calls a feature.

Reads only what `encode_examples` writes, where all examples have the same
features, sorted by name. `decode_example` reads any example, one by one and a
hundred times as slowly.

All examples of a block are walked in step. Since their features are the same,
so are the tags at each step; only lengths differ, and `at` holds one place in
each example.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from ul2_flan.tasks.ragged import Bytes, Int64s, offsets_of
from ul2_flan.tasks.records.examples import Column
from ul2_flan.tasks.records.frames import (
  FRAME_HEAD,
  FRAME_TAIL,
  CorruptRecordError,
)
from ul2_flan.tasks.records.varints import Varints


def token_varints(
  examples: Sequence[bytes],
  features: Mapping[str, bool],
  where: str,
  *,
  framed: bool = False,
) -> dict[str, Varints]:
  """Takes the token ids out of a block of examples.

  Args:
    examples: n of them.
    features: the names of all features, sorted, and whether each holds token
      ids.
    where: what the examples are from, for messages.
    framed: whether they are whole TFRecord frames; if so, their checksums are
      ignored.

  Returns:
    n sequences for each feature that holds token ids.

  Raises:
    CorruptRecordError: an example is not as `encode_examples` writes it.

  >>> from ul2_flan.tasks import records
  >>> from ul2_flan.tasks.ragged import Ragged
  >>> ids = Ragged.of([[5, 300], [7]])
  >>> examples = records.encode_examples({'id': [b'a', b'b'], 'inputs': ids})
  >>> features = {'id': False, 'inputs': True}
  >>> taken = token_varints(examples, features, 'x')['inputs']
  >>> [ids.tolist() for ids in taken.ragged()]
  [[5, 300], [7]]
  >>> count_tokens(examples, features, 'x')['inputs'].tolist()
  [2, 1]
  """
  joined, starts, stops = _joined(examples, framed)
  found = _payloads(joined, starts, stops, features, where)
  lengths = _counted(joined, found)
  return {
    name: Varints(_cut(joined, *bounds), lengths[name])
    for name, bounds in found.items()
  }


def decode_columns(
  examples: Sequence[bytes],
  features: Mapping[str, bool],
  where: str,
  *,
  framed: bool = False,
) -> dict[str, Column]:
  """Decodes a block of examples: the inverse of `encode_examples`.

  Args and errors are those of `token_varints`.

  Returns:
    for each feature n sequences of token ids, or n byte strings.

  >>> from ul2_flan.tasks import records
  >>> from ul2_flan.tasks.ragged import Ragged
  >>> columns = {'id': [b'a', b''], 'inputs': Ragged.of([[5, 300], [7]])}
  >>> examples = records.encode_examples(columns)
  >>> decode_columns(examples, {'id': False, 'inputs': True}, 'x')['id']
  [b'a', b'']
  """
  joined, starts, stops = _joined(examples, framed)
  found = _payloads(joined, starts, stops, features, where, texts=True)
  lengths = _counted(joined, found)
  columns: dict[str, Column] = {}
  for name, bounds in found.items():
    columns[name] = cut = _cut(joined, *bounds)
    if features[name]:
      columns[name] = Varints(cut, lengths[name]).ragged()
  return columns


def count_tokens(
  examples: Sequence[bytes],
  features: Mapping[str, bool],
  where: str,
  *,
  framed: bool = False,
) -> dict[str, Int64s]:
  """Counts the token ids of each example.

  Args and errors are those of `token_varints`.

  Returns:
    int64 [n] for each feature that holds token ids.
  """
  joined, starts, stops = _joined(examples, framed)
  return _counted(joined, _payloads(joined, starts, stops, features, where))


def _joined(
  examples: Sequence[bytes], framed: bool
) -> tuple[bytes, Int64s, Int64s]:
  """Joins all examples, and zeros; returns also where each begins and ends.

  Where a damaged example promises more than there is, zeros are read: a word of
  eight bytes at least. All is whole words.
  """
  offsets = offsets_of(np.array([len(e) for e in examples], np.int64))
  head, tail = (FRAME_HEAD, FRAME_TAIL) if framed else (0, 0)
  zeros = bytes(8 + -int(offsets[-1]) % 8)
  return b''.join([*examples, zeros]), offsets[:-1] + head, offsets[1:] - tail


def _cut(joined: bytes, starts: Int64s, stops: Int64s) -> list[bytes]:
  bounds = zip(starts.tolist(), stops.tolist(), strict=True)
  return [joined[start:stop] for start, stop in bounds]


def _counted(
  joined: bytes, found: Mapping[str, tuple[Int64s, Int64s]]
) -> dict[str, Int64s]:
  """Counts the varints of each stretch: int64 [n] for each feature.

  The highest bit is set in all bytes of a varint but its last. They are counted
  in words of eight bytes; of the word that a bound is in, the bytes before it.
  """
  words = np.frombuffer(joined, '<u8') & np.uint64(0x8080808080808080)
  before = offsets_of(np.bitwise_count(words))

  def not_last(bounds: Int64s) -> Int64s:
    word = bounds >> 3
    mask = (np.uint64(1) << (8 * (bounds & 7)).astype(np.uint64)) - np.uint64(1)
    return before[word] + np.bitwise_count(words[word] & mask)

  return {
    name: stops - starts - (not_last(stops) - not_last(starts))
    for name, (starts, stops) in found.items()
  }


class _Cursor:
  """One place in each of n examples, all moved on together.

  Attributes:
    at: int64 [n], the places, as indices of the data. In damaged examples they
      may lie behind its end.
    good: bool [n], false for the examples that were not as expected.
  """

  def __init__(self, joined: bytes, at: Int64s):
    self._data = np.frombuffer(joined, np.uint8)
    # From here on there are zeros; the longest varint that is read has five.
    self._end = len(joined) - 8
    self.at = at
    self.good = np.ones(len(at), np.bool_)

  def bytes_here(self) -> Bytes:
    """Returns the byte at each place: uint8 [n]."""
    return self._data[np.minimum(self.at, self._end)]

  def expect(self, text: bytes) -> None:
    """Moves over some bytes, which all examples must have here."""
    for byte in text:
      self.good &= self.bytes_here() == byte
      self.at = self.at + 1

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


def _payloads(
  joined: bytes,
  starts: Int64s,
  stops: Int64s,
  features: Mapping[str, bool],
  where: str,
  *,
  texts: bool = False,
) -> dict[str, tuple[Int64s, Int64s]]:
  """Finds the packed lists of token ids of each example, and texts if wanted.

  The fields come in the order of `examples._entry_head`, from outside in.

  Returns:
    where they begin and end: int64 [n] each, for each such feature.
  """
  cursor = _Cursor(joined, starts)
  payloads = {}
  cursor.expect(b'\x0a')
  cursor.good &= cursor.varint() == stops - cursor.at
  for name, is_tokens in features.items():
    key = name.encode()
    cursor.expect(b'\x0a')
    entry = cursor.varint()
    end = cursor.at + entry
    cursor.expect(b'\x0a')
    cursor.good &= cursor.varint() == len(key)
    cursor.expect(key + b'\x12')
    cursor.good &= cursor.varint() == end - cursor.at
    if is_tokens:
      cursor.list_of_ids(end)
      payloads[name] = cursor.at, end
    elif texts:
      cursor.text(end)
      payloads[name] = cursor.at, end
    cursor.at = end
  cursor.good &= cursor.at == stops
  if not cursor.good.all():
    index = int(np.flatnonzero(~cursor.good)[0])
    raise CorruptRecordError(
      f'{where}: record {index} of a block is not an example with the features '
      f'{", ".join(features)}'
    )
  return payloads


def _varints_at(data: Bytes, at: Int64s) -> tuple[Int64s, Int64s]:
  """Reads the varints at some places; returns also where each ends."""
  first = data[at]
  value = (first & 0x7F).astype(np.int64)
  at = at + 1
  more = np.flatnonzero(first >= 0x80)
  shift = 7
  # Lengths stay below 2**35; a longer varint is damage, which shows later.
  while len(more) and shift < 35:
    byte = data[np.minimum(at[more], len(data) - 1)]
    value[more] |= (byte & 0x7F).astype(np.int64) << shift
    at[more] += 1
    more = more[byte >= 0x80]
    shift += 7
  return value, at
