"""Writes a model's folder, which appears whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
import contextlib
import json
import math
import os
from pathlib import Path
import shutil
import tempfile

from ul2_flan.tasks.errors import UserError
from ul2_flan.trainer_plugin.to_hugging_face.checkpoint import Checkpoint
from ul2_flan.trainer_plugin.to_hugging_face.tensors import Model, Shape

# Of the parameters that are in memory at once, and then a file.
MAX_BYTES = 2 << 30
_FLOAT32 = 4


def check(output: str) -> None:
  """Refuses a folder that has something, and a path of another file system.

  Raises:
    UserError: says so.
  """
  path = Path(output)
  if '://' in output:
    raise UserError(
      f'--output {output}: Transformers reads folders of this machine. Give '
      'one, and copy it then'
    )
  if path.exists() and (not path.is_dir() or any(path.iterdir())):
    raise UserError(
      f'--output {output} is there, and not an empty folder. Nothing is '
      'overwritten: give another, or remove it'
    )


@contextlib.contextmanager
def whole(output: str) -> Iterator[Path]:
  """Gives a folder to write to, which gets its name at the end.

  It lies beside the output; if the body fails, it is removed.

  Raises:
    UserError: there is something of that name, or it cannot be written.
  """
  check(output)
  path = Path(output).absolute()
  try:
    path.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix=f'.{path.name}.', dir=path.parent))
  except OSError as e:
    raise UserError(f'--output {output}: {e.strerror}') from e
  try:
    yield made
    # The rights that a new folder has, unlike one of mkdtemp's.
    made.chmod(0o777 & ~_umask())
    # An empty folder may stand there; the system refuses any other.
    os.replace(made, path)
  except OSError as e:
    raise UserError(f'--output {output}: {e.strerror or e}') from e
  finally:
    shutil.rmtree(made, ignore_errors=True)


def write_tensors(
  folder: Path, checkpoint: Checkpoint, model: Model, most: int = MAX_BYTES
) -> None:
  """Writes a model's tensors as safetensors, and an index if they are several.

  Args:
    folder: to write to.
    checkpoint: whose parameters are read.
    model: what they become.
    most: bytes in a file, unless one parameter has more.

  Raises:
    UserError: a file cannot be written.
  """
  import safetensors
  from safetensors import numpy as of_numpy

  groups = list(grouped(checkpoint.shapes, most))
  places: dict[str, str] = {}
  total = 0
  for i, names in enumerate(groups, 1):
    file = (
      f'model-{i:05}-of-{len(groups):05}.safetensors'
      if len(groups) > 1
      else 'model.safetensors'
    )
    tensors = {
      name: array.copy(order='C')
      for parameter, values in checkpoint.read(names).items()
      for name, array in model.tensors(parameter, values)
    }
    # Transformers wants to know for which library a file is.
    try:
      of_numpy.save_file(tensors, folder / file, metadata={'format': 'pt'})
    except safetensors.SafetensorError as e:
      raise UserError(f'cannot write {folder / file}: {e}') from e
    # It would be for its owner alone.
    (folder / file).chmod(0o666 & ~_umask())
    places |= dict.fromkeys(tensors, file)
    total += sum(array.nbytes for array in tensors.values())
  if len(groups) > 1:
    index = {'metadata': {'total_size': total}, 'weight_map': places}
    write_json(folder / 'model.safetensors.index.json', index)


def grouped(shapes: Mapping[str, Shape], most: int) -> Iterator[Sequence[str]]:
  """Yields groups of parameters, each of at most so many bytes of float32.

  >>> list(grouped({'a': (2, 2), 'b': (9,), 'c': (1,), 'd': (3,)}, most=20))
  [['a'], ['b'], ['c', 'd']]
  """
  group: list[str] = []
  size = 0
  for name, shape in shapes.items():
    bytes_there = math.prod(shape) * _FLOAT32
    if group and size + bytes_there > most:
      yield group
      group, size = [], 0
    group.append(name)
    size += bytes_there
  yield group


def write_json(path: Path, value: object) -> None:
  """Writes a file as Transformers does."""
  path.write_text(f'{json.dumps(value, indent=2)}\n')


def _umask() -> int:
  mask = os.umask(0)
  os.umask(mask)
  return mask
