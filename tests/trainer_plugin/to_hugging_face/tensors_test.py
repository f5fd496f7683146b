"""T5X's parameters under Transformers' names.

`in_transformers_test` compares what the two compute.
"""

import numpy as np
import pytest
from support.t5x import checkpoints
from support.t5x.checkpoints import GATED, HEAD, HEADS, MLP, ROWS, WIDTH

from ul2_flan.tasks.errors import UserError
from ul2_flan.trainer_plugin.to_hugging_face import tensors


def model_of(flat, settings=GATED):
  return tensors.model(checkpoints.shapes(flat), settings, 'config.gin')


def written(flat, settings=GATED):
  model = model_of(flat, settings)
  return {
    name: array
    for parameter, values in flat.items()
    for name, array in model.tensors(parameter, values)
  }


@pytest.mark.parametrize('scanned', [False, True])
@pytest.mark.parametrize('tied', [False, True])
def test_sizes_are_those_of_the_parameters(scanned: bool, tied: bool):
  flat = checkpoints.parameters(scanned=scanned, tied=tied)
  config = model_of(flat).config
  sizes = ('vocab_size', 'd_model', 'd_kv', 'd_ff', 'num_heads')
  assert [config[size] for size in sizes] == [ROWS, WIDTH, HEAD, MLP, HEADS]
  assert (config['num_layers'], config['num_decoder_layers']) == (3, 2)
  assert config['model_type'] == ('umt5' if scanned else 't5')
  assert config['feed_forward_proj'] == 'gated-gelu'
  assert config['tie_word_embeddings'] == (tied or scanned)
  assert ('lm_head.weight' in written(flat)) != tied


def test_scanned_layers_are_the_same_tensors():
  scanned = checkpoints.parameters(scanned=True)
  flat = {}
  for name, array in scanned.items():
    side, second, *rest = name.split('/')
    if second != side:
      flat[name] = array
      continue
    for i, one in enumerate(np.moveaxis(array, 1, 0)):
      if rest[-1] == 'kernel' and 'mlp' not in name:
        heads = (-1, WIDTH) if rest[-2] == 'out' else (WIDTH, -1)
        one = one.reshape(heads)
      flat['/'.join([side, f'layers_{i}', *rest])] = one
  ours, theirs = written(scanned), written(flat)
  assert ours.keys() == theirs.keys()
  assert all(np.array_equal(ours[name], theirs[name]) for name in ours)


def test_kernels_are_transposed_and_logits_scaled():
  flat = checkpoints.parameters()
  tensor = written(flat)
  kernel = flat['encoder/layers_1/mlp/wi_0/kernel']
  name = 'encoder.block.1.layer.1.DenseReluDense.wi_0.weight'
  assert np.array_equal(tensor[name], kernel.T)
  logits = flat['decoder/logits_dense/kernel']
  assert np.array_equal(tensor['lm_head.weight'], logits.T)
  # Transformers divides logits of UMT5 by the root of the width.
  flat = checkpoints.parameters(scanned=True)
  logits = flat['decoder/logits_dense/kernel']
  scaled = written(flat)['lm_head.weight'] / np.sqrt(WIDTH)
  assert scaled == pytest.approx(logits.T, rel=1e-6)


@pytest.mark.parametrize(
  ('activations', 'gated', 'word'),
  [
    (('silu', 'linear'), True, 'gated-silu'),
    (('swish', 'linear'), True, 'gated-silu'),
    (('relu',), False, 'relu'),
    (('gelu',), False, 'gelu_new'),
  ],
)
def test_activations(activations, gated: bool, word: str):
  flat = checkpoints.parameters()
  if not gated:
    flat = {
      name.replace('wi_0', 'wi'): x
      for name, x in flat.items()
      if 'wi_1' not in name
    }
  config = model_of(flat, {'mlp_activations': activations}).config
  assert config['feed_forward_proj'] == word


@pytest.mark.parametrize(
  ('settings', 'message'),
  [
    ({'mlp_activations': ('gelu',)}, 'and the MLP is gated here'),
    ({'mlp_activations': ('tanh', 'linear')}, 'takes one of gelu, relu, silu'),
    ({'mlp_activations': ('gelu', 'relu')}, "with 'linear' behind it"),
    ({**GATED, 'emb_dim': 512}, 'emb_dim is 512 there, and 8 here'),
    (
      {**GATED, 'num_decoder_layers': 3},
      'num_decoder_layers is 3 there, and 2',
    ),
  ],
)
def test_settings_of_another_model_are_refused(settings, message: str):
  with pytest.raises(UserError, match=message):
    model_of(checkpoints.parameters(), settings)


def test_models_that_transformers_has_not_are_refused():
  decoder = {'decoder/token_embedder/embedding': np.zeros((4, 2))}
  with pytest.raises(UserError, match='a decoder-only model of T5X cannot'):
    model_of(decoder)
  flat = checkpoints.parameters()
  flat['encoder/layers_0/router/kernel'] = np.zeros((2, 2))
  with pytest.raises(UserError, match="'encoder/layers_0/router/kernel' is no"):
    model_of(flat)
