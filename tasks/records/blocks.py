"""Reads many serialised examples at once: a dozen NumPy calls a feature.

Reads only what `encode_examples` writes, where all examples have the same
features, sorted by name. `decode_example` reads any example, one by one and a
hundred times as slowly.
"""

import collections
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

import numpy as np

from ul2_flan.tasks.ragged import Int64s, UInt64s, offsets_of
from ul2_flan.tasks.records import walk
from ul2_flan.tasks.records.examples import Column
from ul2_flan.tasks.records.frames import (
  FRAME_HEAD,
  FRAME_TAIL,
  CorruptRecordError,
)
from ul2_flan.tasks.records.varints import Varints

# So many examples are walked at once: a megabyte or two. A processor's caches
# hold it, and the system need not find new memory for each group.
_GROUP = 1024

# The highest and the lowest bit of each byte of a word.
_HIGH_BITS = np.uint64(0x8080808080808080)
_LOW_BITS = np.uint64(0x0101010101010101)

# Examples joined, and where each of their features begins and ends in that:
# int64 [n] each.
_Group: TypeAlias = tuple[bytes, Mapping[str, tuple[Int64s, Int64s]]]


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
  return _cut_out(_walk(examples, features, where, framed=framed))


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
  groups = _walk(examples, features, where, framed=framed, texts=True)
  return {
    name: values.ragged() if features[name] else values.data
    for name, values in _cut_out(groups).items()
  }


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
  groups = _walk(examples, features, where, framed=framed)
  return _concatenated([_counted(*group) for group in groups])


def _walk(
  examples: Sequence[bytes],
  features: Mapping[str, bool],
  where: str,
  *,
  framed: bool,
  texts: bool = False,
) -> Iterator[_Group]:
  """Finds the features of a block, a group of examples at a time."""
  for first in range(0, max(len(examples), 1), _GROUP):
    group = examples[first : first + _GROUP]
    joined, starts, stops = _joined(group, framed)
    payloads, good = walk.payloads(joined, starts, stops, features, texts=texts)
    if not good.all():
      index = first + int(np.flatnonzero(~good)[0])
      raise CorruptRecordError(
        f'{where}: record {index} of a block is not an example with the '
        f'features {", ".join(features)}'
      )
    yield joined, payloads


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


def _joined(
  examples: Sequence[bytes], framed: bool
) -> tuple[bytes, Int64s, Int64s]:
  """Joins all examples, and zeros; returns also where each begins and ends.

  Where a damaged example promises more than there is, zeros are read: a word of
  eight bytes at least. All is whole words, and a multiple of eight of them.
  """
  offsets = offsets_of(np.array([len(e) for e in examples], np.int64))
  head, tail = (FRAME_HEAD, FRAME_TAIL) if framed else (0, 0)
  zeros = bytes(8 + (-int(offsets[-1]) - 8) % 64)
  return b''.join([*examples, zeros]), offsets[:-1] + head, offsets[1:] - tail


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
