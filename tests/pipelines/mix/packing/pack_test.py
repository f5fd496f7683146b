"""Packed examples are found again, and read by seqio as if it had packed them.

The examples of each sequence are given to seqio's own converter with
`pack=True`; what it makes of them is what the pre-packed converter must read.
"""

from collections.abc import Iterator
import functools
import itertools
import json

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest
import seqio
import tensorflow as tf

from ul2_flan.pipelines.mix import packing
from ul2_flan.pipelines.mix.packing import Packed, PackedShape
from ul2_flan.pipelines.mix.packing.pack import feature_lengths
from ul2_flan.tasks.ragged import Ragged
from ul2_flan.tasks.records.varints import Varints
from ul2_flan.tasks.vocabulary import Vocabulary

LENGTHS = {'inputs': 12, 'targets': 6}
EOS = 1

CONVERTERS = {
  'enc_dec': (
    seqio.EncDecFeatureConverter,
    functools.partial(seqio.PrePackedEncDecFeatureConverter, pack=False),
  ),
  'prefix_lm': (
    # Only the sum of an example's lengths is bounded.
    functools.partial(seqio.PrefixLMFeatureConverter, apply_length_check=False),
    seqio.PrePackedPrefixLMFeatureConverter,
  ),
  'lm': (seqio.LMFeatureConverter, seqio.PrePackedLMFeatureConverter),
}

# Varints of one and of two bytes; the longest examples have such positions too.
tokens = st.integers(2, 299)
examples = st.lists(
  st.tuples(st.lists(tokens, max_size=13), st.lists(tokens, max_size=7)),
  max_size=25,
)
architectures = st.sampled_from(['enc_dec', 'prefix_lm', 'lm'])


def ragged(examples) -> tuple[Ragged, Ragged]:
  return Ragged.of([i for i, _ in examples]), Ragged.of(
    [t for _, t in examples]
  )


class Decoded:
  """Packed sequences with their features decoded, which were laid out apart."""

  def __init__(self, packed: Packed):
    self.sequence, self.tokens = packed.sequence, packed.tokens
    self._length = len(packed)
    halves = itertools.pairwise((0, self._length // 2, self._length))
    columns = [packed.features(*half) for half in halves]
    self.features = {
      name: Ragged.of([ids for made in columns for ids in made[name].ragged()])
      for name in columns[0]
    }

  def __len__(self) -> int:
    return self._length


def pack(inputs: Ragged, targets: Ragged, shape: PackedShape) -> Decoded:
  return Decoded(packing.pack(Varints.of(inputs), Varints.of(targets), shape))


def read_back(
  packed: Decoded, architecture: str
) -> Iterator[tuple[list[int], ...]]:
  """The pieces of each segment, in order: (inputs, targets) or (both,)."""
  feature = packed.features
  sides = [
    ('inputs', 'inputs_segment_ids', 'inputs_positions'),
    ('targets', 'targets_segment_ids', 'targets_positions'),
  ]
  if architecture != 'enc_dec':
    kinds = ('target_tokens', 'segment_ids', 'positions')
    sides = [tuple(f'decoder_{kind}' for kind in kinds)]
  for row in range(len(packed)):
    segments = [feature[segment][row] for _, segment, _ in sides]
    count = max((s.max(initial=0) for s in segments), default=0)
    for k in range(1, count + 1):
      found = []
      for (name, _, positions), ids in zip(sides, segments, strict=True):
        chosen = np.flatnonzero(ids == k)
        assert np.array_equal(
          feature[positions][row][chosen], np.arange(len(chosen))
        )
        # A segment's tokens stand together.
        assert len(chosen) == 0 or np.ptp(chosen) == len(chosen) - 1
        found.append(feature[name][row][chosen].tolist())
      yield tuple(found)


@given(examples, architectures, st.booleans())
def test_every_example_that_fits_is_found_once(
  examples, architecture, inputs_eos
):
  shape = PackedShape(architecture, **LENGTHS, inputs_eos=inputs_eos)
  packed = pack(*ragged(examples), shape)
  expected = []
  for i, (inputs, targets) in enumerate(examples):
    whole = (inputs + [EOS] * inputs_eos, [*targets, EOS])
    if architecture != 'enc_dec':
      whole = (whole[0] + whole[1],)
    limits = tuple(LENGTHS.values())
    if architecture != 'enc_dec':
      limits = (sum(limits),)
    fits = all(len(w) <= m for w, m in zip(whole, limits, strict=True))
    assert fits == (packed.sequence[i] >= 0)
    if fits:
      expected.append((packed.sequence[i], i, whole))
  # In the order of the sequences and, within one, in that of the window.
  assert list(read_back(packed, architecture)) == [
    w for *_, w in sorted(expected)
  ]
  sizes = [sum(len(p) for p in whole) for *_, whole in expected]
  assert sum(packed.tokens.values()) == sum(sizes)


@given(examples, architectures)
def test_features_of_a_sequence_have_one_length_within_the_bounds(
  examples, architecture
):
  packed = pack(*ragged(examples), PackedShape(architecture, **LENGTHS))
  for name, feature in packed.features.items():
    assert feature.values.dtype == np.int32
    assert len(feature) == len(packed)
    if architecture == 'enc_dec':
      side = name.split('_')[0]
      assert feature.lengths.max(initial=0) <= LENGTHS[side]
      assert np.array_equal(feature.lengths, packed.features[side].lengths)
    else:
      assert (feature.lengths == sum(LENGTHS.values())).all()


@pytest.mark.parametrize('architecture', CONVERTERS)
def test_features_and_their_lengths_are_known_before(architecture: str):
  shape = PackedShape(architecture, **LENGTHS)
  packed = pack(*ragged([([2] * 11, [3] * 5)] * 4), shape)
  longest = {k: v.lengths.max() for k, v in packed.features.items()}
  assert feature_lengths(shape) == longest


EXAMPLES = [
  ([5, 6, 7], [8, 9]),
  ([11] * 9, [12]),
  ([13], [14, 15, 16]),
  ([17] * 11, [18] * 5),
  ([22] * 12, [23]),
]


def dataset(rows: list[dict[str, list[int]]]) -> tf.data.Dataset:
  return tf.data.Dataset.from_generator(
    lambda: iter(rows),
    output_signature={k: tf.TensorSpec([None], tf.int32) for k in rows[0]},
  )


def rows_of(packed: Decoded) -> list[dict[str, list[int]]]:
  return [
    {name: feature[i].tolist() for name, feature in packed.features.items()}
    for i in range(len(packed))
  ]


@pytest.mark.parametrize('architecture', CONVERTERS)
def test_seqio_reads_what_it_would_have_packed(architecture: str):
  packed = pack(*ragged(EXAMPLES), PackedShape(architecture, **LENGTHS))
  online, offline = CONVERTERS[architecture]
  lengths = (
    LENGTHS if architecture != 'lm' else {'targets': sum(LENGTHS.values())}
  )
  all_lengths = dict(lengths)
  if architecture == 'enc_dec':
    for side, n in LENGTHS.items():
      all_lengths |= {f'{side}_positions': n, f'{side}_segment_ids': n}
  found = list(
    offline()(dataset(rows_of(packed)), all_lengths).as_numpy_iterator()
  )
  assert len(found) == len(packed) > 1
  rows = [{'inputs': [*i, EOS], 'targets': [*t, EOS]} for i, t in EXAMPLES]
  if architecture == 'lm':
    rows = [{'targets': row['inputs'] + row['targets']} for row in rows]
  # TensorFlow traces this graph once, and begins it again for each sequence.
  members = list(rows)
  packing = online(pack=True)(dataset(members), lengths)
  for k, features in enumerate(found):
    members[:] = [rows[i] for i in np.flatnonzero(packed.sequence == k)]
    (expected,) = packing.as_numpy_iterator()
    assert sorted(features) == sorted(expected)
    for name, value in expected.items():
      assert features[name].tolist() == value.tolist(), name
      assert features[name].dtype == value.dtype


def next_fit(lengths: np.ndarray, capacity: np.ndarray) -> int:
  """Sequences by seqio's rule: a new one where the next does not fit."""
  count, room = 1, capacity.copy()
  for need in lengths:
    if (need > room).any():
      count, room = count + 1, capacity.copy()
    room -= need
  return count


def test_instructions_leave_little_padding_and_less_than_seqio(shared_data):
  model = shared_data / 'vocab' / 't5.spiece.model'
  vocabulary = Vocabulary(model.read_bytes())
  examples = []
  for path in sorted((shared_data / 'niv2' / 'tasks').glob('task*.json'))[:60]:
    task = json.loads(path.read_text())
    for row in task['Instances'][:30]:
      text = f'{task["Definition"][0]} {row["input"]}'
      examples.append((text, row['output'][0]))
  order = np.random.default_rng(0).permutation(len(examples))
  sides = [
    vocabulary.encode_block([examples[i][side] for i in order])
    for side in (0, 1)
  ]
  packed = pack(*sides, PackedShape('enc_dec', 2048, 512))
  fits = packed.sequence >= 0
  assert fits.mean() > 0.99
  share = packed.tokens['inputs'] / (2048 * len(packed))
  lengths = np.stack([side.lengths + 1 for side in sides], axis=1)[fits]
  seqio_share = packed.tokens['inputs'] / (
    2048 * next_fit(lengths, np.array([2048, 512]))
  )
  assert share > 0.97
  assert seqio_share < share - 0.05
