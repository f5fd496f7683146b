"""T5X's models for a CPU: they make large arrays piece by piece, in caches.

A step on 4,096 tokens has 134 MB of logits and as much of attention weights.
T5X's own models write them to memory and read them several times. Here a few
rows are made, used for loss and gradients, and dropped; and logits without a
weight in the loss are not made at all. Results are T5X's but for rounding.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType
from typing import Any
from unittest import mock

from flax import linen as nn
import jax
from jax import numpy as jnp
from reproduce.networks import losses
from reproduce.networks.attention import attention
from t5x import models
from t5x.examples.decoder_only import layers as decoder_layers
from t5x.examples.t5 import layers as t5_layers


class _InPieces:
  """A model of T5X with other ways to losses and scores."""

  # T5X's module of the network's layers.
  layers: ModuleType

  def loss_fn(
    self,
    params: Any,
    batch: Mapping[str, jax.Array],
    dropout_rng: jax.Array | None,
  ) -> tuple[jax.Array, Mapping[str, Any]]:
    """Returns the sum of losses of a batch, and T5X's metrics but accuracy."""
    logits = self._logits_to_make(params, batch, dropout_rng)
    loss, z_loss = losses.loss_and_z_loss(*logits, self._z_loss)
    _, _, targets, weights = logits
    segments = {
      name.removesuffix('_segment_ids'): ids
      for name, ids in batch.items()
      if name.endswith('_segment_ids')
    }
    # Unpacked data has none; they tell where padding is.
    segments = segments or {
      name: batch[name] != 0
      for name in ('encoder_input_tokens', 'decoder_target_tokens')
      if name in batch
    }
    # The metrics ask for logits only to say how often the largest is right.
    none = jnp.zeros((*targets.shape, 1))
    metrics = dict(
      self._compute_metrics(none, targets, weights, loss, z_loss, segments)
    )
    del metrics['accuracy']
    return loss, metrics

  def score_batch(
    self, params: Any, batch: Mapping[str, jax.Array]
  ) -> jax.Array:
    """Returns the log-likelihood of each sequence's targets, float32."""
    return losses.scores(*self._logits_to_make(params, batch, None))

  def _logits_to_make(
    self,
    params: Any,
    batch: Mapping[str, jax.Array],
    dropout_rng: jax.Array | None,
  ) -> tuple[jax.Array, ...]:
    """Returns the arguments of the loss, but for the z-loss."""
    with (
      nn.intercept_methods(self._intercepted),
      mock.patch.object(self.layers, 'dot_product_attention', attention),
    ):
      x = self._compute_logits(params, batch, dropout_rng)
    names = ('target_tokens', 'loss_weights')
    arrays = (batch[f'decoder_{name}'] for name in names)
    return x, self._output_matrix(params), *arrays

  def _intercepted(
    self, method: Any, args: Any, kwargs: Any, context: Any
  ) -> Any:
    """Looks tokens up, and returns vectors where logits are asked."""
    called = context.method_name, context.module.name
    if called == ('__call__', 'token_embedder'):
      return jnp.take(context.module.embedding, args[0], axis=0)
    if called in (('attend', 'token_embedder'), ('__call__', 'logits_dense')):
      return args[0]
    return method(*args, **kwargs)

  def _output_matrix(self, params: Any) -> jax.Array:
    """Returns a matrix of (vocabulary, features)."""
    raise NotImplementedError


class Decoder(_InPieces, models.DecoderOnlyModel):
  """A decoder that shares its embedding with its logits."""

  layers = decoder_layers

  def _output_matrix(self, params: Any) -> jax.Array:
    return params['decoder']['token_embedder']['embedding']


class EncoderDecoder(_InPieces, models.EncoderDecoderModel):
  """An encoder-decoder with a matrix of its own for logits."""

  layers = t5_layers

  def _output_matrix(self, params: Any) -> jax.Array:
    return params['decoder']['logits_dense']['kernel'].T
