"""Finds files of a user's own tasks, whose names follow no rule of ours."""

from collections.abc import Mapping, Sequence
import dataclasses
import re

from ul2_flan.pipelines.sources import Piece
from ul2_flan.pipelines.sources.decompress import open_stream
from ul2_flan.pipelines.task_sources.finders.exports import (
  ALSO_CALLED,
  PART,
  divide,
  whole,
)
from ul2_flan.pipelines.task_sources.finders.file_index import File, Index, once
from ul2_flan.pipelines.task_sources.finders.split_slices import split_pieces
from ul2_flan.pipelines.task_sources.readers import READERS
from ul2_flan.pipelines.task_sources.row_block import ReadOptions
from ul2_flan.tasks.catalog import Source, Task
from ul2_flan.tasks.errors import UserError

# Endings of files to the kinds of their pieces.
_KINDS = {
  'jsonl': 'jsonl', 'ndjson': 'jsonl', 'json': 'jsonl',
  'parquet': 'parquet', 'csv': 'csv', 'tsv': 'tsv',
}  # fmt: skip

_SPLITS = {
  **dict.fromkeys(ALSO_CALLED['validation'], 'validation'),
  'train': 'train',
  'test': 'test',
}


def locate(
  task: Task, source: Source, index: Index, options: ReadOptions
) -> Mapping[str, tuple[Piece, ...]]:
  """Finds all files of the locator, such as `tickets_{split}*.jsonl`.

  Raises:
    UserError: a file has an ending that no reader is for.
  """
  # Templates of promptsource's may show any column.
  raw = dataclasses.replace(source, fields={}) if source.prompt else source

  def count(piece: Piece) -> int:
    blocks = READERS[piece.kind](piece, task, raw, options)
    return sum(len(block) + len(block.rejects) for block in blocks)

  def pieces(split: str) -> Sequence[Piece]:
    pattern = source.locator.replace('{split}', split)
    return [_whole(file) for file in index.matching(pattern)]

  counted = index.count_with(count, source.each)
  splits = _divided(split_pieces(source, pieces, counted), options)
  if not source.prompt:
    return splits
  return {
    split: tuple(
      dataclasses.replace(piece, kind=f'promptsource_{piece.kind}')
      for piece in pieces
    )
    for split, pieces in splits.items()
  }


def by_task(
  index: Index, options: ReadOptions
) -> Mapping[str, Mapping[str, tuple[Piece, ...]]]:
  """Makes a task of each file, named after it.

  Parts of a file, `a-00000-of-00002.jsonl`, are one task. A file that is called
  as a split, `a/train.jsonl`, is that split of its folder's task.
  """
  tasks: dict[str, dict[str, list[File]]] = {}
  for file in once(index.files()):
    stem, _, ending = file.name.rpartition('.')
    if ending not in _KINDS or not stem:
      continue
    stem = re.sub(f'{PART}$', '', stem)
    split = _SPLITS.get(stem, 'train')
    if stem in _SPLITS:
      stem = file.folder.rpartition('/')[2] or stem
    name = re.sub(r'\W', '_', stem)
    tasks.setdefault(name, {}).setdefault(split, []).append(file)
  return {
    name: _divided(
      {s: tuple(map(_whole, f)) for s, f in splits.items()}, options
    )
    for name, splits in tasks.items()
  }


def _divided(
  splits: Mapping[str, Sequence[Piece]], options: ReadOptions
) -> dict[str, tuple[Piece, ...]]:
  return {
    split: tuple(part for piece in pieces for part in divide(piece, options))
    for split, pieces in splits.items()
  }


def _whole(file: File) -> Piece:
  """Makes the piece that is all of a file, of the kind that its name says."""
  ending = file.name.rpartition('.')[2]
  if ending not in _KINDS:
    raise UserError(
      f"'{file.path}' ends in none of .{', .'.join(_KINDS)}: convert it to one "
      'of these, or name it after what it is'
    )
  kind = _KINDS[ending]
  if ending == 'json' and _is_one_document(file.path):
    kind = 'json'
  return whole(file, kind)


def _is_one_document(path: str) -> bool:
  """Whether a file is a list of rows, and not a row a line."""
  with open_stream(path) as stream:
    start, _ = stream.read_whole(64)
  return start.lstrip(b'\xef\xbb\xbf \t\r\n').startswith(b'[')
