"""Finds files as their authors publish them, by the names that they gave."""

from collections.abc import Mapping, Sequence

from ul2_flan.pipelines.sources import Piece
from ul2_flan.pipelines.task_sources.finders.exports import whole
from ul2_flan.pipelines.task_sources.finders.file_index import File, Index
from ul2_flan.pipelines.task_sources.finders.split_slices import split_pieces
from ul2_flan.pipelines.task_sources.readers import READERS
from ul2_flan.pipelines.task_sources.row_block import ReadOptions
from ul2_flan.tasks.catalog import Source, Task


def locate(
  task: Task, source: Source, index: Index, options: ReadOptions
) -> Mapping[str, tuple[Piece, ...]]:
  """Finds the files that the locator names, such as `RTE/{split}.tsv`."""

  def count(piece: Piece) -> int:
    """Counts rows in the only way that holds for all these formats: reads."""
    blocks = READERS[source.kind](piece, task, source, options)
    # The reject for a damaged end counts as a row. It moves only the slices of
    # this file, which lacks rows anyway.
    return sum(len(block) + len(block.rejects) for block in blocks)

  def pieces(split: str) -> Sequence[Piece]:
    pattern = source.locator.replace('{split}', split)
    return [whole(file, source.kind) for file in _of_one_folder(index, pattern)]

  # `each` decides what a row is, so tasks share a count only with the same one.
  return split_pieces(source, pieces, index.count_with(count, source.each))


def locate_cot(
  task: Task, source: Source, index: Index, options: ReadOptions
) -> Mapping[str, tuple[Piece, ...]]:
  """Finds `gsm8k_train.tsv`, or else all files whose names begin `gsm8k_`.

  The collection has training data only. Among a user's own files, those with
  'dev', 'valid' or 'test' in their names are for validation.
  """
  named = index.named(source.locator)
  if named:
    return {'train': (whole(named[0], 'cot_tsv'),)}
  stem = source.locator.removesuffix('train.tsv')
  splits: dict[str, tuple[Piece, ...]] = {}
  for file in _of_one_folder(index, f'{stem}*.tsv'):
    rest = file.name.removeprefix(stem)
    held_out = any(word in rest for word in ('dev', 'valid', 'test'))
    ours = 'validation' if held_out else 'train'
    splits[ours] = (*splits.get(ours, ()), whole(file, 'cot_tsv'))
  return splits


def locate_taskmaster(
  task: Task, source: Source, index: Index, options: ReadOptions
) -> Mapping[str, tuple[Piece, ...]]:
  """Finds the dialogues of Taskmaster: any of TM-1 to TM-4.

  They lie in `TM-1-2019/*.json` and `TM-3-2020/data/*.json`, beside ontologies
  and samples, which are passed over.
  """
  pieces = [
    whole(file, 'taskmaster')
    for between in ('/', '/data/')
    for file in index.matching(f'{source.locator}{between}*.json')
    if not file.name.startswith(('ontology', 'sample'))
  ]
  return {'train': tuple(pieces)} if pieces else {}


def _of_one_folder(index: Index, pattern: str) -> list[File]:
  """Returns the files that match, from the first folder that has any."""
  files = index.matching(pattern)
  return [file for file in files if file.folder == files[0].folder]
