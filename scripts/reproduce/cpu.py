"""T5X's models for a CPU: they make large arrays piece by piece, in caches.

A step on 4,096 tokens has 134 MB of logits and as much of attention weights.
T5X's own models write them to memory and read them several times. Here a few
rows are made, used for loss and gradients, and dropped; and logits without a
weight in the loss are not made at all. Results are T5X's but for rounding.
"""

from __future__ import annotations

from collections.abc import Mapping
import functools
from types import ModuleType
from typing import Any
from unittest import mock

from flax import linen as nn
import jax
from jax import lax
from jax import numpy as jnp
from t5x import models
from t5x.examples.decoder_only import layers as decoder_layers
from t5x.examples.t5 import layers as t5_layers

# Tokens whose logits are made together: 4 MB for 8,192 pieces.
_ROWS = 128


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
    loss, z_loss = _loss(*logits, self._z_loss)
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
    return _scores(*self._logits_to_make(params, batch, None))

  def _logits_to_make(
    self,
    params: Any,
    batch: Mapping[str, jax.Array],
    dropout_rng: jax.Array | None,
  ) -> tuple[jax.Array, ...]:
    """Returns the arguments of `_loss`, but for the z-loss."""
    with (
      nn.intercept_methods(self._intercepted),
      mock.patch.object(self.layers, 'dot_product_attention', _attention),
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


@functools.partial(jax.custom_vjp, nondiff_argnums=(4,))
def _loss(
  x: jax.Array,
  embedding: jax.Array,
  targets: jax.Array,
  weights: jax.Array,
  z_loss: float,
) -> tuple[jax.Array, jax.Array]:
  """Returns the sums of cross entropy with z-loss, and of z-loss alone.

  Args:
    x: float32 of (batch, length, features), whose products with the embedding
      are logits.
    embedding: float32 of (vocabulary, features).
    targets: int32 of (batch, length).
    weights: float32 of (batch, length).
    z_loss: its factor.
  """
  return _loss_and_gradients(x, embedding, targets, weights, z_loss)[0]


def _loss_and_gradients(
  x: jax.Array,
  embedding: jax.Array,
  targets: jax.Array,
  weights: jax.Array,
  z_loss: float,
) -> Any:
  def step(gradient: jax.Array, rows: Any) -> Any:
    x, targets, weights = rows
    logits = x @ embedding.T
    log_z, likelihoods = _log_likelihoods(logits, targets)
    z = z_loss * log_z**2 * weights
    loss = z - likelihoods * weights
    scale = weights * (1 + 2 * z_loss * log_z)
    d_logits = jnp.exp(logits - log_z[:, None]) * scale[:, None]
    is_target = jnp.arange(len(embedding)) == targets[:, None]
    d_logits -= jnp.where(is_target, weights[:, None], 0)
    d_x = d_logits @ embedding
    return gradient + d_logits.T @ x, (loss.sum(), z.sum(), d_x)

  def skip(gradient: jax.Array, rows: Any) -> Any:
    return gradient, (0.0, 0.0, jnp.zeros_like(rows[0]))

  rows, order = _rows(x, targets, weights)
  gradient, (loss, z, d_x) = lax.scan(
    lambda carry, rows: lax.cond(rows[2].any(), step, skip, carry, rows),
    jnp.zeros_like(embedding),
    rows,
  )
  d_x = (
    jnp.zeros_like(x)
    .reshape(-1, x.shape[-1])
    .at[order]
    .set(d_x.reshape(-1, x.shape[-1]), unique_indices=True)
  )
  return (loss.sum(), z.sum()), (d_x.reshape(x.shape), gradient)


def _scores(
  x: jax.Array, embedding: jax.Array, targets: jax.Array, weights: jax.Array
) -> jax.Array:
  """Returns sums of log-likelihoods, (batch,); arguments are as of `_loss`."""

  def step(rows: Any) -> jax.Array:
    x, targets, weights = rows
    return _log_likelihoods(x @ embedding.T, targets)[1] * weights

  def skip(rows: Any) -> jax.Array:
    return jnp.zeros(_ROWS)

  rows, order = _rows(x, targets, weights)
  found = lax.map(lambda rows: lax.cond(rows[2].any(), step, skip, rows), rows)
  found = (
    jnp.zeros(weights.size)
    .at[order]
    .set(found.reshape(-1), unique_indices=True)
  )
  return found.reshape(weights.shape).sum(axis=-1)


def _rows(
  x: jax.Array, targets: jax.Array, weights: jax.Array
) -> tuple[tuple[jax.Array, ...], jax.Array]:
  """Divides tokens into as many as are made together, those with weights first.

  Returns:
    (x, targets, weights), each of (steps, `_ROWS`, ...); and the tokens' order.
  """
  order = jnp.argsort(weights.reshape(-1) == 0, stable=True)
  flat = (x.reshape(-1, x.shape[-1]), targets.reshape(-1), weights.reshape(-1))
  return (
    tuple(one[order].reshape(-1, _ROWS, *one.shape[1:]) for one in flat),
    order,
  )


def _log_likelihoods(
  logits: jax.Array, targets: jax.Array
) -> tuple[jax.Array, jax.Array]:
  """Returns log sums of exponents, and log-likelihoods of targets."""
  log_z = jax.nn.logsumexp(logits, axis=-1)
  likelihood = jnp.take_along_axis(logits, targets[:, None], axis=-1)[:, 0]
  return log_z, likelihood - log_z


def _loss_backward(_: float, gradients: Any, d_sums: Any) -> Any:
  # T5X, too, takes the z-loss alone as a thing to look at.
  d_x, d_embedding = gradients
  return d_x * d_sums[0], d_embedding * d_sums[0], None, None


_loss.defvjp(_loss_and_gradients, _loss_backward)


def _attention(
  query: jax.Array,
  key: jax.Array,
  value: jax.Array,
  bias: jax.Array,
  dropout_rng: jax.Array | None = None,
  dropout_rate: float = 0.0,
  deterministic: bool = False,
  **_: Any,
) -> jax.Array:
  """Does what T5X's function of this name does, one example after another."""
  batch, length, heads, _ = key.shape
  keep = jnp.ones((batch, heads, 1, length))
  if dropout_rate and not deterministic:
    rate = 1 - dropout_rate
    kept = jax.random.bernoulli(dropout_rng, rate, keep.shape)
    keep = kept / rate
  # Masks alone are the same for all heads.
  bias = jnp.broadcast_to(bias, (batch, heads, query.shape[1], length))
  return _attended(query, key, value, bias, keep)


@jax.custom_vjp
def _attended(
  query: jax.Array,
  key: jax.Array,
  value: jax.Array,
  bias: jax.Array,
  keep: jax.Array,
) -> jax.Array:
  """Returns weighted values, (batch, queries, heads, features), float32.

  Args:
    query: float32 of (batch, queries, heads, features).
    key: float32 of (batch, keys, heads, features).
    value: as keys.
    bias: float32 of (batch, heads, queries, keys), added to products.
    keep: float32 of (batch, heads, 1, keys), factors of weights.
  """
  return _attend(query, key, value, bias, keep)[0]


def _weights(query: jax.Array, key: jax.Array, bias: jax.Array) -> jax.Array:
  return jax.nn.softmax(jnp.einsum('qhd,khd->hqk', query, key) + bias)


def _attend(*arrays: jax.Array) -> Any:
  def example(one: Any) -> jax.Array:
    query, key, value, bias, keep = one
    weights = _weights(query, key, bias) * keep
    return jnp.einsum('hqk,khd->qhd', weights, value)

  return lax.map(example, arrays), arrays


def _attend_backward(arrays: Any, d_outputs: jax.Array) -> Any:
  def example(one: Any) -> Any:
    query, key, value, bias, keep, d_output = one
    weights = _weights(query, key, bias)
    d_weights = jnp.einsum('qhd,khd->hqk', d_output, value) * keep
    mean = (weights * d_weights).sum(axis=-1, keepdims=True)
    d_bias = weights * (d_weights - mean)
    return (
      jnp.einsum('hqk,khd->qhd', d_bias, key),
      jnp.einsum('hqk,qhd->khd', d_bias, query),
      jnp.einsum('hqk,qhd->khd', weights * keep, d_output),
      d_bias,
      None,
    )

  return lax.map(example, (*arrays, d_outputs))


_attended.defvjp(_attend, _attend_backward)
