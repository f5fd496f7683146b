"""The kinds of source of tasks: how each is found, and how it is read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from ul2_flan.pipelines.sources import Piece
from ul2_flan.pipelines.task_sources import exports, originals
from ul2_flan.pipelines.task_sources.block import ReadOptions, RowBlock
from ul2_flan.pipelines.task_sources.index import Index
from ul2_flan.pipelines.task_sources.promptsource import reader as promptsource
from ul2_flan.pipelines.task_sources.readers import (
  json_file,
  jsonl,
  niv2,
  p3_tfrecord,
  parquet,
  separated,
)
from ul2_flan.pipelines.task_sources.tfds import reader as tfds
from ul2_flan.tasks.catalog import Source, Task

Reader = Callable[[Piece, Task, Source, ReadOptions], Iterator[RowBlock]]
# Pieces of each of our splits that is there; none where nothing is.
Locator = Callable[
  [Task, Source, Index, ReadOptions], Mapping[str, tuple[Piece, ...]]
]

# By the kind of a piece.
READERS: Mapping[str, Reader] = {
  'cot_tsv': separated.read_cot,
  'csv': separated.read_csv,
  'json': json_file.read,
  'jsonl': jsonl.read,
  'niv2': niv2.read,
  'p3_tfrecord': p3_tfrecord.read,
  'parquet': parquet.read,
  'promptsource_jsonl': promptsource.read,
  'promptsource_parquet': promptsource.read,
  'taskmaster': json_file.read,
  'tfds': tfds.read,
  'tsv': separated.read_tsv,
}

# By the kind of a source in the catalog; the first that finds something.
LOCATORS: Mapping[str, tuple[Locator, ...]] = {
  'cot_tsv': (originals.locate_cot,),
  'csv': (originals.locate,),
  'export': (exports.locate,),
  'json': (originals.locate,),
  'jsonl': (originals.locate,),
  'niv2': (niv2.locate,),
  'p3': (exports.locate, promptsource.locate),
  'rows': (exports.locate,),
  'taskmaster': (originals.locate_taskmaster,),
  'tfds': (tfds.locate,),
  'tsv': (originals.locate,),
}


def read(
  piece: Piece, task: Task, source: Source, options: ReadOptions
) -> Iterator[RowBlock]:
  """The blocks of a piece; to read it twice gives the same twice."""
  return READERS[piece.kind](piece, task, source, options)
