"""Looks through the texts of a part: pure, but for reading files.

texts → hits → a line for each text that is touched, and for all grams of a task
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
import dataclasses
import functools
from typing import Any

import numpy as np

from ul2_flan.pipelines.contamination.items import items_of
from ul2_flan.pipelines.contamination.lines import batch_of
from ul2_flan.pipelines.contamination.texts import (
  Block,
  read_documents,
  read_examples,
  read_rows,
)
from ul2_flan.pipelines.contamination.texts.find_texts import (
  TEXT,
  reads_documents,
)
from ul2_flan.pipelines.contamination.touched import Touched, intervals
from ul2_flan.pipelines.run import Counts, Part, Plan, Progress, Result
from ul2_flan.pipelines.sources import Piece, SourceOptions
from ul2_flan.pipelines.storage import files, left_out_keys, vocabularies
from ul2_flan.pipelines.storage.manifests import manifest_as_planned
from ul2_flan.tasks import denoising
from ul2_flan.tasks.contamination import Index, Scanner, rules
from ul2_flan.tasks.contamination.index import Digest
from ul2_flan.tasks.contamination.pieces import PieceTable
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.manifest import Manifest, Shard
from ul2_flan.tasks.ragged import UInt64s

# The data sets of a run's group.
TEXTS, GRAMS = 0, 1


def load_index(config: Mapping[str, Any]) -> Index:
  """Makes the index of the items that a plan was made for.

  Raises:
    UserError: the suites' files have changed since then.
  """
  known = config['evaluation']
  digest = Digest()
  items = digest.of(items_of(manifest_as_planned(known)))
  index = Index.of(items, rules.load(config['rule']))
  if str(digest) != known['digest']:
    raise UserError(
      f'the files of the suites of {known["output"]} have changed since the '
      'run was planned. Plan anew, with --overwrite if there is something in '
      'the output'
    )
  return index


class ContaminationWorker:
  """Looks through one part after another; see `PartWorker`."""

  def __init__(self, plan: Plan):
    """Loads the manifests, and makes the index of the suites.

    Raises:
      UserError: a run is not there any more, or a file of a suite has changed.
    """
    self._plan = plan
    self.index = load_index(plan.config)
    self._touched = Touched(self.index)
    self._runs: dict[str, _Documents | _Examples | _Rows] = {
      known['label']: _of_run(plan.config, known)
      for known in plan.config['manifests']
    }
    rows = plan.config.get('rows', {})
    self._runs |= {suite: _Rows(tasks) for suite, tasks in rows.items()}
    if TEXT in plan.config:
      self._runs[TEXT] = _Documents.of(TEXT, plan.config[TEXT])

  def results(self, part: Part, counts: Counts) -> Iterator[Result]:
    """Looks through the texts of a part."""
    run = self._runs[part.group]
    data_sets = self._plan.groups[part.group].data_sets
    marked = np.zeros(self.index.grams, np.bool_)
    before, task, number = 0, '', 0
    scanner = run.scanner(self.index)
    open_blocks: list[tuple[int, Block]] = []
    for piece in part.pieces:
      if task not in ('', run.task_of(piece)):
        yield batch_of(GRAMS, data_sets, [_grams_line(task, marked)], counts)
        marked[:] = False
        scanner = run.scanner(self.index)
      task = run.task_of(piece)
      for block in run.read(piece):
        if block.rejects:
          counts.add('texts/rejected', len(block.rejects))
          yield block.rejects
        open_blocks.append((number, block))
        hits = [*block.scan(scanner, number)]
        number += len(block)
        counts.add('texts/read', len(block))
        lines = self._touched.lines(task, hits, open_blocks, marked)
        if lines:
          counts.add('texts/touched', len(lines))
          yield batch_of(TEXTS, data_sets, lines, counts)
        # A gram may begin in a block that came before.
        while open_blocks and (
          open_blocks[0][0] + len(open_blocks[0][1])
          <= min(scanner.oldest, number)
        ):
          open_blocks.pop(0)
        yield Progress(before + block.source_bytes)
      before += piece.size
    yield batch_of(GRAMS, data_sets, [_grams_line(task, marked)], counts)


def _grams_line(
  task: str, marked: np.typing.NDArray[np.bool_]
) -> dict[str, Any]:
  return {'task': task, 'grams': intervals(marked)}


def _of_run(
  config: Mapping[str, Any], known: Mapping[str, str]
) -> _Documents | _Examples:
  """Returns what is read of a run: documents or examples, as planned."""
  manifest = manifest_as_planned(known)
  if reads_documents(config, manifest):
    return _Documents.of(known['label'], manifest.run['config'])
  return _Examples(known['output'], manifest)


@dataclasses.dataclass(frozen=True, slots=True)
class _Documents:
  """Documents of text, as a run of `ul2` takes them.

  Attributes:
    label: the training task that all of them are.
    options: how to read them.
    max_chars: longer documents have no text; 0 for no limit.
    left_out: keys of others that have none.
    joined: whether a gram may go on in the next document.
  """

  label: str
  options: SourceOptions
  max_chars: int
  left_out: UInt64s
  joined: bool

  @classmethod
  def of(cls, label: str, config: Mapping[str, Any]) -> _Documents:
    """Makes it of the configuration of a run, or of raw text."""
    # Raw text has no denoisers yet; all that we ship join documents.
    joined = True
    if text := config.get('denoisers'):
      joined = denoising.parse_table(text, 'the manifest').join_documents > 0
    return cls(
      label,
      SourceOptions(**config['source_options']),
      config['max_document_chars'],
      left_out_keys.load_planned(config),
      joined,
    )

  def scanner(self, index: Index) -> Scanner:
    """Returns what looks through texts."""
    return Scanner(index, joined=self.joined)

  def task_of(self, piece: Piece) -> str:
    """Names the training task that a piece is of."""
    del piece  # all are of one
    return self.label

  def read(self, piece: Piece) -> Iterator[Block]:
    """Reads the documents of a piece."""
    return read_documents(piece, self.options, self.max_chars, self.left_out)


class _Examples:
  """Examples that a run made."""

  def __init__(self, output: str, manifest: Manifest):
    self._manifest = manifest
    # Data sets and shards by their paths.
    self._shards: dict[str, tuple[str, Shard]] = {
      files.join(output, shard.path): (name, shard)
      for name, splits in manifest.data_sets.items()
      for split in splits.values()
      for shard in split.shards
    }

  @functools.cached_property
  def _table(self) -> PieceTable:
    known = {**self._manifest.vocabulary}
    known.pop('size', None)
    return PieceTable(vocabularies.load_planned(known))

  def scanner(self, index: Index) -> Scanner:
    """Returns what looks through texts."""
    return Scanner(index)

  def task_of(self, piece: Piece) -> str:
    """Names the training task that a piece is of."""
    return task_of(self._shards[piece.path][0])

  def read(self, piece: Piece) -> Iterator[Block]:
    """Reads the examples of a piece."""
    _, shard = self._shards[piece.path]
    return read_examples(piece, shard, self._manifest.features, self._table)


@dataclasses.dataclass(frozen=True, slots=True)
class _Rows:
  """Rows of a suite's tasks; `known` is what the plan says of these."""

  known: Mapping[str, Mapping[str, Any]]

  def scanner(self, index: Index) -> Scanner:
    """Returns what looks through texts."""
    return Scanner(index)

  def task_of(self, piece: Piece) -> str:
    """Names the task that a piece is of."""
    return piece.split

  def read(self, piece: Piece) -> Iterator[Block]:
    """Reads the rows of a piece."""
    return read_rows(piece, self.known)


def task_of(data_set: str) -> str:
  """Returns the task that a data set is of, or else its own name.

  >>> task_of('flan:niv2:task001_a:fs_opt'), task_of('ul2r:r_3_15')
  ('niv2:task001_a', 'ul2r:r_3_15')
  """
  parts = data_set.split(':')
  return ':'.join(parts[1:-1]) if len(parts) > 3 else data_set
