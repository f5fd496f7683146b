"""Columns have all tokens of an example, and its loss where it belongs."""

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest

from ul2_flan.pipelines.export.columns import Columns, joined, with_eos
from ul2_flan.tasks import records
from ul2_flan.tasks.manifest import Feature
from ul2_flan.tasks.ragged import Ragged
from ul2_flan.tasks.records import Column

IDS = st.lists(st.integers(0, 1 << 20), max_size=6)
EXAMPLES = st.lists(st.tuples(IDS, IDS), max_size=5)
TWO = {
  'inputs': Feature('int32', 8, True),
  'targets': Feature('int32', 4, True),
}


def ragged(column: Column) -> list[list[int]]:
  assert isinstance(column, Ragged)
  return [sequence.tolist() for sequence in column]


def made(columns: Columns, features: dict[str, Column]) -> dict[str, list]:
  frames = records.Frames.of(records.encode_examples(features))
  found = columns.decode(frames, 'x')
  assert found.keys() == columns.features.keys()
  return {
    k: ragged(v) if isinstance(v, Ragged) else list(v) for k, v in found.items()
  }


@given(EXAMPLES)
def test_eos_ends_each_sequence(examples):
  sequences = [i for i, _ in examples]
  assert ragged(with_eos(Ragged.of(sequences), 7)) == [
    [*s, 7] for s in sequences
  ]


@given(EXAMPLES)
def test_both_sides_are_one_sequence(examples):
  sides = [Ragged.of(list(side)) for side in zip(*examples, strict=True)]
  tokens, weights = joined(*(sides or [Ragged.of([])] * 2))
  assert ragged(tokens) == [[*i, *t] for i, t in examples]
  assert ragged(weights) == [[0] * len(i) + [1] * len(t) for i, t in examples]


@given(EXAMPLES.filter(bool), st.booleans(), st.booleans())
def test_eos_is_where_the_manifest_has_it(examples, inputs_eos, targets_eos):
  source = {
    'inputs': Feature('int32', 8, inputs_eos),
    'targets': Feature('int32', 4, targets_eos),
    'text': Feature('string'),
  }
  texts = [f'é{n}'.encode() for n in range(len(examples))]
  features = {
    'inputs': Ragged.of([i for i, _ in examples]),
    'targets': Ragged.of([t for _, t in examples]),
    'text': texts,
  }
  columns = Columns(source, decoder_only=False, names='seqio', eos_id=1)
  found = made(columns, features)
  assert found['inputs'] == [i + [1] * inputs_eos for i, _ in examples]
  assert found['targets'] == [t + [1] * targets_eos for _, t in examples]
  assert found['text'] == texts
  assert not any(f.add_eos for f in columns.features.values())
  assert columns.features['inputs'].length == 8


def test_a_decoder_reads_one_sequence():
  features = {'inputs': Ragged.of([[5, 6]]), 'targets': Ragged.of([[7]])}
  source = {**TWO, 'inputs': Feature('int32', 8)}
  plain = Columns(source, decoder_only=True, names='seqio', eos_id=1)
  assert made(plain, features) == {
    'decoder_target_tokens': [[5, 6, 7, 1]],
    'decoder_loss_weights': [[0, 0, 1, 1]],
  }
  theirs = Columns(source, decoder_only=True, names='transformers', eos_id=1)
  assert made(theirs, features) == {
    'input_ids': [[5, 6, 7, 1]],
    'labels': [[-100, -100, 7, 1]],
  }
  for columns in (plain, theirs):
    assert {f.length for f in columns.features.values()} == {12}


def test_transformers_has_names_of_its_own():
  columns = Columns(TWO, decoder_only=False, names='transformers', eos_id=1)
  features = {'inputs': Ragged.of([[5]]), 'targets': Ragged.of([[6]])}
  assert made(columns, features) == {'input_ids': [[5, 1]], 'labels': [[6, 1]]}
  assert columns.features['labels'].length == 4


@pytest.mark.parametrize('names', ['seqio', 'transformers'])
def test_packed_sequences_of_a_decoder_stay_as_they_are(names: str):
  packed = {
    'decoder_target_tokens': [5, 1, 6, 0],
    'decoder_loss_weights': [0, 1, 1, 0],
    'decoder_positions': [0, 1, 0, 0],
    'decoder_segment_ids': [1, 1, 2, 0],
  }
  source = {name: Feature('int32', 4) for name in packed}
  found = made(
    Columns(source, decoder_only=False, names=names, eos_id=1),
    {name: Ragged.of([np.array(ids)]) for name, ids in packed.items()},
  )
  if names == 'seqio':
    assert found == {name: [ids] for name, ids in packed.items()}
  else:
    assert found == {
      'input_ids': [[5, 1, 6, 0]],
      'labels': [[-100, 1, 6, -100]],
      'position_ids': [[0, 1, 0, 0]],
      'decoder_segment_ids': [[1, 1, 2, 0]],
    }
