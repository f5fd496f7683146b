"""Encoded examples are TensorFlow's; decoding inverts encoding."""

import contextlib

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest

from ul2_flan.tasks.ragged import Ragged
from ul2_flan.tasks.records.examples import (
  _entry_heads,
  _example_head,
  decode_example,
  encode_examples,
)
from ul2_flan.tasks.records.frames import CorruptRecordError

MAX_ID = 2**21 - 1

# A third of the ids each have varints of up to one, two and three bytes.
ids = st.one_of(*(st.integers(0, top) for top in (0x7F, 0x3FFF, MAX_ID)))
Row = dict[str, list[int] | bytes]


@st.composite
def blocks_of_rows(draw: st.DrawFn) -> list[Row]:
  """Draws examples with the same features, each of ids or of bytes."""
  # No name is a prefix of another. Of two such names, upb (Python's protobuf)
  # and protobuf for C++ put different ones first.
  name = st.text(
    st.characters(exclude_characters='.', codec='utf-8'), max_size=9
  )
  kinds = draw(
    st.dictionaries(name.map('{}.'.format), st.booleans(), max_size=4)
  )
  row = st.fixed_dictionaries(
    {
      name: st.lists(ids, max_size=30) if of_ids else st.binary(max_size=300)
      for name, of_ids in kinds.items()
    }
  )
  return draw(st.lists(row, min_size=1, max_size=5))


def encode(rows: list[Row]) -> list[bytes]:
  columns = {}
  for name, first in rows[0].items():
    values = [row[name] for row in rows]
    columns[name] = values if isinstance(first, bytes) else Ragged.of(values)
  return encode_examples(columns)


def tensorflows(row: Row) -> bytes:
  import tensorflow as tf

  features = {
    name: tf.train.Feature(bytes_list=tf.train.BytesList(value=[value]))
    if isinstance(value, bytes)
    else tf.train.Feature(int64_list=tf.train.Int64List(value=value))
    for name, value in row.items()
  }
  example = tf.train.Example(features=tf.train.Features(feature=features))
  return example.SerializeToString(deterministic=True)


@given(blocks_of_rows().filter(lambda rows: rows[0]))
def test_examples_are_tensorflows(rows: list[Row]):
  assert encode(rows) == [tensorflows(row) for row in rows]


@pytest.mark.parametrize('n', [0, 1, 120, 127, 128, 16_383, 16_384, 70_000])
def test_long_lists_are_tensorflows(n: int):
  # Lengths around those at which the varint of a length grows by a byte.
  rng = np.random.default_rng(n)
  rows: list[Row] = [
    {'inputs': rng.integers(0, 2**bits, n).tolist(), 'text': b'x' * n}
    for bits in (7, 14, 21)
  ]
  assert encode(rows) == [tensorflows(row) for row in rows]


def test_all_ids_are_tensorflows():
  edges = [2**k + d for k in range(1, 22) for d in (-1, 0)][:-1]
  assert edges[-1] == MAX_ID
  row: Row = {'ids': edges}
  assert encode([row]) == [tensorflows(row)]


@given(blocks_of_rows().filter(lambda rows: rows[0]))
def test_decoding_inverts_encoding(rows: list[Row]):
  for row, record in zip(rows, encode(rows), strict=True):
    decoded = {
      name: value[0] if isinstance(value, list) else value.tolist()
      for name, value in decode_example(record).items()
    }
    assert decoded == row
    assert list(decoded) == sorted(row)


def test_decodes_what_others_write():
  import tensorflow as tf

  features = {
    'none': tf.train.Feature(),
    'floats': tf.train.Feature(
      float_list=tf.train.FloatList(value=[-0.5, 2.0**99])
    ),
    'negative': tf.train.Feature(
      int64_list=tf.train.Int64List(value=[-1, 2**62, -(2**63)])
    ),
    'several': tf.train.Feature(
      bytes_list=tf.train.BytesList(value=[b'a', b'', b'c'])
    ),
  }
  example = tf.train.Example(features=tf.train.Features(feature=features))
  decoded = decode_example(example.SerializeToString())
  assert decoded['none'] == []
  assert decoded['several'] == [b'a', b'', b'c']
  assert decoded['floats'].tolist() == [-0.5, 2.0**99]
  assert decoded['negative'].tolist() == [-1, 2**62, -(2**63)]
  assert decode_example(b'') == {}


@pytest.mark.parametrize(
  'found', [[-1], [5, 2**21], [2**31 - 1], [-(2**31), 3]]
)
def test_ids_out_of_range_are_refused(found: list[int]):
  columns = {'inputs': Ragged.of([[1], found])}
  with pytest.raises(ValueError, match=r'in \[0, 2097152\); found .*') as error:
    encode_examples(columns)
  assert str(max(found) if found[0] > 0 else min(found)) in str(error.value)


def test_columns_of_different_lengths_are_refused():
  with pytest.raises(ValueError, match='zip'):
    encode_examples({'a': Ragged.of([[1], [2]]), 'b': [b'only one']})


@given(st.binary(min_size=1, max_size=60))
def test_other_bytes_raise_no_other_error(data: bytes):
  # A reader catches this one alone.
  with contextlib.suppress(CorruptRecordError):
    decode_example(data)


@given(blocks_of_rows(), st.data())
def test_damaged_examples_raise_no_other_error(
  rows: list[Row], data: st.DataObject
):
  record = bytearray(encode(rows)[0]) if rows[0] else bytearray(b'\x0a\x00')
  place = data.draw(st.integers(0, len(record) - 1))
  record[place] = data.draw(st.integers(0, 255))
  with contextlib.suppress(CorruptRecordError):
    decode_example(bytes(record))


@pytest.mark.parametrize(
  ('value', 'message'),
  [
    ([300], 'the last varint of a list is cut off'),
    (b'text', 'a field of 4 bytes at byte 2 is cut off'),
  ],
)
def test_a_value_that_is_cut_off_is_found(
  value: list[int] | bytes, message: str
):
  (record,) = encode([{'a': value}])
  cut = bytearray(record[:-1])
  # These messages end with the value: features, entry, feature, list.
  for place in (1, 3, 8, 10):
    cut[place] -= 1
  if isinstance(value, list):
    cut[12] -= 1  # the packed varints
  with pytest.raises(CorruptRecordError, match=message):
    decode_example(bytes(cut))


def test_only_the_named_features_are_decoded():
  (record,) = encode([{'a': [1], 'b': b'x', 'c': [2]}])
  assert list(decode_example(record, {'b', 'c', 'd'})) == ['b', 'c']


@pytest.mark.parametrize('size', [11, 2_000_000])
@pytest.mark.parametrize('where', ['tag', 'length', 'list'])
def test_a_number_without_end_is_refused_at_once(where: str, size: int):
  number = b'\xff' * (size - 1) + b'\1'
  ids = _entry_heads('a', b'\x1a')(size)
  before = {
    'tag': b'',
    'length': b'\x0a',
    'list': _example_head(len(ids) + size) + ids,
  }
  with pytest.raises(CorruptRecordError, match='64 bits'):
    decode_example(before[where] + number)
