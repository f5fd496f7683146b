"""Keys of what a run leaves out: documents, rows or examples.

The launcher reads them by the path that a user names, and workers by the plan,
which keeps their SHA-256, as for a vocabulary.
"""

from collections.abc import Iterator, Mapping
import hashlib
import re
from typing import Any

import numpy as np
import orjson

from ul2_flan.pipelines.storage import files
from ul2_flan.pipelines.storage.manifests import manifest_of
from ul2_flan.tasks import manifest as manifest_lib
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.manifest import Manifest
from ul2_flan.tasks.ragged import Bools, UInt64s

# What examples must have to be left out by their keys.
KEY_FEATURE = 'provenance/key'

_KEY = re.compile(r'[0-9a-f]{16}')

NONE = np.zeros(0, np.uint64)


def read(path: str) -> UInt64s:
  """Reads keys: uint64 [n], sorted, each once.

  Args:
    path: the output of a run of `contamination`, or its manifest; or a file of
      lines that are a key of sixteen hexadecimal digits, or JSON with a 'key'.

  Raises:
    UserError: it cannot be read, or has something else.
  """
  try:
    keys = {key for file in _files(path) for key in _keys(file)}
  except (OSError, ValueError) as e:
    raise UserError(f"--without_keys '{path}': {files.why(e)}") from e
  return np.array(sorted(keys), np.uint64)


def _report(path: str) -> tuple[str, Manifest | None]:
  """Returns the folder of a report and its manifest; None for a file."""
  folder = path.removesuffix(manifest_lib.FILE_NAME).rstrip('/') or path
  is_report = files.exists(manifest_lib.path_of(folder))
  return folder, manifest_of(folder) if is_report else None


def _refuse_others(path: str, *, examples: bool) -> None:
  _, manifest = _report(path)
  if manifest is None or manifest.run['job'] != 'contamination':
    return
  has: bool = manifest.run['config']['examples']
  if has != examples:
    kinds = ('documents', 'examples')
    how = 'with' if examples else 'without'
    raise UserError(
      f"--without_keys '{path}' has keys of {kinds[has]}, and this run leaves "
      f'out {kinds[examples]}: make that report anew {how} --examples'
    )


def _files(path: str) -> list[str]:
  """Returns the files that hold the keys."""
  folder, manifest = _report(path)
  if manifest is None:
    return [path]
  if manifest.run['job'] != 'contamination':
    raise UserError(
      f"--without_keys '{path}' is of a run of {manifest.run['job']}: give the "
      'output of one of contamination, or a file of keys'
    )
  splits = manifest.data_sets[f'{manifest.name}:keys']
  return [
    files.join(folder, shard.path)
    for split in splits.values()
    for shard in split.shards
  ]


def _keys(path: str) -> Iterator[int]:
  with files.open_read(path) as file:
    for number, line in enumerate(file, 1):
      text: Any = line.decode().strip()
      try:
        fields = orjson.loads(line) if text.startswith('{') else {'key': text}
      except orjson.JSONDecodeError:
        fields = {}
      key = str(fields.get('key'))
      if text and not _KEY.fullmatch(key):
        raise UserError(
          f"--without_keys '{path}': line {number} has no key of sixteen "
          f'hexadecimal digits: {text[:60]}'
        )
      if text:
        yield int(key, 16)


def described(path: str, *, examples: bool | None = None) -> dict[str, Any]:
  """Describes keys for a plan: no member if there are none.

  Args:
    path: as in `read`.
    examples: whether a report's keys of text must be those of examples, or of
      documents; None if the run has no text. A file of keys may have any.

  Raises:
    UserError: see `read`; or a report has the other keys, of which the run
      would find none.
  """
  if not path:
    return {}
  if examples is not None:
    _refuse_others(path, examples=examples)
  keys = read(path)
  known = {'path': path, 'keys': len(keys), 'sha256': _sha256(keys)}
  return {'without_keys': known}


def load_planned(config: Mapping[str, Any]) -> UInt64s:
  """Loads the keys that a plan's configuration describes; maybe there are none.

  Raises:
    UserError: they have changed since then.
  """
  known = config.get('without_keys')
  if not known:
    return NONE
  keys = read(known['path'])
  if _sha256(keys) != known['sha256']:
    raise UserError(
      f'{known["path"]} does not hold the keys that the run was planned with: '
      'they were replaced, or a worker sees another file'
    )
  return keys


def among(keys: UInt64s, left_out: UInt64s) -> Bools:
  """Tells which keys are left out: bool, of the shape of `keys`.

  >>> among(np.array([3, 5], np.uint64), np.array([5, 9], np.uint64)).tolist()
  [False, True]

  Args:
    keys: uint64 [n].
    left_out: uint64 [m], sorted.
  """
  if not len(left_out):
    return np.zeros(len(keys), np.bool_)
  place = np.minimum(np.searchsorted(left_out, keys), len(left_out) - 1)
  same: Bools = left_out[place] == keys
  return same


def _sha256(keys: UInt64s) -> str:
  return hashlib.sha256(keys.tobytes()).hexdigest()
