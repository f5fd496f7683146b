"""A block of examples is read as its examples are one by one."""

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest

from ul2_flan.tasks import records
from ul2_flan.tasks.ragged import Ragged
from ul2_flan.tasks.records import CorruptRecordError
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


def decode_tokens(examples, features, where, **framed) -> dict[str, Ragged]:
  taken = record_blocks.token_varints(examples, features, where, **framed)
  return {name: varints.ragged() for name, varints in taken.items()}


@given(rows=ROWS)
def test_tokens_come_back(rows):
  examples = encode(rows)
  tokens = decode_tokens(examples, FEATURES, 'x')
  assert list(tokens) == ['inputs', 'targets']
  for i, (inputs, targets, _) in enumerate(rows):
    assert tokens['inputs'][i].tolist() == inputs
    assert tokens['targets'][i].tolist() == targets
  counts = record_blocks.count_tokens(examples, FEATURES, 'x')
  assert counts['inputs'].tolist() == [len(r[0]) for r in rows]
  assert counts['targets'].tolist() == [len(r[1]) for r in rows]


@given(rows=ROWS)
def test_frames_are_read_as_the_examples_in_them(rows):
  examples = encode(rows)
  frames = [records.frame_records([example]) for example in examples]
  for function in (decode_tokens, record_blocks.count_tokens):
    bare = function(examples, FEATURES, 'x')
    framed = function(frames, FEATURES, 'x', framed=True)
    for name, values in bare.items():
      assert list(map(str, values)) == list(map(str, framed[name]))


@given(rows=ROWS, framed=st.booleans())
def test_whole_examples_come_back(rows, framed: bool):
  examples = encode(rows)
  if framed:
    examples = [records.frame_records([example]) for example in examples]
  columns = record_blocks.decode_columns(examples, FEATURES, 'x', framed=framed)
  assert list(columns) == list(FEATURES)
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
  assert len(decode_tokens([], FEATURES, 'x')['inputs']) == 0
  assert np.array_equal(
    record_blocks.count_tokens([], FEATURES, 'x')['inputs'], []
  )


def test_a_block_is_read_in_groups(monkeypatch: pytest.MonkeyPatch):
  rows = [([i], [i % 5], bytes([i])) for i in range(50)]
  examples = encode(rows)
  whole = record_blocks.decode_columns(examples, FEATURES, 'x')
  monkeypatch.setattr(record_blocks, '_GROUP', 7)
  groups = record_blocks.decode_columns(examples, FEATURES, 'x')
  assert groups['note'] == whole['note']
  for name in ('inputs', 'targets'):
    assert groups[name].values.tolist() == whole[name].values.tolist()
    assert groups[name].offsets.tolist() == whole[name].offsets.tolist()
  counts = record_blocks.count_tokens(examples, FEATURES, 'x')
  assert counts['inputs'].tolist() == [1] * 50
  examples[29] = b'damage'
  with pytest.raises(CorruptRecordError, match='x: record 29 of a block'):
    record_blocks.token_varints(examples, FEATURES, 'x')
