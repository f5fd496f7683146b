"""Makes encoded instruction examples of a task's rows: pure functions.

    prepare → trim → render → tokenise → encode

The result depends on the task's rows and the configuration, not on other tasks,
and not on how rows are grouped into blocks.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import orjson

from ul2_flan.pipelines.flan.context import TaskContext
from ul2_flan.pipelines.flan.reasons import is_fault
from ul2_flan.pipelines.flan.selection import Selection
from ul2_flan.pipelines.run import Batch, Counts
from ul2_flan.pipelines.sources import Reject
from ul2_flan.pipelines.storage.left_out_keys import among
from ul2_flan.pipelines.task_sources import RowBlock
from ul2_flan.tasks.ragged import Bools, Int64s
from ul2_flan.tasks.rendering import (
  Instances,
  Pool,
  Prepared,
  Trimmed,
  choose_pool,
  prepare,
  trim,
)

# The shares of the inputs that a question may take if there are exemplars, and
# that each exemplar may take. Longer passages are trimmed. One exemplar then
# fits, with room for the words of the template.
_QUESTION_SHARE = 0.5
_EXEMPLAR_SHARE = 0.25

# The reason for instances that the user leaves out.
_LEFT_OUT = 'left_out_by_key'


def candidates_of(context: TaskContext, selection: Selection) -> Instances:
  """Makes the instances of a selection's candidates for exemplars."""
  prepared = prepare(
    selection.candidates,
    selection.candidate_keys,
    task=context.task,
    source=context.source,
    seed=context.seed,
  )
  return _used(context, prepared)[0]


def pool_of(context: TaskContext, instances: Instances) -> Pool:
  """Makes the pool of exemplars of all candidates."""
  instances = choose_pool(instances, seed=context.seed, task=context.task.name)
  # FLAN's released code cuts no exemplar: it drops those that are too long.
  if not context.as_released:
    instances = _trim(context, instances, _EXEMPLAR_SHARE).instances
  encoder = context.encoder
  return Pool.of(
    context.family, instances, encoder.count_tokens, encoder.count_new_tokens
  )


def _used(
  context: TaskContext, prepared: Prepared
) -> tuple[Instances, Int64s, list[int]]:
  """Leaves out instances by their keys.

  Returns:
    m instances; int64 [m], their rows; and the rows of those left out.
  """
  owners = np.array(prepared.row, np.int64)
  out = among(prepared.instances.keys, context.left_out)
  if not out.any():
    return prepared.instances, owners, []
  instances = prepared.instances.take(np.flatnonzero(~out))
  return instances, owners[~out], owners[out].tolist()


def _trim(
  context: TaskContext,
  instances: Instances,
  share: float,
  held_out: Bools | None = None,
  among: Sequence[int] | None = None,
) -> Trimmed:
  """Trims passages to a share of the inputs; `among` as in `trim`."""
  return trim(
    instances,
    context.family,
    max_tokens=int(share * context.encoder.max_tokens('inputs')),
    count_tokens=context.encoder.count_tokens,
    held_out=held_out,
    among=among,
  )


def instances_of(
  context: TaskContext,
  selection: Selection,
  split: str,
  block: RowBlock,
  counts: Counts,
) -> tuple[Instances, Bools, list[str], list[Reject]]:
  """Makes instances of a block's rows, as many as the caps allow.

  Args:
    context: the task.
    selection: which of its rows are used.
    split: the source's split that the block is of.
    block: n rows, and what could not be read.
    counts: gets the task's accounts of rows.

  Returns:
    m instances; bool [m], which of them are of the validation split; m places
    of their rows, for provenance; and the rows that gave no instance.
  """
  where = context.task.name
  counts.add(f'{where}/read', len(block) + len(block.rejects))
  for reject in block.rejects:
    counts.add(f'{where}/unread/{reject.reason}')
  is_validation = selection.selector.is_validation(split, block.keys)
  used = selection.used(block.keys, is_validation)
  counts.add(f'{where}/dropped/over_cap', int(np.count_nonzero(~used)))
  chosen = np.flatnonzero(used)
  prepared = prepare(
    [block.rows[i] for i in chosen.tolist()],
    block.keys[chosen],
    task=context.task,
    source=context.source,
    seed=context.seed,
  )
  # Numbers of rows among the chosen ones.
  instances, owners, left_out = _used(context, prepared)
  made = {*owners.tolist()}
  counts.add(f'{where}/used', len(made))
  reasons: dict[int, str] = {}
  for reason, rows in [*prepared.rejects.items(), (_LEFT_OUT, left_out)]:
    for row in rows:
      reasons.setdefault(row, reason)
      if row in made:
        # One of several instances is not made: the row's others stand.
        counts.add(f'{where}/parts/{reason}')
  rejects = list(block.rejects)
  for row, index in enumerate(chosen.tolist()):
    if row not in made:
      reason = reasons.get(row, 'no_row')
      rejects.append(_reject(block, index, reason, context.task.name))
  for reject in rejects:
    outcome = 'rejected' if is_fault(reject.reason) else 'dropped'
    counts.add(f'{where}/{outcome}/{reject.reason}')
  # For each instance, its row in the block.
  owner = chosen[owners]
  places = [f'{block.source}:{block.places[i]}' for i in owner.tolist()]
  return instances, is_validation[owner], places, rejects


def _reject(block: RowBlock, index: int, reason: str, task: str) -> Reject:
  """Makes the reject of a row, which the quarantine shows as JSON."""
  option = orjson.OPT_NON_STR_KEYS
  shown = orjson.dumps(block.rows[index], default=str, option=option)
  return Reject.of(block.source, block.places[index], reason, task, shown)


def render(
  context: TaskContext,
  instances: Instances,
  is_validation: Bools,
  pool: Pool | None,
  places: Sequence[str],
  counts: Counts,
) -> Iterator[Batch]:
  """Makes examples of instances, in all settings.

  Args:
    context: the task.
    instances: n instances.
    is_validation: bool [n], which are of the validation split. These ask for
      the answer: inverted templates are for training alone.
    pool: what exemplars are drawn from; None if no setting has exemplars.
    places: n places of their rows, for provenance.
    counts: gets the accounts of each data set.

  Yields:
    the examples of one data set after another.
  """
  if not len(instances):
    return
  short, among = None, None
  if pool and not context.as_released:
    short = _trim(context, instances, _QUESTION_SHARE, is_validation)
    among = short.long
  whole = _trim(context, instances, 1.0, is_validation, among)
  short = short or whole
  rendered = {}
  for data_set, renderer in zip(
    context.data_sets, context.renderers, strict=True
  ):
    few_shot = renderer.setting.few_shot
    trimmed = short if few_shot else whole
    counts.add(f'{data_set}/trimmed', len(trimmed.indices))
    rendered[data_set] = renderer.render(
      trimmed.instances,
      pool if few_shot else None,
      forward=is_validation,
      draws=context.encoder.draws,
    )
  yield from context.encoder.encode(
    rendered,
    instances.keys,
    is_validation,
    code=context.family.code,
    places=places,
    counts=counts,
  )
