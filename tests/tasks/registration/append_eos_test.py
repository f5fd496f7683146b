"""EOS is appended once, to the features that the manifest names."""

import pytest
import seqio
from support.collection_runs import manifest
import tensorflow as tf

from ul2_flan.tasks.manifest import Feature
from ul2_flan.tasks.registration.append_eos import append_eos, features_of

VOCABULARY = seqio.PassThroughVocabulary(100, eos_id=1)


def read(made, lengths: dict[str, int] | None) -> dict[str, list[int]]:
  """An example with inputs 5 6 7 and targets 8 9, as seqio would read it."""
  dataset = tf.data.Dataset.from_tensors(
    {'inputs': tf.constant([5, 6, 7]), 'targets': tf.constant([8, 9])}
  )
  features = features_of(made, VOCABULARY)
  step = append_eos(made)
  if made.decoder_only:
    (example,) = step(dataset, features).as_numpy_iterator()
  else:
    steps = step(dataset, features, lengths)
    (example,) = steps.as_numpy_iterator()
  return {name: ids.tolist() for name, ids in example.items()}


@pytest.mark.parametrize('inputs_eos', [True, False])
def test_a_feature_gets_eos_if_the_manifest_says_so(inputs_eos: bool):
  features = {
    'inputs': Feature('int32', 8, add_eos=inputs_eos),
    'targets': Feature('int32', 8, add_eos=True),
    'provenance/key': Feature('string'),
  }
  made = manifest('run', {}, features=features)
  assert set(features_of(made, VOCABULARY)) == {'inputs', 'targets'}
  assert read(made, None) == {
    'inputs': [5, 6, 7] + [1] * inputs_eos,
    'targets': [8, 9, 1],
  }


def test_a_trimmed_example_ends_with_eos_too():
  assert read(manifest('run', {}), {'inputs': 3, 'targets': 2}) == {
    'inputs': [5, 6, 1],
    'targets': [8, 1],
  }


def test_a_decoder_only_example_is_not_trimmed():
  made = manifest('run', {}, decoder_only=True)
  assert read(made, None)['targets'] == [8, 9, 1]
