"""A block of examples is read as its examples are one by one."""

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest

from ul2_flan.tasks import records
from ul2_flan.tasks.ragged import Ragged
from ul2_flan.tasks.records import CorruptRecordError, Frames
from ul2_flan.tasks.records import blocks as record_blocks

IDS = st.lists(st.integers(0, (1 << 21) - 1), max_size=300)
ROWS = st.lists(
  st.tuples(IDS, st.lists(st.integers(0, 5), max_size=3), st.binary()),
  min_size=1,
  max_size=6,
)
FEATURES = {'inputs': True, 'note': False, 'targets': True}


def encode(rows) -> list[bytes]:
  inputs, targets, notes = zip(*rows, strict=True)
  return records.encode_examples(
    {'inputs': Ragged.of(inputs), 'targets': Ragged.of(targets), 'note': notes}
  )


def decode_tokens(examples, features, where) -> dict[str, Ragged]:
  frames = Frames.of(examples)
  taken = record_blocks.token_varints(frames, features, where)
  return {name: varints.ragged() for name, varints in taken.items()}


@given(rows=ROWS, group=st.integers(1, 2000))
def test_tokens_come_back(rows, group: int):
  examples = encode(rows)
  with pytest.MonkeyPatch.context() as patch:
    patch.setattr(record_blocks, '_GROUP_BYTES', group)
    tokens = decode_tokens(examples, FEATURES, 'x')
  assert list(tokens) == ['inputs', 'targets']
  for i, (inputs, targets, _) in enumerate(rows):
    assert tokens['inputs'][i].tolist() == inputs
    assert tokens['targets'][i].tolist() == targets
  counts = record_blocks.count_tokens(Frames.of(examples), FEATURES, 'x')
  assert counts['inputs'].tolist() == [len(r[0]) for r in rows]
  assert counts['targets'].tolist() == [len(r[1]) for r in rows]


@given(rows=ROWS, before=st.binary(max_size=20))
def test_whole_examples_come_back(rows, before: bytes):
  block = Frames.of(encode(rows))
  block = Frames(before + block.data, len(before) + block.offsets)
  columns = record_blocks.decode_columns(block, FEATURES, 'x')
  assert list(columns) == list(FEATURES)
  notes = record_blocks.texts_of(block, FEATURES, 'note', 'x')
  assert notes == columns['note']
  found = zip(
    columns['inputs'], columns['targets'], columns['note'], strict=True
  )
  assert [(i.tolist(), t.tolist(), note) for i, t, note in found] == rows


@given(rows=ROWS, data=st.data())
def test_a_damaged_example_is_noticed_or_spoils_no_other(rows, data):
  examples = encode(rows)
  which = data.draw(st.integers(0, len(examples) - 1))
  at = data.draw(st.integers(0, len(examples[which]) - 1))
  damaged = bytearray(examples[which])
  damaged[at] ^= 1 << data.draw(st.integers(0, 7))
  examples[which] = bytes(damaged)
  try:
    tokens = decode_tokens(examples, FEATURES, 'x')
  except CorruptRecordError:
    return
  # The flipped bit was in a token or in text: all other examples are whole.
  for i, (inputs, targets, _) in enumerate(rows):
    if i != which:
      assert tokens['inputs'][i].tolist() == inputs
      assert tokens['targets'][i].tolist() == targets


@pytest.mark.parametrize('features', [{'inputs': True}, {'other': True}])
def test_other_features_are_refused(features):
  examples = encode([([1, 2], [3], b'')])
  with pytest.raises(CorruptRecordError, match='record 0'):
    decode_tokens(examples, features, 'x')


def test_truncated_examples_are_refused():
  (example,) = encode([([1, 200], [3], b'abc')])
  for stop in range(1, len(example)):
    with pytest.raises(CorruptRecordError):
      decode_tokens([example, example[:stop]], FEATURES, 'x')


def test_no_examples():
  nothing = Frames.of([])
  columns = record_blocks.decode_columns(nothing, FEATURES, 'x')
  assert [len(column) for column in columns.values()] == [0, 0, 0]
  counts = record_blocks.count_tokens(nothing, FEATURES, 'x')
  assert np.array_equal(counts['inputs'], [])


def test_a_block_is_read_in_groups(monkeypatch: pytest.MonkeyPatch):
  examples = encode([([i], [i % 5], bytes([i])) for i in range(50)])
  monkeypatch.setattr(record_blocks, '_GROUP_BYTES', 200)
  counts = record_blocks.count_tokens(Frames.of(examples), FEATURES, 'x')
  assert counts['inputs'].tolist() == [1] * 50
  examples[29] = b'damage'
  with pytest.raises(CorruptRecordError, match='x: record 29 of a block'):
    record_blocks.token_varints(Frames.of(examples), FEATURES, 'x')
