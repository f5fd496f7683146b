"""Finds a checkpoint of T5X, and reads its parameters a group at a time.

T5X writes Orbax's format, and wrote one of its own before, which T5's public
checkpoints have. Optimizer state is never read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
import dataclasses
from typing import Any, TypeAlias
import warnings

from flax import traverse_util
import numpy as np
import tensorflow as tf

from ul2_flan.tasks.errors import UserError
from ul2_flan.trainer_plugin import record

Array: TypeAlias = np.typing.NDArray[Any]

# Beside a checkpoint's arrays in T5X's own format, in Orbax's.
_OWN, _ORBAX = 'checkpoint', 'state'


@dataclasses.dataclass(frozen=True)
class Checkpoint:
  """The parameters of a model, which lie on a disk or a bucket.

  Attributes:
    path: of the checkpoint.
    shapes: of each parameter, by its name, such as
      'encoder/layers_0/mlp/wo/kernel'.
    read: returns the parameters of some names.
  """

  path: str
  shapes: Mapping[str, tuple[int, ...]]
  read: Callable[[Sequence[str]], dict[str, Array]]


def find(model_dir: str, step: int | None = None) -> str:
  """Returns the path of a checkpoint in a folder.

  Args:
    model_dir: the folder, an absolute path.
    step: of the checkpoint; None for the last.

  Raises:
    UserError: it has no such checkpoint; the message has those that it has, or
      its folders that have some.
  """
  known = record.steps_in(model_dir)
  if not known:
    inside = tf.io.gfile.listdir(model_dir) if _is_folder(model_dir) else []
    below = [f'{model_dir}/{name.rstrip("/")}' for name in sorted(inside)]
    stages = [path for path in below if record.steps_in(path)]
    hint = f'. Give one of {", ".join(stages)}' if stages else ''
    raise UserError(
      f'--model_dir {model_dir} has no checkpoint_<step> of T5X{hint}'
    )
  if step is not None and step not in known:
    raise UserError(
      f'--step {step}: {model_dir} has no such checkpoint, but those of steps '
      f'{", ".join(map(str, known))}'
    )
  return f'{model_dir}/checkpoint_{known[-1] if step is None else step}'


def opened(path: str) -> Checkpoint:
  """Opens a checkpoint, and reads nothing but names and shapes.

  Raises:
    UserError: there is none, or what reads it is not installed.
  """
  try:
    if tf.io.gfile.exists(f'{path}/{_OWN}'):
      return _of_t5x(path)
    if _is_folder(f'{path}/{_ORBAX}'):
      return _of_orbax(path)
  except ModuleNotFoundError as e:
    raise UserError(
      f'{path}: needs the package {e.name}. trainer_plugin/README.md says how '
      'to install T5X with all that it takes'
    ) from e
  raise UserError(
    f'{path} is not a checkpoint of T5X: it has neither a folder {_ORBAX} nor '
    f'a file {_OWN}. It may have been copied in part'
  )


def _of_orbax(path: str) -> Checkpoint:
  import jax
  import orbax.checkpoint as ocp

  # A checkpointer leaves its event loop open, so there is one of them.
  reader = ocp.PyTreeCheckpointer()
  folder = f'{path}/{_ORBAX}'
  tree = reader.metadata(folder).item_metadata.tree
  known = traverse_util.flatten_dict(tree['target'], sep='/')
  blank = jax.tree.map(lambda _: ocp.PLACEHOLDER, tree)

  def read(names: Sequence[str]) -> dict[str, Array]:
    wanted = {
      name: leaf if name in names else ocp.PLACEHOLDER
      for name, leaf in known.items()
    }
    item = {**blank, 'target': traverse_util.unflatten_dict(wanted, sep='/')}
    with warnings.catch_warnings():
      # It would rather be told how to divide them among devices.
      warnings.simplefilter('ignore')
      restored = reader.restore(
        folder,
        item=item,
        restore_args=jax.tree.map(
          lambda _: ocp.RestoreArgs(restore_type=np.ndarray), tree
        ),
      )
    arrays = traverse_util.flatten_dict(restored['target'], sep='/')
    return {name: np.asarray(arrays[name]) for name in names}

  return Checkpoint(path, _shapes(known), read)


def _of_t5x(path: str) -> Checkpoint:
  from t5x import checkpoints

  lazy = traverse_util.flatten_dict(
    checkpoints.load_t5x_checkpoint(path, lazy_parameters=True)['target'],
    sep='/',
  )

  def read(names: Sequence[str]) -> dict[str, Array]:
    # Small parameters are in the file itself; the others are yet to be read.
    return {
      name: np.asarray(
        lazy[name].get() if hasattr(lazy[name], 'get') else lazy[name]
      )
      for name in names
    }

  return Checkpoint(path, _shapes(lazy), read)


def _shapes(flat: Mapping[str, Any]) -> dict[str, tuple[int, ...]]:
  return {name: tuple(leaf.shape) for name, leaf in flat.items()}


def _is_folder(path: str) -> bool:
  return bool(tf.io.gfile.isdir(path))
