"""From tasks' records to encoded instruction examples: pure functions.

    read → choose → prepare → trim → render → tokenise → encode

A part is one task, or a stretch of a large one. What comes out depends on the
task's records and the configuration, not on other tasks, and not on how records
are grouped into blocks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
import contextlib
import dataclasses
import functools
import traceback
from typing import Any

import numpy as np
import orjson

from ul2_flan.pipelines import task_accounts, vocabularies
from ul2_flan.pipelines.examples import Encoder
from ul2_flan.pipelines.job import Batch, Progress
from ul2_flan.pipelines.reports import Counts
from ul2_flan.pipelines.selection import Selection, Selector
from ul2_flan.pipelines.sources import Piece, Reject
from ul2_flan.pipelines.task_sources import ReadOptions, RecordBlock, read
from ul2_flan.pipelines.work import Part, Plan
from ul2_flan.tasks.catalog import Source, Task
from ul2_flan.tasks.ragged import Bools
from ul2_flan.tasks.rendering import (
  Charset,
  Family,
  OwnTemplates,
  Pool,
  Renderer,
  Rows,
  Setting,
  Shots,
  Trimmed,
  choose_pool,
  prepare,
  trim,
)

# With exemplars, a question may take this share of the inputs, and each
# exemplar that: longer passages are trimmed, so that one exemplar fits.
_QUESTION_SHARE = 0.5
_EXEMPLAR_SHARE = 0.25

_REJECT_BYTES = 1 << 16

# The records of a task whose files are smaller are kept between its two
# readings.
_KEPT_BYTES = 8 << 20

# Enough to know the size of a task's examples within a third.
_SAMPLE_ROWS = 32


class RenderJob:
  """The Flan pipeline's work on one task after another."""

  def __init__(self, plan: Plan):
    """Loads the vocabulary and finds what it can write."""
    config = plan.config
    self._plan = plan
    self._templates = OwnTemplates.of(config['templates'])
    self._options = ReadOptions(**config['read_options'])
    vocabulary = vocabularies.load_planned(config['vocabulary'])
    self._charset = Charset.of(vocabulary.encode, vocabulary.unk_id)
    self._encoder = Encoder(
      vocabulary,
      self._charset,
      config['lengths'],
      provenance=config['provenance'],
      keep_text=config['keep_text'],
    )

  def _work(self, part: Part) -> _TaskWork:
    return _TaskWork.of(self._plan, part.group, self._charset, self._templates)

  def results(
    self, part: Part, counts: Counts
  ) -> Iterator[Batch | list[Reject] | Progress]:
    """What becomes of a task's records; an error of it is its own."""
    try:
      yield from self._results(part, counts)
    except (OSError, MemoryError):
      # A worker's or a file system's: the engine may try again.
      raise
    except Exception as e:
      counts.add(f'{part.group}/failed')
      detail = ''.join(traceback.format_exception(e)[-3:])
      yield [Reject(part.pieces[0].path, 0, 'failed', detail, b'')]

  def _results(
    self, part: Part, counts: Counts
  ) -> Iterator[Batch | list[Reject] | Progress]:
    work = self._work(part)
    pieces = [q for p in self._plan.parts(part.group) for q in p.pieces]
    few_shot = any(r.setting.few_shot for r in work.renderers)
    read_twice: Callable[[Piece], Iterable[RecordBlock]] = functools.partial(
      read, task=work.task, source=work.source, options=self._options
    )
    if sum(piece.size for piece in pieces) <= _KEPT_BYTES:
      kept = {piece: list(read_twice(piece)) for piece in pieces}
      read_twice = kept.__getitem__
    selection = work.selector.select(
      ((piece.split, block) for piece in pieces for block in read_twice(piece)),
      few_shot,
    )
    pool = self._pool(work, selection) if few_shot else None
    before = 0
    for piece in part.pieces:
      for block in read_twice(piece):
        rows, is_validation, places, rejects = self._rows(
          work, selection, piece.split, block, counts
        )
        if rejects:
          yield rejects
        yield from self._render(work, rows, is_validation, pool, places, counts)
        yield Progress(before + block.source_bytes)
      before += piece.size

  def _pool(self, work: _TaskWork, selection: Selection) -> Pool:
    """The rows that may be exemplars."""
    prepared = prepare(
      selection.exemplars,
      selection.exemplar_keys,
      task=work.task,
      source=work.source,
      seed=work.seed,
    )
    rows = choose_pool(prepared.rows, seed=work.seed, task=work.task.name)
    rows = self._trim(work, rows, _EXEMPLAR_SHARE).rows
    return Pool.of(work.family, rows, self._encoder.count_tokens)

  def _trim(self, work: _TaskWork, rows: Rows, share: float) -> Trimmed:
    return trim(
      rows,
      work.family,
      max_tokens=int(share * self._encoder.max_tokens('inputs')),
      count_tokens=self._encoder.count_tokens,
    )

  def _rows(
    self,
    work: _TaskWork,
    selection: Selection,
    split: str,
    block: RecordBlock,
    counts: Counts,
  ) -> tuple[Rows, Bools, list[str], list[Reject]]:
    """A block's rows, which are held out, their places, and what has no row."""
    where = work.task.name
    counts.add(f'{where}/read', len(block) + len(block.rejects))
    rejects = list(block.rejects)
    is_validation = selection.selector.is_validation(split, block.keys)
    used = selection.used(block.keys, is_validation)
    counts.add(f'{where}/dropped/over_cap', int(np.count_nonzero(~used)))
    chosen = np.flatnonzero(used)
    prepared = prepare(
      [block.records[i] for i in chosen.tolist()],
      block.keys[chosen],
      task=work.task,
      source=work.source,
      seed=work.seed,
    )
    made = set(prepared.record)
    counts.add(f'{where}/used', len(made))
    reasons: dict[int, str] = {}
    for reason, records in prepared.rejects.items():
      for record in records:
        reasons.setdefault(record, reason)
        if record in made:
          # One of several rows that it could be: the others stand.
          counts.add(f'{where}/parts/{reason}')
    for record, index in enumerate(chosen.tolist()):
      if record not in made:
        rejects.append(
          Reject(
            block.source,
            block.places[index],
            reasons.get(record, 'no_row'),
            work.task.name,
            _as_json(block.records[index]),
          )
        )
    for reject in rejects:
      kind = 'rejected' if reject.reason in task_accounts.FAULTS else 'dropped'
      counts.add(f'{where}/{kind}/{reject.reason}')
    owner = chosen[np.array(prepared.record, np.int64)]
    places = [f'{block.source}:{block.places[i]}' for i in owner.tolist()]
    return prepared.rows, is_validation[owner], places, rejects

  def _render(
    self,
    work: _TaskWork,
    rows: Rows,
    is_validation: Bools,
    pool: Pool | None,
    places: Sequence[str],
    counts: Counts,
  ) -> Iterator[Batch]:
    """Examples of rows in all settings."""
    if not len(rows):
      return
    whole = self._trim(work, rows, 1.0)
    short = self._trim(work, rows, _QUESTION_SHARE) if pool else whole
    rendered = {}
    for data_set, renderer in zip(work.data_sets, work.renderers, strict=True):
      few_shot = renderer.setting.few_shot
      trimmed = short if few_shot else whole
      counts.add(f'{data_set}/trimmed', len(trimmed.indices))
      rendered[data_set] = renderer.render(
        trimmed.rows,
        pool if few_shot else None,
        forward=is_validation,
        draws=True,
      )
    yield from self._encoder.encode(
      rendered,
      rows.keys,
      is_validation,
      code=work.family.code,
      places=places,
      counts=counts,
    )

  def sample(self, part: Part, counts: Counts) -> tuple[float, int]:
    """Renders the first rows of a part, to see what others will give.

    Returns:
      source bytes of a record, and bytes of all its examples; zeros for a part
      that gives nothing, whatever the reason.
    """
    with contextlib.suppress(Exception):
      return self._sample(part, counts)
    return 0.0, 0

  def _sample(self, part: Part, counts: Counts) -> tuple[float, int]:
    work = self._work(part)
    blocks = read(part.pieces[0], work.task, work.source, self._options)
    block = next(blocks)
    row_bytes = _row_bytes(block, blocks)
    first = dataclasses.replace(
      block,
      records=block.records[:_SAMPLE_ROWS],
      keys=block.keys[:_SAMPLE_ROWS],
      places=block.places[:_SAMPLE_ROWS],
    )
    bounds: dict[str, int | None] = {'train': None, 'validation': None}
    selection = Selection(work.selector, bounds, first.records, first.keys)
    rows, held_out, places, _ = self._rows(
      work, selection, 'train', first, counts
    )
    pool = self._pool(work, selection)
    written = 0
    for batch in self._render(work, rows, held_out, pool, places, counts):
      written += sum(map(len, batch.records))
    return row_bytes, written // len(first)


def _row_bytes(first: RecordBlock, rest: Iterator[RecordBlock]) -> float:
  """Bytes of the file that a record takes, by the first of them.

  A reader tells how far it has read, and of a compressed file it reads much at
  once: the blocks count that are given before it reads on.
  """
  rows = len(first)
  for block in rest:
    if block.source_bytes != first.source_bytes:
      break
    rows += len(block)
  return first.source_bytes / rows


@dataclasses.dataclass(frozen=True, slots=True)
class _TaskWork:
  """All that is the same for the blocks of a task."""

  task: Task
  source: Source
  family: Family
  seed: int
  selector: Selector
  renderers: tuple[Renderer, ...]
  data_sets: tuple[str, ...]

  @classmethod
  def of(
    cls, plan: Plan, group: str, charset: Charset, templates: OwnTemplates
  ) -> _TaskWork:
    """The work of a group of the plan's."""
    config = plan.config
    known = config['tasks'][group]
    task = task_accounts.task_of(config, group)
    family = templates.family(task)
    lengths = config['lengths']
    shots = Shots(
      config['shots'][0],
      config['shots'][1],
      lengths['inputs'] - lengths['inputs_eos'],
    )
    data_sets = plan.groups[group].data_sets
    return cls(
      task,
      task.sources[known['source']],
      family,
      config['seed'],
      Selector(
        task.name,
        config['seed'],
        task.cap if config['cap'] is None else config['cap'],
        config['validation_cap'],
        known['held_out'],
      ),
      tuple(
        Renderer(
          task=task,
          family=family,
          setting=Setting.parse(data_set.rsplit(':', 1)[1]),
          seed=config['seed'],
          shots=shots,
          newlines=charset.newlines,
        )
        for data_set in data_sets
      ),
      data_sets,
    )


def _as_json(record: Mapping[str, Any]) -> bytes:
  """A record for the quarantine, cut to a length that can be looked at."""
  text = orjson.dumps(record, default=str, option=orjson.OPT_NON_STR_KEYS)
  return text[:_REJECT_BYTES]
