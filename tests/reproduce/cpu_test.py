"""The decoder for a CPU gives the loss and gradients of T5X's."""

import pytest

pytest.importorskip('t5x', reason='needs T5X, which is on no package index')

import jax
import numpy as np
from reproduce import cpu
import seqio
from t5x import adafactor, models
from t5x.examples.decoder_only import network

BATCH, LENGTH, PIECES = 2, 128, 50


def model(kind: type, dropout_rate: float) -> models.DecoderOnlyModel:
  config = network.TransformerConfig(
    PIECES,
    emb_dim=16,
    num_heads=2,
    num_layers=2,
    head_dim=8,
    mlp_dim=32,
    dropout_rate=dropout_rate,
    logits_via_embedding=True,
  )
  return kind(
    network.DecoderWrapper(config),
    seqio.PassThroughVocabulary(PIECES),
    adafactor.Adafactor(),
    inputs_bidirectional_attention=True,
    z_loss=0.01,
  )


def batch() -> dict[str, np.ndarray]:
  """Two packed examples and padding in each row, each with inputs."""
  rng = np.random.default_rng(0)
  targets = rng.integers(1, PIECES, (BATCH, LENGTH)).astype(np.int32)
  segments = np.repeat([1, 2, 0], [50, 60, LENGTH - 110]).astype(np.int32)
  segments = np.tile(segments, (BATCH, 1))
  positions = [*range(50), *range(60), *([0] * (LENGTH - 110))]
  is_input = (np.array(positions) < 20) & (segments > 0)
  return {
    'decoder_target_tokens': targets * (segments > 0),
    'decoder_input_tokens': np.roll(targets, 1, axis=1) * (segments > 0),
    'decoder_loss_weights': ((segments > 0) & ~is_input).astype(np.float32),
    'decoder_causal_attention': is_input.astype(np.int32),
    'decoder_segment_ids': segments,
    'decoder_positions': np.tile(positions, (BATCH, 1)).astype(np.int32),
  }


@pytest.mark.parametrize('dropout_rate', [0.0, 0.3])
def test_loss_and_gradients_are_those_of_t5x(dropout_rate: float):
  features, key = batch(), jax.random.PRNGKey(0)
  shapes = {name: value.shape for name, value in features.items()}
  reference = model(models.DecoderOnlyModel, dropout_rate)
  params = reference.get_initial_variables(key, shapes)['params']
  dropout_rng = jax.random.PRNGKey(1) if dropout_rate else None

  def found(kind: type) -> tuple:
    loss = model(kind, dropout_rate).loss_fn
    both = jax.value_and_grad(loss, has_aux=True)
    return jax.jit(both)(params, features, dropout_rng)

  (loss, metrics), gradients = found(cpu.Decoder)
  (t5x_loss, t5x_metrics), t5x_gradients = found(models.DecoderOnlyModel)
  np.testing.assert_allclose(loss, t5x_loss, rtol=1e-5)
  jax.tree_util.tree_map(
    lambda ours, theirs: np.testing.assert_allclose(
      ours, theirs, atol=1e-5 * np.abs(theirs).max()
    ),
    gradients,
    t5x_gradients,
  )
  assert t5x_metrics.keys() - metrics.keys() == {'accuracy'}
  for name in ('loss', 'z_loss', 'non_padding_fraction/overall'):
    np.testing.assert_allclose(
      metrics[name].compute(), t5x_metrics[name].compute(), rtol=1e-5
    )


def test_scores_are_those_of_t5x():
  features, key = batch(), jax.random.PRNGKey(0)
  shapes = {name: value.shape for name, value in features.items()}
  reference = model(models.DecoderOnlyModel, 0.0)
  params = reference.get_initial_variables(key, shapes)['params']
  ours = model(cpu.Decoder, 0.0).score_batch(params, features)
  theirs = reference.score_batch(params, features)
  np.testing.assert_allclose(ours, theirs, rtol=1e-5)
