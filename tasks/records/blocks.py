"""Many serialised examples read at once: a dozen NumPy calls for each feature.

Only what `records.encode_examples` writes is read here: all examples have the
same features, sorted by name. `records.decode_example` reads any, one by one
and a hundred times as slowly.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ul2_flan.tasks.ragged import Bools, Int64s, Ragged, offsets_of
from ul2_flan.tasks.records import (
  FRAME_HEAD,
  FRAME_TAIL,
  Bytes,
  CorruptRecordError,
)


def decode_tokens(
  examples: Sequence[bytes],
  features: Mapping[str, bool],
  where: str,
  *,
  framed: bool = False,
) -> dict[str, Ragged]:
  """Token ids of a block of examples.

  Args:
    examples: n of them.
    features: names of all features, sorted, and whether each holds token ids.
    where: what the examples are from, for messages.
    framed: whether they are whole TFRecord frames; their checksums are not
      looked at.

  Returns:
    feature to n sequences, for those that hold token ids.

  Raises:
    CorruptRecordError: an example is not as `encode_examples` writes it.
  """
  data, starts, stops = _joined(examples, framed)
  return {
    name: _varints_between(data, *bounds)
    for name, bounds in _payloads(data, starts, stops, features, where).items()
  }


def count_tokens(
  examples: Sequence[bytes],
  features: Mapping[str, bool],
  where: str,
  *,
  framed: bool = False,
) -> dict[str, Int64s]:
  """How many token ids each example has: int64 [n] for each such feature."""
  data, starts, stops = _joined(examples, framed)
  # The last byte of each varint, and one behind all.
  is_end = np.append(data < 0x80, False)
  return {
    name: _sums(is_end, *bounds)
    for name, bounds in _payloads(data, starts, stops, features, where).items()
  }


def _joined(
  examples: Sequence[bytes], framed: bool
) -> tuple[Bytes, Int64s, Int64s]:
  """All examples as one array, and where each begins and ends."""
  data = np.frombuffer(b''.join(examples), np.uint8)
  offsets = offsets_of(np.array([len(e) for e in examples], np.int64))
  head, tail = (FRAME_HEAD, FRAME_TAIL) if framed else (0, 0)
  return data, offsets[:-1] + head, offsets[1:] - tail


def _sums(marks: Bools, starts: Int64s, stops: Int64s) -> Int64s:
  """How many marks are set in each stretch; stretches are in order."""
  bounds = np.stack([starts, stops], axis=1).ravel()
  # Of an empty stretch, `reduceat` gives what is at its start.
  sums = np.add.reduceat(marks.view(np.uint8), bounds, dtype=np.uint32)[::2]
  return np.where(starts < stops, sums, 0).astype(np.int64)


def _payloads(
  data: Bytes,
  starts: Int64s,
  stops: Int64s,
  features: Mapping[str, bool],
  where: str,
) -> dict[str, tuple[Int64s, Int64s]]:
  """Where the packed lists of token ids begin and end in each example."""
  # Headers of damaged examples may point behind the data.
  padded = np.concatenate([data, np.zeros(8, np.uint8)])
  at = starts
  found = {}
  good = np.ones(len(at), np.bool_)

  def expect(text: bytes) -> None:
    nonlocal at
    for byte in text:
      good[:] &= padded[np.minimum(at, len(data))] == byte
      at = at + 1

  def length() -> Int64s:
    nonlocal at
    value, at = _varints_at(padded, np.minimum(at, len(data)))
    return value

  expect(b'\x0a')
  good &= length() == stops - at
  for name, is_tokens in features.items():
    key = name.encode()
    expect(b'\x0a')
    entry = length()
    end = at + entry
    expect(b'\x0a')
    good &= length() == len(key)
    expect(key)
    expect(b'\x12')
    good &= length() == end - at
    if is_tokens:
      expect(b'\x1a')
      size = length()
      good &= size == end - at
      # An empty list has no field for its values.
      filled = size > 0
      before = at
      expect(b'\x0a' if filled.all() else b'')
      if not filled.all():
        good &= ~filled | (padded[np.minimum(before, len(data))] == 0x0A)
        at = before + filled
      values, after = _varints_at(padded, np.minimum(at, len(data)))
      at = np.where(filled, after, before)
      good &= ~filled | (values == end - at)
      found[name] = (at, end)
    at = end
  good &= at == stops
  if not good.all():
    index = int(np.flatnonzero(~good)[0])
    raise CorruptRecordError(
      f'{where}: record {index} of a block is not an example with the features '
      f'{", ".join(features)}'
    )
  return found


def _varints_at(data: Bytes, at: Int64s) -> tuple[Int64s, Int64s]:
  """The varints that begin at these places, and where each ends."""
  first = data[at]
  value = (first & 0x7F).astype(np.int64)
  at = at + 1
  more = np.flatnonzero(first >= 0x80)
  shift = 7
  while len(more) and shift < 35:
    byte = data[np.minimum(at[more], len(data) - 1)]
    value[more] |= (byte & 0x7F).astype(np.int64) << shift
    at[more] += 1
    more = more[byte >= 0x80]
    shift += 7
  return value, at


def _varints_between(data: Bytes, starts: Int64s, stops: Int64s) -> Ragged:
  """The varints of each stretch as token ids."""
  lengths = stops - starts
  offsets = offsets_of(lengths)
  index = np.repeat(starts - offsets[:-1], lengths) + np.arange(offsets[-1])
  packed = data[index]
  is_end = packed < 0x80
  counts = offsets_of(is_end.view(np.uint8))
  ends = np.flatnonzero(is_end)
  begins = np.concatenate([[-1], ends[:-1]]).astype(np.int64) + 1
  values = np.zeros(len(ends), np.int32)
  size = ends - begins
  for j in range(int(size.max(initial=-1)) + 1):
    has = size >= j
    bytes_ = packed[begins[has] + j]
    values[has] |= (bytes_ & 0x7F).astype(np.int32) << (7 * j)
  return Ragged(values, counts[offsets])
