"""The second step: makes examples of the rows of a task, or of a part of it.

Texts stay as google-research/FLAN rendered them. Of rows with the same texts in
a data set the first stands; of those in the cap's reach the lowest by hash.
"""

from collections.abc import Iterator
import dataclasses
from typing import Any

import numpy as np
import pyarrow as pa

from ul2_flan.pipelines.flan.encode import Encoder
from ul2_flan.pipelines.flan.released.bins import Bins
from ul2_flan.pipelines.flan.released.route import sources_of
from ul2_flan.pipelines.flan.released.routed_rows import RoutedFiles
from ul2_flan.pipelines.flan.selection import Lowest, Selector
from ul2_flan.pipelines.run import Batch, Counts, Part, Plan
from ul2_flan.pipelines.task_sources.released import TEMPLATE
from ul2_flan.pipelines.task_sources.row_block import BLOCK_ROWS
from ul2_flan.tasks.ragged import Bools, UInt64s
from ul2_flan.tasks.rendering import Rendered


def make(
  plan: Plan,
  part: Part,
  selector: Selector,
  encoder: Encoder,
  routed: RoutedFiles,
  bins: Bins,
  counts: Counts,
) -> Iterator[Batch]:
  """Makes the examples of a part, one data set after the other.

  Args:
    plan: the run's.
    part: of a task whose rows come from a dump.
    selector: chooses its rows, in each data set by itself.
    encoder: the run's.
    routed: the rows.
    bins: of the plan.
    counts: gets the accounts of the task and of its data sets.
  """
  for number, data_set in enumerate(plan.groups[part.group].data_sets):
    bin_ = bins.of_part(part, data_set)
    keys = _joined(routed.keys(bin_))
    first = _firsts(keys)
    held_out = selector.is_validation('train', keys)
    within = first & _within_caps(
      selector, keys, held_out, _all_keys(routed, bins, data_set, keys)
    )
    counts.add(f'{part.group}/read', len(keys))
    counts.add(f'{part.group}/dropped/duplicate', int((~first).sum()))
    counts.add(f'{part.group}/dropped/over_cap', int((first & ~within).sum()))
    counts.add(f'{part.group}/used', int(within.sum()))
    at = 0
    for of, batch in routed.rows(bin_):
      chosen = np.flatnonzero(within[at : at + batch.num_rows])
      for some in np.split(chosen, range(BLOCK_ROWS, len(chosen), BLOCK_ROWS)):
        if len(some):
          yield from _encoded(
            (data_set, number),
            batch.take(some),
            of,
            keys[at + some],
            held_out[at + some],
            encoder,
            counts,
          )
      at += batch.num_rows


def _joined(keys: Iterator[UInt64s]) -> UInt64s:
  return np.concatenate([np.zeros(0, np.uint64), *keys])


def _firsts(keys: UInt64s) -> Bools:
  """Returns which keys have not come before: bool [n]."""
  first = np.zeros(len(keys), np.bool_)
  first[np.unique(keys, return_index=True)[1]] = True
  return first


def _all_keys(
  routed: RoutedFiles, bins: Bins, data_set: str, keys: UInt64s
) -> Iterator[UInt64s]:
  """Yields the keys of a data set's parts; all rows of a key are in one."""
  of_parts = bins.of_data_set[data_set.partition(':')[2]]
  if len(of_parts) == 1:
    yield np.unique(keys)
    return
  for bin_ in of_parts:
    yield np.unique(_joined(routed.keys(bin_)))


def _within_caps(
  selector: Selector,
  keys: UInt64s,
  held_out: Bools,
  all_keys: Iterator[UInt64s],
) -> Bools:
  """Returns which rows the caps leave: bool [n]."""
  lowest = Lowest(selector.cap), Lowest(selector.validation_cap)
  if selector.cap or selector.validation_cap:
    for some in all_keys:
      ranks = selector.ranks(some)
      of_validation = selector.is_validation('train', some)
      lowest[0].add(ranks[~of_validation])
      lowest[1].add(ranks[of_validation])
  ranks = selector.ranks(keys)
  within = np.ones(len(keys), np.bool_)
  for bound, chosen in zip(
    (ranks_.bound() for ranks_ in lowest), (~held_out, held_out), strict=True
  ):
    if bound is not None:
      within &= ~chosen | (ranks < np.uint64(bound))
  return within


def _encoded(
  data_set: tuple[str, int],
  batch: pa.RecordBatch,
  of: Part,
  keys: UInt64s,
  held_out: Bools,
  encoder: Encoder,
  counts: Counts,
) -> Iterator[Batch]:
  """Encodes rows of one data set, given by its name and its number."""
  name, number = data_set
  columns: dict[str, list[Any]] = {
    name: batch.column(name).to_pylist() for name in batch.schema.names
  }
  count = len(keys)
  rendered = Rendered(
    np.arange(count),
    columns['inputs'],
    columns['targets'],
    draws={'template': [TEMPLATE] * count},
  )
  paths = sources_of(of)
  places = [
    f'{paths[source]}:{place}'
    for source, place in zip(columns['source'], columns['place'], strict=True)
  ]
  for made in encoder.encode(
    {name: rendered}, keys, held_out, code=False, places=places, counts=counts
  ):
    its = np.full(len(made.records), number, np.int64)
    yield dataclasses.replace(made, data_set=its)
