"""Groups of documents are full, in order, and the same for all blocks."""

import itertools

from hypothesis import given, settings
from hypothesis import strategies as st
import numpy as np
import pytest
from support import objectives

from ul2_flan.pipelines.ul2 import joining
from ul2_flan.pipelines.ul2.documents import Documents
from ul2_flan.pipelines.ul2.joining import Groups, Joiner
from ul2_flan.tasks.denoising import FeatureLengths, load_preset
from ul2_flan.tasks.ragged import Ragged


def groups_of(
  lengths: list[int], cuts: list[int], most: int, held_out: list[bool]
) -> list[list[tuple[list[int], int, list[bytes]]]]:
  """Groups of each split: tokens, key and names."""
  tokens = objectives.words(lengths)
  joiner = Joiner(most)
  made: list[Groups] = []
  bounds = [0, *sorted(min(cut, len(lengths)) for cut in cuts), len(lengths)]
  for a, b in itertools.pairwise(bounds):
    block = Documents(
      ['…'] * (b - a), objectives.keys_of(b - a, a), list(range(a, b)), 'f'
    )
    chosen = np.array(held_out[a:b], np.bool_)
    made += joiner.add(block, tokens.slice(a, b), chosen)
  made += joiner.rest()
  found: list[list[tuple[list[int], int, list[bytes]]]] = [[], []]
  for groups in made:
    for i, ids in enumerate(groups.tokens):
      a, b = groups.first[i : i + 2]
      found[int(groups.is_validation[i])].append(
        (ids.tolist(), int(groups.keys[i]), list(groups.names[a:b]))
      )
  return found


@given(
  documents=st.lists(st.tuples(st.integers(0, 9), st.booleans()), max_size=30),
  cuts=st.lists(st.integers(0, 30), max_size=4),
  most=st.integers(1, 7),
  max_tokens=st.sampled_from([8, 20, 1 << 20]),
)
@settings(max_examples=60)
def test_groups_are_those_of_a_loop(documents, cuts, most, max_tokens):
  lengths, held_out = [n for n, _ in documents], [v for _, v in documents]
  with pytest.MonkeyPatch.context() as patch:
    patch.setattr(joining, 'MAX_TOKENS', max_tokens)
    found = groups_of(lengths, cuts, most, held_out)
    assert found == groups_of(lengths, [], most, held_out)
  tokens = objectives.words(lengths)
  for split in (0, 1):
    expected: list[list[int]] = []
    open_group: list[int] = []
    for i in range(len(lengths)):
      if held_out[i] == bool(split):
        open_group.append(i)
        size = sum(lengths[j] for j in open_group)
        if len(open_group) == most or size >= max_tokens:
          expected.append(open_group)
          open_group = []
    expected += [open_group] * bool(open_group)
    assert [(ids, names) for ids, _, names in found[split]] == [
      (
        [t for i in group for t in tokens[i].tolist()],
        [b'f:%d' % i for i in group],
      )
      for group in expected
    ]
  keys = [key for split in found for _, key, _ in split]
  assert len(set(keys)) == len(keys)


def test_without_joining_documents_are_as_they_are():
  train, _ = groups_of([3, 0, 5], [1], 0, [False, False, False])
  assert [(key, names) for _, key, names in train] == [
    (i, [b'f:%d' % i]) for i in range(3)
  ]


def test_segments_are_those_of_t5(recwarn: pytest.WarningsRecorder):
  from t5.data import preprocessors
  import tensorflow as tf

  lengths = np.random.default_rng(0).integers(1, 200, 300).tolist()
  tokens = objectives.words(lengths)
  objective = objectives.solved(
    load_preset('span_corruption'), FeatureLengths(64, 64)
  )
  full = objective.raw[0].tokens
  ours = [
    segment.tolist()
    for ids, key, _ in groups_of(lengths, [77], 128, [False] * 300)[0]
    for segment in objective.cut(
      Ragged.of([ids]), np.array([key], np.uint64)
    ).tokens
  ]
  dataset = tf.data.Dataset.from_generator(
    lambda: ({'targets': ids} for ids in tokens),
    output_signature={'targets': tf.TensorSpec([None], tf.int32)},
  )
  dataset = preprocessors.reduce_concat_tokens(dataset, batch_size=128)
  dataset = preprocessors.split_tokens(
    dataset, max_tokens_per_segment=full, feature_key='targets'
  )
  theirs = [e['targets'].tolist() for e in dataset.as_numpy_iterator()]
  # T5 keeps a remainder of one token, which has nothing to predict.
  assert ours == [ids for ids in theirs if len(ids) >= 2]
