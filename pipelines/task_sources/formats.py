"""Lists the formats of tasks' files: how each is found, and how it is read.

A new format needs a locator and a reader here, in `LOCATORS` and `READERS`. A
locator finds the files of a source of the catalog and returns pieces by split;
the kind of a piece chooses its reader.
"""

from collections.abc import Callable, Iterator, Mapping

from ul2_flan.pipelines.sources import Piece
from ul2_flan.pipelines.task_sources import readers
from ul2_flan.pipelines.task_sources.finders import (
  exports,
  niv2,
  original_files,
  own_files,
)
from ul2_flan.pipelines.task_sources.finders.file_index import Index
from ul2_flan.pipelines.task_sources.promptsource import (
  fill_templates,
  find_raw_rows,
)
from ul2_flan.pipelines.task_sources.row_block import ReadOptions, RowBlock
from ul2_flan.pipelines.task_sources.tfds import find_prepared, read_prepared
from ul2_flan.tasks.catalog import Source, Task

# Returns the pieces of each of our splits that it finds; nothing if it finds no
# file. Raises UserError if there are files that cannot be used.
Locator = Callable[
  [Task, Source, Index, ReadOptions], Mapping[str, tuple[Piece, ...]]
]

# By the kind of a piece.
READERS: Mapping[str, readers.Reader] = {
  **readers.READERS,
  **dict.fromkeys(fill_templates.RAW_READERS, fill_templates.read),
  'tfds': read_prepared.read,
}

# By the kind of a source in the catalog. The first that finds something counts.
LOCATORS: Mapping[str, tuple[Locator, ...]] = {
  'cot_tsv': (original_files.locate_cot,),
  'csv': (original_files.locate,),
  'export': (exports.locate,),
  'files': (own_files.locate,),
  'json': (original_files.locate,),
  'jsonl': (original_files.locate,),
  'niv2': (niv2.locate,),
  'p3': (exports.locate, find_raw_rows.locate),
  'rows': (exports.locate,),
  'taskmaster': (original_files.locate_taskmaster,),
  'tfds': (find_prepared.locate,),
  'tsv': (original_files.locate,),
}

# By the kind of a source, what is tried where none of a task's sources is found
# as its locators say.
LOOSE_LOCATORS: Mapping[str, tuple[Locator, ...]] = {
  'export': (exports.locate_loosely,),
  'p3': (exports.locate_loosely,),
  'rows': (exports.locate_loosely,),
}


def read(
  piece: Piece, task: Task, source: Source, options: ReadOptions
) -> Iterator[RowBlock]:
  """Reads the blocks of a piece; reading it again gives the same blocks."""
  return READERS[piece.kind](piece, task, source, options)
