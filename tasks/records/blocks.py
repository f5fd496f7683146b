"""Reads many serialised examples at once: a dozen NumPy calls a feature.

Reads only what `encode_examples` writes, where all examples have the same
features, sorted by name. `decode_example` reads any example, one by one and a
hundred times as slowly.
"""

import collections
from collections.abc import Iterable, Iterator, Mapping, Sequence
import itertools
from typing import TypeAlias

import numpy as np

from ul2_flan.tasks.ragged import Int64s, UInt64s, offsets_of
from ul2_flan.tasks.records import walk
from ul2_flan.tasks.records.examples import Column
from ul2_flan.tasks.records.frames import (
  FRAME_HEAD,
  FRAME_TAIL,
  CorruptRecordError,
  Frames,
)
from ul2_flan.tasks.records.varints import Varints

# About so many bytes of examples are walked at once. A processor's caches hold
# them, and the system need not find new memory for each group.
_GROUP_BYTES = 1 << 21

# The highest and the lowest bit of each byte of a word.
_HIGH_BITS = np.uint64(0x8080808080808080)
_LOW_BITS = np.uint64(0x0101010101010101)

# Examples joined, and where each of their features begins and ends in that:
# int64 [n] each.
_Group: TypeAlias = tuple[bytes, Mapping[str, tuple[Int64s, Int64s]]]


def token_varints(
  frames: Frames, features: Mapping[str, bool], where: str
) -> dict[str, Varints]:
  """Takes the token ids out of a block of examples.

  Args:
    frames: of n examples; their checksums are ignored.
    features: the names of all features, sorted, and whether each holds token
      ids.
    where: what the examples are from, for messages.

  Returns:
    n sequences for each feature that holds token ids.

  Raises:
    CorruptRecordError: an example is not as `encode_examples` writes it.

  >>> from ul2_flan.tasks import records
  >>> from ul2_flan.tasks.ragged import Ragged
  >>> ids = Ragged.of([[5, 300], [7]])
  >>> examples = records.encode_examples({'id': [b'a', b'b'], 'inputs': ids})
  >>> frames = Frames.of(examples)
  >>> features = {'id': False, 'inputs': True}
  >>> taken = token_varints(frames, features, 'x')['inputs']
  >>> [ids.tolist() for ids in taken.ragged()]
  [[5, 300], [7]]
  >>> count_tokens(frames, features, 'x')['inputs'].tolist()
  [2, 1]
  >>> texts_of(frames, features, 'id', 'x')
  [b'a', b'b']
  """
  return _cut_out(_walk(frames, features, where))


def decode_columns(
  frames: Frames, features: Mapping[str, bool], where: str
) -> dict[str, Column]:
  """Decodes a block of examples: the inverse of `encode_examples`.

  Args and errors are those of `token_varints`.

  Returns:
    for each feature n sequences of token ids, or n byte strings.

  >>> from ul2_flan.tasks import records
  >>> from ul2_flan.tasks.ragged import Ragged
  >>> columns = {'id': [b'a', b''], 'inputs': Ragged.of([[5, 300], [7]])}
  >>> frames = Frames.of(records.encode_examples(columns))
  >>> decode_columns(frames, {'id': False, 'inputs': True}, 'x')['id']
  [b'a', b'']
  """
  groups = _walk(frames, features, where, texts=True)
  return {
    name: values.ragged() if features[name] else values.data
    for name, values in _cut_out(groups).items()
  }


def texts_of(
  frames: Frames, features: Mapping[str, bool], name: str, where: str
) -> list[bytes]:
  """Takes one feature of text out of a block of examples: n byte strings.

  Args and errors are those of `token_varints`.
  """
  groups = _walk(frames, features, where, texts=True)
  return [
    text for joined, found in groups for text in _cut(joined, *found[name])
  ]


def count_tokens(
  frames: Frames, features: Mapping[str, bool], where: str
) -> dict[str, Int64s]:
  """Counts the token ids of each example.

  Args and errors are those of `token_varints`.

  Returns:
    int64 [n] for each feature that holds token ids.
  """
  groups = _walk(frames, features, where)
  return _concatenated([_counted(*group) for group in groups])


def _walk(
  frames: Frames,
  features: Mapping[str, bool],
  where: str,
  *,
  texts: bool = False,
) -> Iterator[_Group]:
  """Finds the features of a block, a group of examples at a time.

  There is a group even if there is no example.
  """
  begin, end = frames.offsets[[0, -1]].tolist()
  edges = frames.offsets.searchsorted(range(begin, end, _GROUP_BYTES))
  bounds = sorted({*edges.tolist(), len(frames)}) if len(frames) else [0, 0]
  for first, after in itertools.pairwise(bounds):
    joined, starts, stops = _joined(frames.slice(first, after))
    found, good = walk.payloads(joined, starts, stops, features, texts=texts)
    if not good.all():
      index = first + int(np.flatnonzero(~good)[0])
      raise CorruptRecordError(
        f'{where}: record {index} of a block is not an example with the '
        f'features {", ".join(features)}'
      )
    yield joined, found


def _cut_out(groups: Iterable[_Group]) -> dict[str, Varints]:
  """Takes what was found of all groups; a text counts as one sequence."""
  data: dict[str, list[bytes]] = collections.defaultdict(list)
  lengths = []
  for joined, found in groups:
    lengths.append(_counted(joined, found))
    for name, bounds in found.items():
      data[name] += _cut(joined, *bounds)
  counts = _concatenated(lengths)
  return {name: Varints(data[name], counts[name]) for name in counts}


def _concatenated(groups: Sequence[Mapping[str, Int64s]]) -> dict[str, Int64s]:
  return {name: np.concatenate([g[name] for g in groups]) for name in groups[0]}


def _joined(group: Frames) -> tuple[bytes, Int64s, Int64s]:
  """Copies a group, with zeros behind; returns where each example is in that.

  Where a damaged example promises more than there is, zeros are read: a word of
  eight bytes at least. All is whole words, and a multiple of eight of them.
  """
  begin, end = group.offsets[[0, -1]].tolist()
  zeros = bytes(8 + (begin - end - 8) % 64)
  offsets = group.offsets - begin
  joined = b''.join([memoryview(group.data)[begin:end], zeros])
  return joined, offsets[:-1] + FRAME_HEAD, offsets[1:] - FRAME_TAIL


def _cut(joined: bytes, starts: Int64s, stops: Int64s) -> list[bytes]:
  bounds = zip(starts.tolist(), stops.tolist(), strict=True)
  return [joined[start:stop] for start, stop in bounds]


def _counted(
  joined: bytes, found: Mapping[str, tuple[Int64s, Int64s]]
) -> dict[str, Int64s]:
  """Counts the varints of each stretch: int64 [n] for each feature.

  The highest bit is set in all bytes of a varint but its last. They are counted
  in words of eight bytes, and summed over eight words. Of the word that a bound
  is in, the bytes before it count, and of its eight words those before that.
  """
  words = np.frombuffer(joined, '<u8') & _HIGH_BITS
  eights = np.bitwise_count(words).view('<u8')
  before = offsets_of(_sums(eights))

  def not_last(bounds: Int64s) -> Int64s:
    word, eight = bounds >> 3, bounds >> 6
    counts = before[eight] + _sums(eights[eight] & _lower_bytes(word))
    return counts + np.bitwise_count(words[word] & _lower_bytes(bounds))

  counts = {}
  for name, bounds in found.items():
    # One call for both: it costs as much for half as many.
    starts, stops = np.stack(bounds) - not_last(np.stack(bounds))
    counts[name] = stops - starts
  return counts


def _sums(words: UInt64s) -> Int64s:
  """Adds up the bytes of each word; the sums are below 256."""
  return (words * _LOW_BITS >> np.uint64(56)).astype(np.int64)


def _lower_bytes(places: Int64s) -> UInt64s:
  """Makes masks of those bytes of a word that lie before a place in it."""
  bits = (8 * (places & 7)).astype(np.uint64)
  return (np.uint64(1) << bits) - np.uint64(1)
