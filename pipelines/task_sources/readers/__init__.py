"""Reads the rows of task files; there is a module for each format.

Each reader takes a piece of a file and yields `RowBlock`s, by way of a
`RowCollector`. `READERS` lists them by the kind of a piece; `formats` adds
those that need more than one file (`tfds`, `promptsource`).
"""

from collections.abc import Callable, Iterator, Mapping

from ul2_flan.pipelines.sources import Piece
from ul2_flan.pipelines.task_sources.readers import (
  arrow,
  json_file,
  jsonl,
  niv2,
  p3_tfrecord,
  parquet,
  separated,
)
from ul2_flan.pipelines.task_sources.row_block import ReadOptions, RowBlock
from ul2_flan.tasks.catalog import Source, Task

Reader = Callable[[Piece, Task, Source, ReadOptions], Iterator[RowBlock]]

READERS: Mapping[str, Reader] = {
  'arrow': arrow.read,
  'cot_tsv': separated.read_cot,
  'csv': separated.read_csv,
  'json': json_file.read,
  'jsonl': jsonl.read,
  'niv2': niv2.read,
  'p3_tfrecord': p3_tfrecord.read,
  'parquet': parquet.read,
  'taskmaster': json_file.read,
  'tsv': separated.read_tsv,
}
