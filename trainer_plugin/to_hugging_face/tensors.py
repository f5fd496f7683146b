"""Maps T5X's parameters to Transformers' tensors and configuration.

T5X's network `t5` has one table of relative positions for all layers of a side,
as `T5ForConditionalGeneration` has; `scalable_t5` has one for each layer, as
`UMT5ForConditionalGeneration` has, and keeps a parameter of all layers in one
array. All else is the same: RMS norms without bias, no scaling of attention's
logits, gates in the MLP.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
import dataclasses
import math
from typing import Any, TypeAlias

import numpy as np

from ul2_flan.tasks.errors import UserError

Array: TypeAlias = np.typing.NDArray[Any]
Shape: TypeAlias = tuple[int, ...]

EMBEDDING, LOGITS = 'token_embedder/embedding', 'decoder/logits_dense/kernel'

# Where a part of a layer is among Transformers' sublayers. The MLP is the last.
_SUBLAYERS = {
  'attention': '0.SelfAttention',
  'self_attention': '0.SelfAttention',
  'relpos_bias': '0.SelfAttention',
  'pre_attention_layer_norm': '0',
  'pre_self_attention_layer_norm': '0',
  'encoder_decoder_attention': '1.EncDecAttention',
  'pre_cross_attention_layer_norm': '1',
}
_MLP = {'encoder': '1', 'decoder': '2'}
_LEAVES = {
  **{'query': 'q', 'key': 'k', 'value': 'v', 'out': 'o'},
  **{'wi': 'wi', 'wi_0': 'wi_0', 'wi_1': 'wi_1', 'wo': 'wo'},
  **{'scale': 'layer_norm', 'rel_embedding': 'relative_attention_bias'},
}
_NORMS = {
  f'{side}/{side}_norm/scale': f'{side}.final_layer_norm.weight'
  for side in _MLP
}

# Flax's GELU is the approximation by tanh, which Transformers calls new; in
# 'gated-gelu' it means that one too.
_ACTIVATIONS = {'gelu': 'gelu_new', 'relu': 'relu', 'silu': 'silu'}


@dataclasses.dataclass(frozen=True)
class Model:
  """An encoder-decoder of T5X, as Transformers describes it.

  Attributes:
    config: the model's part of `config.json`.
    scan_axis: the axis of layers, in an array of all layers.
    logits_scale: what the kernel of logits is multiplied by.
  """

  config: Mapping[str, Any]
  scan_axis: int
  logits_scale: float

  def tensors(self, name: str, array: Array) -> Iterator[tuple[str, Array]]:
    """Yields the tensors that a parameter becomes, by name, in float32.

    Args:
      name: of T5X's parameter.
      array: its values, of any type of float.

    Raises:
      KeyError: T5 has no such parameter.
    """
    array = array.astype(np.float32, copy=False)
    if name == EMBEDDING:
      yield 'shared.weight', array
      return
    if name == LOGITS:
      yield 'lm_head.weight', array.T * np.float32(self.logits_scale)
      return
    if name in _NORMS:
      yield _NORMS[name], array
      return
    side, layer, *rest = name.split('/')
    if layer == side:
      for i, one in enumerate(np.moveaxis(array, self.scan_axis, 0)):
        yield _tensor(side, i, rest, one)
    elif layer == 'relpos_bias':  # the first layer's is used by all
      yield _tensor(side, 0, [layer, *rest], array)
    else:
      yield _tensor(side, int(layer.removeprefix('layers_')), rest, array)


def _tensor(
  side: str, layer: int, names: Sequence[str], array: Array
) -> tuple[str, Array]:
  """Returns the tensor of one layer: its name, and its values."""
  part, leaf = names[:2]
  place = _SUBLAYERS.get(part) or _MLP[side]
  if part == 'mlp':
    place += '.DenseReluDense'
  if leaf != 'scale':
    # T5X's kernels are [in, out], and heads are axes of their own if scanned.
    inputs = array.shape[:-1] if leaf == 'out' else array.shape[:1]
    array = array.reshape(math.prod(inputs), -1).T
  return f'{side}.block.{layer}.layer.{place}.{_LEAVES[leaf]}.weight', array


def model(
  shapes: Mapping[str, Shape], settings: Mapping[str, Any], where: str
) -> Model:
  """Works out what a model is from the shapes of its parameters.

  Args:
    shapes: of all parameters, by name.
    settings: of T5X's network, by field: what shapes do not show.
    where: the settings are from, for messages.

  Raises:
    UserError: Transformers has no class that computes the same, or the settings
      are of another model.
  """
  _refuse_others(shapes)
  axis = int(settings.get('param_scan_axis', 1))
  sizes = _sizes(shapes, axis)
  for name, (_, size) in sizes.items():
    given = settings.get(name, size)
    if isinstance(given, int) and given != size:
      raise UserError(
        f'{where} is of another model than the checkpoint: {name} is {given} '
        f'there, and {size} here. Give the model that it was trained as'
      )
  is_tied = LOGITS not in shapes
  has_one_table = 'encoder/relpos_bias/rel_embedding' in shapes
  config = {
    'architectures': [
      f'{"" if has_one_table else "UM"}T5ForConditionalGeneration'
    ],
    'model_type': 't5' if has_one_table else 'umt5',
    'is_encoder_decoder': True,
    **dict(sizes.values()),
    'relative_attention_max_distance': 128,
    'feed_forward_proj': _feed_forward(shapes, settings, where),
    'layer_norm_epsilon': 1e-6,
    # Logits are scaled if this is true. Transformers 5 scales those of UMT5
    # whatever is said here, and ties only what is equal.
    'tie_word_embeddings': is_tied or not has_one_table,
    'dtype': 'float32',
  }
  undoes_scaling = not (is_tied or has_one_table)
  width = shapes[EMBEDDING][1]
  return Model(config, axis, math.sqrt(width) if undoes_scaling else 1.0)


def _sizes(
  shapes: Mapping[str, Shape], axis: int
) -> dict[str, tuple[str, int]]:
  """Returns sizes by T5X's name, each with Transformers' name."""
  heads, buckets = _in_layer(shapes, 'encoder/relpos_bias/rel_embedding', axis)
  query = _in_layer(shapes, 'encoder/attention/query/kernel', axis)
  rows, width = shapes[EMBEDDING]
  return {
    'vocab_size': ('vocab_size', rows),
    'emb_dim': ('d_model', width),
    'num_heads': ('num_heads', heads),
    'head_dim': ('d_kv', math.prod(query[1:]) // heads),
    'mlp_dim': ('d_ff', _in_layer(shapes, 'encoder/mlp/wo/kernel', axis)[0]),
    'num_encoder_layers': ('num_layers', _layers(shapes, 'encoder', axis)),
    'num_decoder_layers': (
      'num_decoder_layers',
      _layers(shapes, 'decoder', axis),
    ),
    'num_buckets': ('relative_attention_num_buckets', buckets),
  }


def _refuse_others(shapes: Mapping[str, Shape]) -> None:
  """Refuses what is not T5."""
  if not any(name.startswith('encoder/') for name in shapes):
    raise UserError(
      'a decoder-only model of T5X cannot be written for Transformers: it has '
      'no class for a decoder without cross-attention that has relative '
      "position biases as T5's. Ask it with T5X (trainer_plugin/README.md)"
    )
  dry = Model({}, 1, 1.0)
  for name, shape in shapes.items():
    try:
      # Of one number, whatever the shape.
      list(dry.tensors(name, np.broadcast_to(np.float32(0), shape)))
    except (KeyError, ValueError) as e:
      raise UserError(
        f"'{name}' is no parameter of T5X's networks t5 and scalable_t5, the "
        'only ones that Transformers has classes for'
      ) from e


def _feed_forward(
  shapes: Mapping[str, Shape], settings: Mapping[str, Any], where: str
) -> str:
  """Returns Transformers' word for the MLP."""
  names = tuple(settings.get('mlp_activations', ('relu',)))
  is_gated = any('/mlp/wi_0/' in name for name in shapes)
  if is_gated != (len(names) > 1):
    raise UserError(
      f'{where} is of another model than the checkpoint: mlp_activations is '
      f'{names} there, and the MLP is {"" if is_gated else "not "}gated here. '
      'Give the model that it was trained as'
    )
  first = {'swish': 'silu'}.get(names[0], names[0])
  if names[1:] not in ((), ('linear',)) or first not in _ACTIVATIONS:
    raise UserError(
      f'{where}: mlp_activations is {names}. Transformers takes one of '
      f"{', '.join(_ACTIVATIONS)}, alone or with 'linear' behind it"
    )
  return f'gated-{first}' if is_gated else _ACTIVATIONS[first]


def _in_layer(shapes: Mapping[str, Shape], name: str, axis: int) -> Shape:
  """Returns the shape that a parameter has in one layer."""
  side, part = name.split('/', 1)
  scanned = shapes.get(f'{side}/{side}/{part}')
  if scanned:
    return scanned[:axis] + scanned[axis + 1 :]
  return shapes.get(name) or shapes[f'{side}/layers_0/{part}']


def _layers(shapes: Mapping[str, Shape], side: str, axis: int) -> int:
  scanned = shapes.get(f'{side}/{side}/mlp/wo/kernel')
  if scanned:
    return scanned[axis]
  return sum(
    name.startswith(f'{side}/layers_') and name.endswith('/mlp/wo/kernel')
    for name in shapes
  )
