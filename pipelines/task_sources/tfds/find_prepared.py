"""Finds TFDS-prepared directories and the shards of their splits.

A directory is what TFDS has prepared of one version of a data set:

    <root>/<name>[/<config>]/<version>/dataset_info.json
                                       features.json
                                       <label>.labels.txt
                                       <name>-<split>.tfrecord-00000-of-00008
"""

from collections.abc import Mapping
import re
from typing import Any

import orjson

from ul2_flan.pipelines.sources import Piece
from ul2_flan.pipelines.storage import files
from ul2_flan.pipelines.task_sources.finders.file_index import Index
from ul2_flan.pipelines.task_sources.finders.split_slices import split_pieces
from ul2_flan.pipelines.task_sources.row_block import ReadOptions
from ul2_flan.pipelines.task_sources.tfds.features import columns_in
from ul2_flan.pipelines.task_sources.tfds.values import Leaf, Tree
from ul2_flan.tasks.catalog import Source, Task
from ul2_flan.tasks.errors import UserError, unknown

_INFO = 'dataset_info.json'

_VERSION = re.compile(r'\d+\.\d+\.\d+')

# How TFDS names shards where the directory does not say.
_TEMPLATE = '{DATASET}-{SPLIT}.{FILEFORMAT}-{SHARD_X_OF_Y}'

# Each split's shards: their names and their rows.
_Shards = Mapping[str, list[tuple[str, int]]]


def locate(
  task: Task, source: Source, index: Index, options: ReadOptions
) -> Mapping[str, tuple[Piece, ...]]:
  """Finds the newest prepared version whose features the catalog can map.

  A version older than the catalog's is not read: its rows may differ.

  Returns:
    our splits to pieces, one for each shard that has rows of the split; their
    paths tell the version. Nothing if there is no such directory.

  Raises:
    UserError: no directory that there is can be read. A version is too old or
      not of TFRecords, or a split, a column or a shard is missing, or the
      classes are not the catalog's.
  """
  # A locator may pin the oldest version: `glue/rte:2.0.0`.
  locator, _, pinned = source.locator.partition(':')
  errors: list[str] = []
  for version, folder in _versions(locator, index):
    if version < _numbers(pinned):
      errors.append(f'{folder}: {pinned} is the oldest version to be read')
      continue
    try:
      splits = _locate_splits(folder, locator, source, index)
    except UserError as e:
      errors.append(str(e))
      continue
    if splits:
      return splits
  if errors:
    raise UserError(f'{task.name}: ' + '; '.join(errors))
  return {}


def _versions(locator: str, index: Index) -> list[tuple[tuple[int, ...], str]]:
  """Returns prepared versions of a data set and their folders, newest first."""
  folders: dict[tuple[int, ...], str] = {}
  for file in index.named(_INFO):
    folder = file.path.rpartition('/')[0]
    parent, _, version = folder.rpartition('/')
    if _VERSION.fullmatch(version) and f'/{parent}'.endswith(f'/{locator}'):
      # If two roots have a version, the first root that was named counts.
      folders.setdefault(_numbers(version), folder)
  return sorted(folders.items(), reverse=True)


def _numbers(version: str) -> tuple[int, ...]:
  """Makes a version comparable: 1.10.0 is newer than 1.9.0."""
  return tuple(map(int, version.split('.')))


def _locate_splits(
  folder: str, locator: str, source: Source, index: Index
) -> dict[str, tuple[Piece, ...]]:
  """Finds the pieces of a directory; none if it is of another data set."""
  splits = _read_info(folder, locator.partition('/')[0])
  if splits is None:
    return {}
  _check_classes(folder, columns_in(folder, source), source, index)
  sizes = {file.path: file.size for file in index.inside(folder)}

  def whole(split: str) -> list[Piece]:
    if split not in splits:
      info = files.join(folder, _INFO)
      raise UserError(f'{info}: {unknown("split", split, splits)}')
    shards = [(files.join(folder, s), n) for s, n in splits[split] if n]
    missing = [shard for shard, _ in shards if shard not in sizes]
    if missing:
      raise UserError(
        f'{len(missing)} of {len(shards)} shards are missing, the first is '
        f'{missing[0]}'
      )
    # The piece always says how many rows it has, sliced or not: otherwise the
    # reader could not tell that a file has lost its last ones.
    return [
      Piece(shard, 'tfds', 0, sizes[shard], sizes[shard], rows=(0, n))
      for shard, n in shards
    ]

  def count(piece: Piece) -> int:
    assert piece.rows is not None
    return piece.rows[1]

  return split_pieces(source, whole, count)


def _read_info(folder: str, name: str) -> _Shards | None:
  """Reads the shards of each split; None if it is another data set's folder.

  Raises:
    UserError: the file is not one of TFDS's, or tells of other than TFRecords.
  """
  path = files.join(folder, _INFO)
  try:
    info = orjson.loads(files.read_bytes(path))
    file_format = info.get('fileFormat') or 'tfrecord'
    splits = {s['name']: _shards(name, s) for s in info['splits']}
  except (AttributeError, LookupError, TypeError, ValueError) as e:
    raise UserError(f'{path} does not describe a data set of TFDS: {e}') from e
  if info.get('name', name) != name:
    # The folder's name is that of another data set's configuration.
    return None
  if file_format != 'tfrecord':
    raise UserError(
      f'{folder} holds {file_format}, and TFRecords are read here. Prepare it '
      "again with TFDS's --file_format=tfrecord"
    )
  return splits


def _shards(name: str, split: Mapping[str, Any]) -> list[tuple[str, int]]:
  """Returns the shards' names, by the directory's own template, and rows."""
  template = split.get('filepathTemplate') or _TEMPLATE
  if not isinstance(split['name'], str):
    raise TypeError(f'{split["name"]!r} is no name of a split')
  # Protos write 64-bit integers as strings.
  lengths = [int(length) for length in split.get('shardLengths', ())]
  shards = []
  for i, length in enumerate(lengths):
    numbers = f'{i:05}', f'{len(lengths):05}'
    words = {
      'DATASET': name,
      'SPLIT': split['name'],
      'FILEFORMAT': 'tfrecord',
      'SHARD_INDEX': numbers[0],
      'NUM_SHARDS': numbers[1],
      'SHARD_X_OF_Y': '-of-'.join(numbers),
    }
    # Not by `format`, which also takes widths and attributes.
    file = re.sub(r'\{(\w+)\}', lambda m, words=words: words[m[1]], template)
    shards.append((file, length))
  return shards


def _check_classes(
  folder: str, columns: Mapping[str, Tree], source: Source, index: Index
) -> None:
  """Raises if the classes are in another order than in the catalog.

  Rows hold a class's number: in another order every answer would be wrong.
  """
  answer = columns.get(str(source.fields.get('answer')))
  if not source.classes or not isinstance(answer, Leaf) or not answer.label:
    return
  path = files.join(folder, f'{answer.key}.labels.txt')
  if path not in {file.path for file in index.inside(folder)}:
    return
  try:
    names = tuple(files.read_bytes(path).decode().split('\n'))
  except UnicodeDecodeError as e:
    raise UserError(f'{path} is not UTF-8: {e}') from e
  names = tuple(name for name in names if name)
  if names != source.classes:
    raise UserError(
      f'{path} has the classes {", ".join(names)}; the catalog has '
      f'{", ".join(source.classes)}, in this order'
    )
