"""Dot-product attention, whose weights are made an example at a time."""

from __future__ import annotations

from typing import Any

import jax
from jax import lax
from jax import numpy as jnp


def attention(
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
