"""Parameters of small models of each network, and checkpoints of them."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from flax import traverse_util
import numpy as np

from ul2_flan.trainer_plugin.to_hugging_face.checkpoint import Checkpoint

HEADS, HEAD, WIDTH, MLP, ROWS = 2, 4, 8, 12, 640
LAYERS = {'encoder': 3, 'decoder': 2}

GATED = {'mlp_activations': ('gelu', 'linear')}


def _shapes(scanned: bool, tied: bool) -> Iterator[tuple[str, tuple[int, ...]]]:
  """Names and shapes of T5X's networks `t5` and `scalable_t5`, both gated."""
  yield 'token_embedder/embedding', (ROWS, WIDTH)
  if not tied:
    yield 'decoder/logits_dense/kernel', (WIDTH, ROWS)
  heads = (HEADS, HEAD) if scanned else (HEADS * HEAD,)
  for side, layers in LAYERS.items():
    first = {'encoder': ('attention',), 'decoder': ('self_attention',)}[side]
    cross = ('encoder_decoder_attention',) * (side == 'decoder')
    norms = ['pre_mlp_layer_norm', f'pre_{first[0]}_layer_norm']
    norms += ['pre_cross_attention_layer_norm'] * len(cross)
    layer: dict[str, tuple[int, ...]] = {
      f'{norm}/scale': (WIDTH,) for norm in norms
    }
    for attention in (*first, *cross):
      for name in ('query', 'key', 'value'):
        layer[f'{attention}/{name}/kernel'] = (WIDTH, *heads)
      layer[f'{attention}/out/kernel'] = (*heads, WIDTH)
    layer['mlp/wi_0/kernel'] = layer['mlp/wi_1/kernel'] = (WIDTH, MLP)
    layer['mlp/wo/kernel'] = (MLP, WIDTH)
    yield f'{side}/{side}_norm/scale', (WIDTH,)
    table = 'relpos_bias/rel_embedding'
    if scanned:
      for name, shape in {**layer, table: (HEADS, 32)}.items():
        yield f'{side}/{side}/{name}', (shape[0], layers, *shape[1:])
      continue
    yield f'{side}/{table}', (HEADS, 32)
    for i in range(layers):
      for name, shape in layer.items():
        yield f'{side}/layers_{i}/{name}', shape


def parameters(
  *, scanned: bool = False, tied: bool = False
) -> dict[str, np.ndarray]:
  random = np.random.default_rng(0)
  return {
    name: random.normal(size=shape).astype(np.float32)
    for name, shape in _shapes(scanned, tied)
  }


def shapes(flat: Mapping[str, Any]) -> dict[str, tuple[int, ...]]:
  return {name: array.shape for name, array in flat.items()}


def in_memory(flat: Mapping[str, Any]) -> Checkpoint:
  return Checkpoint(
    'memory', shapes(flat), lambda names: {name: flat[name] for name in names}
  )


def save(folder: Path, step: int, flat: Mapping[str, Any]) -> Path:
  """Saves a checkpoint as T5X lets Orbax do it, with optimizer state."""
  import orbax.checkpoint as ocp

  path = folder / f'checkpoint_{step}'
  slots = {name: np.ones(3, np.float32) for name in flat}
  ocp.PyTreeCheckpointer().save(
    path / 'state',
    {
      'target': traverse_util.unflatten_dict(flat, sep='/'),
      'state': {
        'step': np.int32(step),
        'param_states': traverse_util.unflatten_dict(slots, sep='/'),
      },
    },
  )
  return path
