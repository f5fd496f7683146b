import functools

import numpy as np
import pytest
import seqio
import tensorflow as tf

from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.register import register
from ul2_flan.trainer_plugin import converters

VOCABULARY = seqio.PassThroughVocabulary(1000, eos_id=1)


def add(name: str, features: dict[str, list[int]]) -> str:
  """A task of one example."""
  seqio.TaskRegistry.add(
    name,
    seqio.FunctionDataSource(
      lambda split, shuffle_files, seed=None: tf.data.Dataset.from_tensors(
        {k: tf.constant(v, tf.int32) for k, v in features.items()}
      ),
      splits=['train'],
    ),
    preprocessors=[],
    output_features={
      name: seqio.Feature(VOCABULARY, add_eos=False) for name in features
    },
  )
  return name


PACKED = {
  side + feature: values
  for side in ('inputs', 'targets')
  for feature, values in {
    '': [7, 8, 1, 9, 1],
    '_segment_ids': [1, 1, 1, 2, 2],
    '_positions': [0, 1, 2, 0, 1],
  }.items()
}
DECODER = {
  'decoder_target_tokens': [7, 1, 8, 1],
  'decoder_input_tokens': [0, 7, 1, 8],
  'decoder_loss_weights': [0, 0, 1, 1],
  'decoder_segment_ids': [1, 1, 1, 1],
  'decoder_positions': [0, 1, 2, 3],
}
PREFIX = {**DECODER, 'decoder_causal_attention': [1, 1, 1, 0]}


@pytest.fixture(scope='module')
def enc_dec_packed() -> str:
  return add('converters_enc_dec', PACKED)


@pytest.fixture(scope='module')
def lm_packed() -> str:
  return add('converters_lm', DECODER)


@pytest.fixture(scope='module')
def prefix_packed() -> str:
  return add('converters_prefix', PREFIX)


def batch(name, lengths, of_model, pack):
  converter = converters.converter_for(name, of_model)
  dataset = seqio.get_dataset(
    name,
    lengths,
    # As T5X makes it.
    converter(pack=pack, use_custom_packing_ops=False),
    shuffle=False,
    num_epochs=1,
    verbose=False,
  )
  return next(dataset.as_numpy_iterator())


def test_packed_examples_of_an_encoder_decoder(enc_dec_packed):
  lengths = dict.fromkeys(PACKED, 8)
  found = batch(
    enc_dec_packed, lengths, seqio.EncDecFeatureConverter, pack=False
  )
  np.testing.assert_array_equal(
    found['decoder_input_tokens'], [0, 7, 8, 0, 9, 0, 0, 0]
  )
  np.testing.assert_array_equal(
    found['encoder_segment_ids'], [1, 1, 1, 2, 2, 0, 0, 0]
  )


@pytest.mark.parametrize('lengths', [{'inputs': 2, 'targets': 2}])
def test_packed_examples_of_a_prefix_lm(prefix_packed, lengths):
  found = batch(
    prefix_packed, lengths, seqio.DecoderFeatureConverter, pack=False
  )
  for name, values in PREFIX.items():
    np.testing.assert_array_equal(found[name], values)


def test_packed_examples_of_a_causal_lm(lm_packed):
  found = batch(
    lm_packed, {'targets': 4}, seqio.DecoderFeatureConverter, pack=False
  )
  assert 'decoder_causal_attention' not in found


def test_a_decoder_only_data_set_is_not_cut(decoder_only):
  name = register(decoder_only)[0]
  found = batch(
    name,
    {'inputs': 64, 'targets': 64},
    seqio.DecoderFeatureConverter,
    pack=True,
  )
  assert found['decoder_target_tokens'].shape == (128,)
  assert found['decoder_causal_attention'].any()


def test_other_data_sets_take_the_models_own(by_denoiser):
  name = register(by_denoiser)[0]
  of_model = functools.partial(seqio.EncDecFeatureConverter)
  assert converters.converter_for(name, of_model) is of_model


@pytest.mark.parametrize(
  ('fixture', 'of_model', 'message'),
  [
    ('enc_dec_packed', seqio.DecoderFeatureConverter, 'an encoder-decoder'),
    ('lm_packed', seqio.EncDecFeatureConverter, 'a decoder-only model'),
    ('prefix_packed', seqio.EncDecFeatureConverter, 'a decoder-only model'),
  ],
)
def test_the_wrong_kind_of_model(request, fixture, of_model, message):
  name = request.getfixturevalue(fixture)
  with pytest.raises(UserError, match=message):
    converters.converter_for(name, of_model)


def test_decoder_only_data_for_an_encoder_decoder(decoder_only):
  name = register(decoder_only)[0]
  with pytest.raises(UserError, match='--decoder_only'):
    converters.converter_for(name, seqio.EncDecFeatureConverter)
