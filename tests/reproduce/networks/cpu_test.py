"""Models for a CPU give the losses, gradients and scores of T5X's."""

import pytest

pytest.importorskip('t5x', reason='needs T5X, which is on no package index')

import jax
import numpy as np
from reproduce.networks import cpu
import seqio
from t5x import adafactor, models
from t5x.examples.decoder_only import network as decoder_network
from t5x.examples.t5 import network as t5_network

BATCH, LENGTH, PIECES = 2, 128, 50
SIZE = {'emb_dim': 16, 'num_heads': 2, 'head_dim': 8, 'mlp_dim': 32}

PAIRS = {
  'decoder': (cpu.Decoder, models.DecoderOnlyModel),
  'encoder_decoder': (cpu.EncoderDecoder, models.EncoderDecoderModel),
}


def model(kind: type, dropout_rate: float) -> models.BaseTransformerModel:
  vocabulary = seqio.PassThroughVocabulary(PIECES)
  if issubclass(kind, models.DecoderOnlyModel):
    config = decoder_network.TransformerConfig(
      PIECES,
      num_layers=2,
      dropout_rate=dropout_rate,
      logits_via_embedding=True,
      **SIZE,
    )
    return kind(
      decoder_network.DecoderWrapper(config),
      vocabulary,
      adafactor.Adafactor(),
      inputs_bidirectional_attention=True,
      z_loss=0.01,
    )
  config = t5_network.T5Config(
    PIECES,
    num_encoder_layers=2,
    num_decoder_layers=2,
    dropout_rate=dropout_rate,
    **SIZE,
  )
  return kind(
    t5_network.Transformer(config),
    vocabulary,
    vocabulary,
    adafactor.Adafactor(),
    z_loss=0.01,
  )


def batch(kind: type, packed: bool) -> dict[str, np.ndarray]:
  """Two packed examples and padding in each row, or one example."""
  rng = np.random.default_rng(0)
  sizes = [50, 60] if packed else [110]
  padding = LENGTH - sum(sizes)
  targets = rng.integers(1, PIECES, (BATCH, LENGTH)).astype(np.int32)
  segments = np.repeat([*range(1, len(sizes) + 1), 0], [*sizes, padding])
  segments = np.tile(segments.astype(np.int32), (BATCH, 1))
  positions = [i for size in [*sizes, padding] for i in range(size)]
  some = (np.array(positions) >= 20) & (segments > 0)
  features = {
    'decoder_target_tokens': targets * (segments > 0),
    'decoder_input_tokens': np.roll(targets, 1, axis=1) * (segments > 0),
    'decoder_loss_weights': (segments > 0).astype(np.float32),
  }
  if issubclass(kind, models.DecoderOnlyModel):
    features['decoder_loss_weights'] = some.astype(np.float32)
    features['decoder_causal_attention'] = (~some & (segments > 0)).astype(
      np.int32
    )
    parts = ['decoder']
  else:
    # An encoder's rows have another length.
    features['encoder_input_tokens'] = features['decoder_target_tokens'][:, 8:]
    parts = ['decoder', 'encoder']
  for part in parts if packed else []:
    cut = slice(8 if part == 'encoder' else 0, None)
    features[f'{part}_segment_ids'] = segments[:, cut]
    features[f'{part}_positions'] = np.tile(positions, (BATCH, 1)).astype(
      np.int32
    )[:, cut]
  return features


def parameters(kind: type, features: dict[str, np.ndarray]) -> dict:
  shapes = {name: value.shape for name, value in features.items()}
  of = model(kind, 0.0).get_initial_variables(jax.random.PRNGKey(0), shapes)
  return of['params']


@pytest.mark.parametrize('pair', PAIRS.values(), ids=PAIRS)
@pytest.mark.parametrize('packed', [True, False])
@pytest.mark.parametrize('dropout_rate', [0.0, 0.3])
def test_loss_and_gradients_are_those_of_t5x(
  pair: tuple[type, type], packed: bool, dropout_rate: float
):
  features = batch(pair[0], packed)
  params = parameters(pair[1], features)
  dropout_rng = jax.random.PRNGKey(1) if dropout_rate else None

  def found(kind: type) -> tuple:
    loss = model(kind, dropout_rate).loss_fn
    both = jax.value_and_grad(loss, has_aux=True)
    return jax.jit(both)(params, features, dropout_rng)

  ((loss, metrics), gradients), ((t5x_loss, t5x_metrics), t5x_gradients) = map(
    found, pair
  )
  np.testing.assert_allclose(loss, t5x_loss, rtol=1e-5)
  jax.tree_util.tree_map(
    lambda ours, theirs: np.testing.assert_allclose(
      ours, theirs, atol=1e-5 * np.abs(theirs).max()
    ),
    gradients,
    t5x_gradients,
  )
  assert t5x_metrics.keys() - metrics.keys() == {'accuracy'}
  for name in ('loss', 'z_loss', 'non_padding_fraction/loss_weights'):
    np.testing.assert_allclose(
      metrics[name].compute(), t5x_metrics[name].compute(), rtol=1e-5
    )


@pytest.mark.parametrize('pair', PAIRS.values(), ids=PAIRS)
def test_scores_are_those_of_t5x(pair: tuple[type, type]):
  features = batch(pair[0], packed=False)
  params = parameters(pair[1], features)
  ours, theirs = (
    model(kind, 0.0).score_batch(params, features) for kind in pair
  )
  np.testing.assert_allclose(ours, theirs, rtol=1e-5)


@pytest.mark.parametrize('kind', PAIRS['decoder'])
def test_packed_examples_learn_what_padded_ones_do(kind: type):
  packed = batch(kind, packed=True)
  segments = packed['decoder_segment_ids']
  params = parameters(kind, packed)
  padded: dict[str, list[np.ndarray]] = {}
  for row in range(BATCH):
    for segment in range(1, segments.max() + 1):
      at = segments[row] == segment
      for name, value in packed.items():
        if name not in ('decoder_segment_ids', 'decoder_positions'):
          one = np.pad(value[row][at], (0, LENGTH - at.sum()))
          padded.setdefault(name, []).append(one)

  def found(features: dict[str, np.ndarray]) -> tuple:
    loss = model(kind, 0.0).loss_fn
    (value, _), gradients = jax.value_and_grad(loss, has_aux=True)(
      params, features, None
    )
    return value, gradients

  loss, gradients = found(packed)
  padded_loss, padded_gradients = found(
    {name: np.stack(rows) for name, rows in padded.items()}
  )
  np.testing.assert_allclose(loss, padded_loss, rtol=1e-5)
  jax.tree_util.tree_map(
    lambda ours, theirs: np.testing.assert_allclose(
      ours, theirs, atol=1e-5 * np.abs(theirs).max()
    ),
    gradients,
    padded_gradients,
  )
