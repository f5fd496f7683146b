"""A shard has what it was given, packed or not, and its report counts it."""

import collections

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest
from support.outputs import manifest_of, records_of

from ul2_flan.pipelines import mix
from ul2_flan.pipelines.mix import write_shard
from ul2_flan.pipelines.mix.frames import Gathered, make_block
from ul2_flan.pipelines.mix.packing import PackedShape
from ul2_flan.pipelines.mix.packing.shape import as_written
from ul2_flan.pipelines.run import Counts, Group, Plan
from ul2_flan.tasks import records
from ul2_flan.tasks.ragged import Ragged
from ul2_flan.tasks.records import Frames

FEATURES = {name: {'dtype': 'int32'} for name in ('inputs', 'targets')}

EXAMPLES = st.lists(
  st.tuples(
    st.lists(st.integers(2, 99), min_size=1, max_size=11),
    st.lists(st.integers(2, 99), min_size=1, max_size=5),
  ),
  max_size=20,
)


def plan_of(shape: PackedShape | None) -> Plan:
  config = {
    'features': FEATURES,
    'pack': None if shape is None else as_written(shape),
  }
  return Plan('mix', config, (), {'m': Group(('m',), 1, 1, 0)}, {}, {})


def frames_of(examples) -> Frames:
  columns = {
    'inputs': Ragged.of([i for i, _ in examples]),
    'targets': Ragged.of([t for _, t in examples]),
  }
  return Frames.of(records.encode_examples(columns))


def encoded(frames: Frames, plan: Plan, counts: Counts):
  """The windows of frames that come as one block, in their order."""
  order = np.arange(len(frames))
  examples = Gathered([make_block([(order, frames)])])
  return write_shard.encoded(examples, order, plan, 'train', 'path', counts)


@given(EXAMPLES)
def test_what_is_not_packed_is_copied(examples):
  frames, counts = frames_of(examples), Counts()
  made = encoded(frames, plan_of(None), counts)
  assert b''.join(window for _, window in made) == frames.data
  assert counts['mix/train/examples'] == len(examples)
  for k, side in enumerate(('inputs', 'targets')):
    lengths = [len(example[k]) for example in examples]
    assert counts[f'm/data/train/all/{side}_tokens'] == sum(lengths)
    if lengths:
      name = f'data/train/all/{side}_max_tokens'
      assert counts.maxima['m'][name] == max(lengths)


@given(EXAMPLES)
def test_packed_tokens_are_those_of_the_examples_and_their_eos(examples):
  counts = Counts()
  plan = plan_of(PackedShape('enc_dec', 12, 6))
  windows = encoded(frames_of(examples), plan, counts)
  sequences = sum(count for count, _ in windows)
  assert counts['mix/train/examples'] == len(examples)
  assert counts['m/data/train/all/examples'] == sequences
  for k, (side, room) in enumerate((('inputs', 12), ('targets', 6))):
    tokens = sum(len(example[k]) + 1 for example in examples)
    assert counts[f'packing/train/{side}/tokens'] == tokens
    assert counts[f'packing/train/{side}/room'] == room * sequences


def test_no_sequence_crosses_a_window(monkeypatch):
  examples = [([2, 3], [4])] * 10
  plan = plan_of(PackedShape('enc_dec', 9, 9))
  monkeypatch.setattr(write_shard, 'WINDOW', 4)
  windows = encoded(frames_of(examples), plan, Counts())
  # Three examples fit into a sequence: 3 + 1, 3 + 1 and 2.
  assert [count for count, _ in windows] == [2, 2, 1]


def test_an_example_that_fits_nowhere_is_an_error():
  plan = plan_of(PackedShape('enc_dec', 3, 3))
  frames = frames_of([([2], [3]), ([2, 2, 2], [3])])
  with pytest.raises(RuntimeError, match='path: example 1 of a window fits'):
    list(encoded(frames, plan, Counts()))


def test_packed_sequences_hold_every_example_of_a_run_once(flags, tmp_path):
  assert mix.main(flags('plain')) == 0
  assert mix.main(flags('packed', '--pack=enc_dec')) == 0
  plain = collections.Counter()
  for record in records_of(tmp_path / 'plain', 'flan2022_b_mixed', 'train'):
    features = records.decode_example(record)
    plain[tuple(features['inputs']), tuple(features['targets'])] += 1
  unpacked = collections.Counter()
  for record in records_of(tmp_path / 'packed', 'flan2022_b_packed', 'train'):
    features = records.decode_example(record)
    assert len(features['inputs']) <= 1024
    assert len(features['targets']) <= 128
    for segment in range(1, max(features['inputs_segment_ids']) + 1):
      unpacked[tuple(segments_of(features, segment))] += 1
  assert unpacked == plain
  manifest = manifest_of(tmp_path / 'packed')
  assert not any(f.add_eos for f in manifest.features.values())
  counts = Counts(manifest.run['counts'])
  full = counts['packing/train/inputs/tokens']
  assert full > 0.8 * counts['packing/train/inputs/room']


def segments_of(features, segment: int):
  """The tokens of an example of a sequence, side by side, without EOS."""
  for side in ('inputs', 'targets'):
    chosen = features[f'{side}_segment_ids'] == segment
    tokens = features[side][chosen].tolist()
    positions = features[f'{side}_positions'][chosen]
    assert np.array_equal(positions, np.arange(len(tokens)))
    assert tokens.pop() == 1
    yield tuple(tokens)
