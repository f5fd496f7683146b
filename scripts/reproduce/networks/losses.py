"""Losses and scores of tokens, whose logits are made a few rows at a time."""

from __future__ import annotations

import functools
from typing import Any

import jax
from jax import lax
from jax import numpy as jnp

# Tokens whose logits are made together: 4 MB for 8,192 pieces.
_ROWS = 128


@functools.partial(jax.custom_vjp, nondiff_argnums=(4,))
def loss_and_z_loss(
  x: jax.Array,
  matrix: jax.Array,
  targets: jax.Array,
  weights: jax.Array,
  z_loss: float,
) -> tuple[jax.Array, jax.Array]:
  """Returns the sums of cross entropy with z-loss, and of z-loss alone.

  Args:
    x: float32 of (batch, length, features), whose products with the matrix are
      logits.
    matrix: float32 of (vocabulary, features).
    targets: int32 of (batch, length).
    weights: float32 of (batch, length).
    z_loss: its factor.
  """
  return _with_gradients(x, matrix, targets, weights, z_loss)[0]


def _with_gradients(
  x: jax.Array,
  matrix: jax.Array,
  targets: jax.Array,
  weights: jax.Array,
  z_loss: float,
) -> Any:
  def step(gradient: jax.Array, rows: Any) -> Any:
    x, targets, weights = rows
    logits = x @ matrix.T
    log_z, likelihoods = _log_likelihoods(logits, targets)
    z = z_loss * log_z**2 * weights
    loss = z - likelihoods * weights
    scale = weights * (1 + 2 * z_loss * log_z)
    d_logits = jnp.exp(logits - log_z[:, None]) * scale[:, None]
    is_target = jnp.arange(len(matrix)) == targets[:, None]
    d_logits -= jnp.where(is_target, weights[:, None], 0)
    d_x = d_logits @ matrix
    return gradient + d_logits.T @ x, (loss.sum(), z.sum(), d_x)

  def skip(gradient: jax.Array, rows: Any) -> Any:
    return gradient, (0.0, 0.0, jnp.zeros_like(rows[0]))

  rows, order = _rows(x, targets, weights)
  gradient, (loss, z, d_x) = lax.scan(
    lambda carry, rows: lax.cond(rows[2].any(), step, skip, carry, rows),
    jnp.zeros_like(matrix),
    rows,
  )
  d_x = (
    jnp.zeros_like(x)
    .reshape(-1, x.shape[-1])
    .at[order]
    .set(d_x.reshape(-1, x.shape[-1]), unique_indices=True)
  )
  return (loss.sum(), z.sum()), (d_x.reshape(x.shape), gradient)


def scores(
  x: jax.Array, matrix: jax.Array, targets: jax.Array, weights: jax.Array
) -> jax.Array:
  """Returns sums of log-likelihoods, (batch,), of arguments as above."""

  def step(rows: Any) -> jax.Array:
    x, targets, weights = rows
    return _log_likelihoods(x @ matrix.T, targets)[1] * weights

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


def _backward(_: float, gradients: Any, d_sums: Any) -> Any:
  # T5X, too, takes the z-loss alone as a thing to look at.
  d_x, d_embedding = gradients
  return d_x * d_sums[0], d_embedding * d_sums[0], None, None


loss_and_z_loss.defvjp(_with_gradients, _backward)
