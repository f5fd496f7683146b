"""Sequences of bytes are those of a slow layout, token by token."""

from hypothesis import given
from hypothesis import strategies as st
import numpy as np

from ul2_flan.pipelines.mix.packing import PackedShape, layout
from ul2_flan.tasks.ragged import Ragged, offsets_of
from ul2_flan.tasks.records.varints import Varints

# Ids with varints of one, two and three bytes; some sides are empty.
SIDE = st.lists(st.sampled_from([2, 127, 128, 16_384]), max_size=9)
SEQUENCES = st.lists(
  st.lists(st.tuples(SIDE, SIDE), min_size=1, max_size=4), max_size=4
)
LENGTH = 80  # more than any sequence has


def decoded(columns) -> dict[str, list[list[int]]]:
  return {
    name: [ids.tolist() for ids in made.ragged()]
    for name, made in columns.items()
  }


def features(sequences, architecture: str) -> dict[str, list[list[int]]]:
  inputs, targets = (
    Varints.of(Ragged.of([pair[side] for pairs in sequences for pair in pairs]))
    for side in (0, 1)
  )
  bounds = offsets_of(np.array([len(pairs) for pairs in sequences], np.int64))
  shape = PackedShape(architecture, LENGTH - 5, 5)
  return decoded(layout.features(inputs, targets, bounds, shape))


@given(SEQUENCES)
def test_each_side_has_segments_and_positions(sequences):
  found = features(sequences, 'enc_dec')
  for side, name in enumerate(('inputs', 'targets')):
    for k, pairs in enumerate(sequences):
      marked = [
        (token, segment, position)
        for segment, pair in enumerate(pairs, 1)
        for position, token in enumerate(pair[side])
      ]
      for part, suffix in enumerate(('', '_segment_ids', '_positions')):
        assert found[name + suffix][k] == [mark[part] for mark in marked]


@given(SEQUENCES, st.booleans())
def test_a_decoder_reads_both_sides_as_one(sequences, prefix):
  found = features(sequences, 'prefix_lm' if prefix else 'lm')
  assert ('decoder_causal_attention' in found) is prefix
  for k, pairs in enumerate(sequences):
    rows = []
    for segment, (inputs, targets) in enumerate(pairs, 1):
      before = 0
      for position, token in enumerate([*inputs, *targets]):
        row = {
          'target_tokens': token,
          'input_tokens': before,
          'loss_weights': int(not prefix or position >= len(inputs)),
          'positions': position,
          'segment_ids': segment,
          'causal_attention': int(position <= len(inputs)),
        }
        rows.append(row)
        before = token
    for name, made in found.items():
      key = name.removeprefix('decoder_')
      assert made[k] == [row[key] for row in rows] + [0] * (LENGTH - len(rows))
