"""Stock seqio reads a mixed data set, packed or not, as the same examples."""

import collections
from collections.abc import Iterator
import functools

import numpy as np
import pytest
import seqio
from support.task_files import write_collection
import tensorflow as tf

from ul2_flan.pipelines import flan, mix
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.register import load_manifest, register

LENGTHS = {'inputs': 1024, 'targets': 128}
ARCHITECTURES = ('enc_dec', 'prefix_lm', 'lm')

Features = dict[str, np.ndarray]

# Of each architecture: what packs examples online, and what reads packed ones.
ONLINE = {
  'enc_dec': seqio.EncDecFeatureConverter,
  'prefix_lm': functools.partial(
    seqio.PrefixLMFeatureConverter, apply_length_check=False
  ),
  'lm': functools.partial(
    seqio.PrefixLMFeatureConverter,
    apply_length_check=False,
    loss_on_targets_only=False,
  ),
}
OFFLINE = {
  'enc_dec': seqio.PrePackedEncDecFeatureConverter,
  'prefix_lm': seqio.PrePackedPrefixLMFeatureConverter,
  'lm': seqio.PrePackedLMFeatureConverter,
}


@pytest.fixture(scope='module')
def mixed(tmp_path_factory, vocabulary_path) -> dict[str, str]:
  """One mixture four times: packed in each architecture, and '' as it is."""
  folder = tmp_path_factory.mktemp('mixed')
  write_collection(folder / 'data')
  flags = [f'--source={s}={folder / "data" / s}' for s in ('niv2', 'cot')]
  flags += [f'--vocabulary={vocabulary_path}', f'--output={folder / "flan"}']
  flags += ['--inputs_length=1024', '--targets_length=128']
  flags += ['--settings=zs_opt,fs_opt', '--name=mixed_flan']
  assert flan.main(flags) == 0
  outputs = {}
  for architecture in ('', *ARCHITECTURES):
    output = outputs[architecture] = str(folder / f'mixed_{architecture}')
    flags = ['--manifest', str(folder / 'flan'), '--mixture', 'flan2022_b']
    flags += ['--num_examples', '300', '--min_shards', '2']
    flags += ['--name', f'mix_{architecture or "plain"}', '--output', output]
    flags += ['--pack', architecture] if architecture else []
    assert mix.main(flags) == 0
    assert register(output) == [f'mix_{architecture or "plain"}']
  return outputs


def lengths_of(output: str) -> dict[str, int]:
  return load_manifest(f'{output}/manifest.json').task_feature_lengths


def examples_of(use_cached: bool = True) -> list[Features]:
  dataset = seqio.get_mixture_or_task('mix_plain').get_dataset(
    LENGTHS, 'train', shuffle=False, use_cached=use_cached, num_epochs=1
  )
  return list(dataset.as_numpy_iterator())


def sequences(
  output: str, architecture: str, use_cached: bool
) -> list[Features]:
  """What stock seqio gives a model."""
  dataset = seqio.get_dataset(
    f'mix_{architecture}',
    lengths_of(output),
    OFFLINE[architecture](pack=False),
    shuffle=False,
    use_cached=use_cached,
    num_epochs=1,
    verbose=False,
  )
  return list(dataset.as_numpy_iterator())


def example_ids(packed: Features) -> Iterator[tuple[int, ...]]:
  """Tokens of both sides of each example of a sequence, in order."""
  for k in range(1, packed['decoder_segment_ids'].max() + 1):
    own = packed['decoder_target_tokens'][packed['decoder_segment_ids'] == k]
    if 'encoder_segment_ids' in packed:
      inputs = packed['encoder_input_tokens'][
        packed['encoder_segment_ids'] == k
      ]
      own = np.concatenate([inputs, own])
    yield tuple(own.tolist())


def packed_online(
  blocks: list[list[Features]], architecture: str
) -> Iterator[Features]:
  """What stock seqio makes of examples that fit into one sequence each."""
  signature = dict.fromkeys(LENGTHS, tf.TensorSpec([None], tf.int32))
  # TensorFlow traces the graph once, and begins it again for each block.
  dataset = tf.data.Dataset.from_generator(
    lambda: iter([{k: e[k] for k in LENGTHS} for e in examples]),
    output_signature=signature,
  )
  found = ONLINE[architecture](pack=True)(dataset, LENGTHS)
  for examples in blocks:  # noqa: B007 (the generator reads it)
    (sequence,) = found.as_numpy_iterator()
    yield sequence


@pytest.mark.parametrize('architecture', ARCHITECTURES)
def test_packed_sequences_are_what_seqio_packs_of_the_same(mixed, architecture):
  known = {
    (*e['inputs'].tolist(), *e['targets'].tolist()): e for e in examples_of()
  }
  found = sequences(mixed[architecture], architecture, use_cached=True)
  unpacked = collections.Counter()
  for sequence in found:
    unpacked.update(example_ids(sequence))
  assert unpacked == collections.Counter(
    (*e['inputs'].tolist(), *e['targets'].tolist()) for e in examples_of()
  )
  some = found[:3]
  members = [[known[ids] for ids in example_ids(row)] for row in some]
  packed = packed_online(members, architecture)
  for sequence, expected in zip(some, packed, strict=True):
    if architecture == 'lm':
      del expected['decoder_causal_attention']
    assert sorted(sequence) == sorted(expected)
    for name, values in expected.items():
      assert sequence[name].tolist() == values.tolist(), name
      assert sequence[name].dtype == values.dtype


@pytest.mark.parametrize('architecture', ARCHITECTURES)
def test_with_the_cache_and_without_are_the_same(mixed, architecture):
  one, other = (
    sorted(
      tuple(sequence['decoder_target_tokens'].tolist())
      for sequence in sequences(mixed[architecture], architecture, use_cached)
    )
    for use_cached in (True, False)
  )
  assert one == other


@pytest.mark.parametrize('use_cached', [True, False])
def test_the_mixed_task_is_packed_while_training(mixed, use_cached):
  examples = examples_of(use_cached)
  assert len(examples) == 300
  assert all(e[s][-1] == 1 and 1 not in e[s][:-1] for e in examples for s in e)
  dataset = seqio.get_dataset(
    'mix_plain',
    LENGTHS,
    seqio.EncDecFeatureConverter(pack=True),
    shuffle=False,
    use_cached=use_cached,
    verbose=False,
  )
  rows = list(dataset.as_numpy_iterator())
  assert len(rows) < len(examples) / 2
  unpacked = collections.Counter()
  for row in rows:
    unpacked.update(example_ids(row))
  assert unpacked == collections.Counter(
    (*e['inputs'].tolist(), *e['targets'].tolist()) for e in examples
  )


@pytest.mark.parametrize('architecture', ARCHITECTURES)
def test_lengths_that_would_cut_packed_sequences_are_refused(
  mixed, architecture
):
  task = seqio.get_mixture_or_task(f'mix_{architecture}')
  lengths = lengths_of(mixed[architecture])
  for use_cached in (True, False):
    with pytest.raises(UserError, match='holds packed sequences'):
      task.get_dataset(
        {**lengths, 'targets': lengths['targets'] - 1},
        'train',
        use_cached=use_cached,
      )


def test_hosts_share_the_shards(mixed):
  task = seqio.get_mixture_or_task('mix_plain')
  found = []
  for index in range(2):
    dataset = task.get_dataset(
      LENGTHS,
      'train',
      shuffle=False,
      use_cached=True,
      num_epochs=1,
      shard_info=seqio.ShardInfo(index, 2),
    )
    found += [e['inputs'].tolist() for e in dataset.as_numpy_iterator()]
  assert sorted(found) == sorted(e['inputs'].tolist() for e in examples_of())
