"""Finds the files of data sets' authors, by their own names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ul2_flan.pipelines.sources import Piece
from ul2_flan.pipelines.task_sources.block import ReadOptions
from ul2_flan.pipelines.task_sources.exports import whole
from ul2_flan.pipelines.task_sources.index import File, Index
from ul2_flan.pipelines.task_sources.readers import json_file, jsonl, separated
from ul2_flan.pipelines.task_sources.slices import split_pieces
from ul2_flan.tasks.catalog import Source, Task

_READERS = {
  'jsonl': jsonl.read,
  'json': json_file.read,
  'tsv': separated.read_tsv,
  'csv': separated.read_csv,
  'cot_tsv': separated.read_cot,
  'taskmaster': json_file.read,
}


def locate(
  task: Task, source: Source, index: Index, options: ReadOptions
) -> Mapping[str, tuple[Piece, ...]]:
  """Finds the files that the locator names, such as `RTE/{split}.tsv`."""

  def count(piece: Piece) -> int:
    blocks = _READERS[source.kind](piece, task, source, options)
    # A damaged file has a reject more than it has rows, which only its own
    # slices feel.
    return sum(len(block) + len(block.rejects) for block in blocks)

  def pieces(split: str) -> Sequence[Piece]:
    pattern = source.locator.replace('{split}', split)
    return [whole(file, source.kind) for file in _of_one_folder(index, pattern)]

  # What a row is depends on the lists that are taken apart.
  return split_pieces(source, pieces, index.count_with(count, source.each))


def locate_cot(
  task: Task, source: Source, index: Index, options: ReadOptions
) -> Mapping[str, tuple[Piece, ...]]:
  """Finds `gsm8k_train.tsv`, or else a file that goes on after `gsm8k_`.

  The collection has training data only; of other files, those with 'dev',
  'valid' or 'test' in their names are for validation.
  """
  found = index.named(source.locator)[:1]
  if found:
    return {'train': (whole(found[0], 'cot_tsv'),)}
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
  """Finds the dialogues of all that there is of TM-1 to TM-4.

  They lie in `TM-1-2019/*.json` and `TM-3-2020/data/*.json`, beside ontologies
  and samples.
  """
  found = [
    whole(file, 'taskmaster')
    for between in ('/', '/data/')
    for file in index.matching(f'{source.locator}{between}*.json')
    if not file.name.startswith(('ontology', 'sample'))
  ]
  return {'train': tuple(found)} if found else {}


def _of_one_folder(index: Index, pattern: str) -> list[File]:
  """The files that match, of the first folder that has any."""
  found = index.matching(pattern)
  return [file for file in found if file.folder == found[0].folder]
