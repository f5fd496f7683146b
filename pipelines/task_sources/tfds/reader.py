"""TFDS-prepared directories, found and read without TensorFlow.

A directory is what TFDS has prepared of one version of a data set:

    <root>/<name>[/<config>]/<version>/dataset_info.json
                                       features.json
                                       <label>.labels.txt
                                       <name>-<split>.tfrecord-00000-of-00008
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
import re
from typing import Any

import orjson

from ul2_flan.pipelines.sources import Piece
from ul2_flan.pipelines.storage import files
from ul2_flan.pipelines.task_sources.block import ReadOptions, RowBlock
from ul2_flan.pipelines.task_sources.collector import Collector
from ul2_flan.pipelines.task_sources.index import Index
from ul2_flan.pipelines.task_sources.slices import split_pieces
from ul2_flan.pipelines.task_sources.tfds.features import (
  mapped_columns,
  parse_features,
)
from ul2_flan.pipelines.task_sources.tfds.values import (
  BadRecordError,
  Leaf,
  Tree,
  leaves,
  read_tree,
)
from ul2_flan.tasks import records
from ul2_flan.tasks.catalog import Source, Task
from ul2_flan.tasks.errors import UserError, unknown

_VERSION = re.compile(r'\d+\.\d+\.\d+')

# How TFDS names shards where the directory does not say.
_TEMPLATE = '{DATASET}-{SPLIT}.{FILEFORMAT}-{SHARD_X_OF_Y}'


def locate(
  task: Task, source: Source, index: Index, options: ReadOptions
) -> Mapping[str, tuple[Piece, ...]]:
  """Finds the newest prepared version whose features the catalog can map.

  A version older than the catalog's is not read: its rows may differ.

  Returns:
    our splits to pieces, one for each shard that has rows of the split; which
    version it is, their paths tell. Empty: there is no such directory.

  Raises:
    UserError: there is one, and it cannot be read: too old, not of TFRecords, a
      split, a column or a shard is missing, classes are not the catalog's.
  """
  locator, _, pinned = source.locator.partition(':')
  found = _versions(locator, index)
  errors: list[str] = []
  for version, folder in found:
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
  """Prepared versions of a data set with their folders, the newest first."""
  found: dict[tuple[int, ...], str] = {}
  for file in index.named('dataset_info.json'):
    folder = file.path.rpartition('/')[0]
    parent, _, version = folder.rpartition('/')
    if _VERSION.fullmatch(version) and f'/{parent}'.endswith(f'/{locator}'):
      # Of two roots that have a version, the first one that was named.
      found.setdefault(_numbers(version), folder)
  return sorted(found.items(), reverse=True)


def _numbers(version: str) -> tuple[int, ...]:
  return tuple(map(int, version.split('.')))


def _locate_splits(
  folder: str, locator: str, source: Source, index: Index
) -> dict[str, tuple[Piece, ...]]:
  """The pieces of a directory; none if it is of another data set."""
  path = files.join(folder, 'dataset_info.json')
  name = locator.partition('/')[0]
  try:
    info = orjson.loads(files.read_bytes(path))
    file_format = info.get('fileFormat') or 'tfrecord'
    splits = {s['name']: _shards(name, s) for s in info['splits']}
  except (AttributeError, LookupError, TypeError, ValueError) as e:
    raise UserError(f'{path} does not describe a data set of TFDS: {e}') from e
  if info.get('name', name) != name:
    # Another data set, of which a configuration has this name.
    return {}
  if file_format != 'tfrecord':
    raise UserError(
      f'{folder} holds {file_format}, and TFRecords are read here. Prepare it '
      "again with TFDS's --file_format=tfrecord"
    )
  _check_classes(folder, read_columns(folder, source), source, index)
  sizes = {file.path: file.size for file in index.inside(folder)}

  def whole(split: str) -> list[Piece]:
    if split not in splits:
      raise UserError(f'{folder}: {unknown("split", split, splits)}')
    shards = [(files.join(folder, s), n) for s, n in splits[split] if n]
    missing = [shard for shard, _ in shards if shard not in sizes]
    if missing:
      raise UserError(
        f'{len(missing)} of {len(shards)} shards are missing, the first is '
        f'{missing[0]}'
      )
    # How many rows there are is told always: a file that lost its last ones
    # would not show it.
    return [
      Piece(shard, 'tfds', 0, sizes[shard], sizes[shard], rows=(0, n))
      for shard, n in shards
    ]

  def count(piece: Piece) -> int:
    assert piece.rows is not None
    return piece.rows[1]

  return split_pieces(source, whole, count)


def _shards(name: str, split: Mapping[str, Any]) -> list[tuple[str, int]]:
  """The shards' names, by the directory's own template, and their rows."""
  template = split.get('filepathTemplate') or _TEMPLATE
  lengths = [int(length) for length in split.get('shardLengths', ())]
  shards = []
  for i, length in enumerate(lengths):
    numbers = f'{i:05}', f'{len(lengths):05}'
    file = template.format(
      DATASET=name,
      SPLIT=split['name'],
      FILEFORMAT='tfrecord',
      SHARD_INDEX=numbers[0],
      NUM_SHARDS=numbers[1],
      SHARD_X_OF_Y='-of-'.join(numbers),
    )
    shards.append((file, length))
  return shards


def read_columns(folder: str, source: Source) -> dict[str, Tree]:
  """The columns of a directory that a source's fields are made of."""
  path = files.join(folder, 'features.json')
  if not files.exists(path):
    raise UserError(
      f'{path} is missing. Prepare the data set again with a newer TFDS'
    )
  columns = parse_features(files.read_bytes(path), path)
  return mapped_columns(source, columns, path)


def _check_classes(
  folder: str, columns: Mapping[str, Tree], source: Source, index: Index
) -> None:
  """Compares the order of classes with the catalog's: records have ids."""
  answer = columns.get(str(source.fields.get('answer')))
  if not source.classes or not isinstance(answer, Leaf) or not answer.label:
    return
  path = files.join(folder, f'{answer.key}.labels.txt')
  if path not in {file.path for file in index.inside(folder)}:
    return
  names = tuple(files.read_bytes(path).decode().split('\n'))
  names = tuple(name for name in names if name)
  if names != source.classes:
    raise UserError(
      f'{path} has the classes {", ".join(names)}; the catalog has '
      f'{", ".join(source.classes)}, in this order'
    )


def read(
  piece: Piece, task: Task, source: Source, options: ReadOptions
) -> Iterator[RowBlock]:
  """Reads a shard, or rows of it.

  A record has the columns that the catalog maps, and no others: some data sets
  have pages of text beside a question. Its key is made of these.

  Rejects:
    damaged_file: the shard ends too early, or its checksums are wrong; what
      comes after that place is lost.
    not_an_example, missing_field, wrong_type, wrong_shape, invalid_utf8: a
      record that is not what the directory's features say.
  """
  assert piece.rows is not None
  columns = read_columns(piece.path.rpartition('/')[0], source)
  wanted = {n for leaf in leaves(columns) for n in leaf.names()}
  collector = Collector(piece, source)
  done = 0
  with files.open_read(piece.path) as file:
    frames = records.read_records(file, piece.path)
    for number in range(piece.rows[1]):
      try:
        record = next(frames, None)
      except records.CorruptRecordError as e:
        collector.reject(number, 'damaged_file', str(e))
        break
      if record is None:
        detail = f'it ends after {number} records; dataset_info.json has more'
        collector.reject(number, 'damaged_file', detail)
        break
      done += len(record) + 16  # a frame's length and its two checksums
      if not collector.next_row():
        continue
      try:
        features = records.decode_example(record, wanted)
        value = read_tree(columns, features)
      except records.CorruptRecordError as e:
        collector.reject(number, 'not_an_example', str(e), record)
      except BadRecordError as e:
        collector.reject(number, e.reason, str(e), record)
      else:
        collector.add(number, value)
      if len(collector) >= options.block_rows:
        yield collector.take(done)
  yield collector.take(done)
