"""Adds up what all parts found: shares of items, by the tasks that touch them.

The shards of the other work items are read line by line; what is held is a mark
for each gram of a task, and what touches each item.
"""

from collections.abc import Iterator, Mapping
import dataclasses
from typing import Any

import numpy as np
import orjson

from ul2_flan.pipelines.contamination.lines import batch_of
from ul2_flan.pipelines.contamination.planning import TALLY
from ul2_flan.pipelines.contamination.touched import Touched
from ul2_flan.pipelines.contamination.worker import (
  GRAMS,
  TEXTS,
  ContaminationWorker,
)
from ul2_flan.pipelines.run import Counts, Part, Plan, Result
from ul2_flan.pipelines.storage import files
from ul2_flan.tasks import manifest as manifest_lib
from ul2_flan.tasks.contamination import Index, rules
from ul2_flan.tasks.ragged import Bools

# The data sets of the last work item.
ITEMS, KEYS = 0, 1

# Lines that are written together, and tasks that an item's line names.
_LINES, _NAMED = 4096, 20


@dataclasses.dataclass(slots=True)
class Toucher:
  """A training task that touches an item.

  Attributes:
    share: of the item's grams.
    texts: how many of its texts do.
    grams: how many the text has that has most.
    place: where that text stands.
  """

  share: float
  texts: int = 0
  grams: int = 0
  place: str = ''


class Tally:
  """Does the last work item of a plan; see `PartWorker`."""

  def __init__(self, plan: Plan, output: str, worker: ContaminationWorker):
    """Reads nothing yet.

    Args:
      plan: the run's.
      output: its folder, where the shards of all other work items are.
      worker: has the index.
    """
    self._plan, self._output = plan, output
    self._index: Index = worker.index
    self._relations = Touched(worker.index)
    self._rule = rules.load(plan.config['rule'])

  def results(self, part: Part, counts: Counts) -> Iterator[Result]:
    """Makes the lines of all items, and of the keys of what touches them."""
    marks = self._marks()
    everything = np.zeros(self._index.grams, np.bool_)
    for marked in marks.values():
      everything[marked] = True
    share = self._index.of_items(self._shares(everything))
    touched = np.array([self._rule.holds(s) for s in share.tolist()], np.bool_)
    touchers = self._touchers(marks, touched)
    data_sets = self._plan.groups[TALLY].data_sets
    lines: list[dict[str, Any]] = []
    for key in self._keys(touchers, counts):
      lines.append(key)
      if len(lines) == _LINES:
        yield batch_of(KEYS, data_sets, lines, counts)
        lines = []
    yield batch_of(KEYS, data_sets, lines, counts)
    made = [*self._items(share, touched, touchers, counts)]
    yield batch_of(ITEMS, data_sets, made, counts)

  def _lines_of(self, data_set: int) -> Iterator[dict[str, Any]]:
    """Reads the lines that other work items wrote."""
    for name, group in self._plan.groups.items():
      for shard in range(group.shards if name != TALLY else 0):
        path = manifest_lib.shard_path(
          group.data_sets[data_set],
          'test',
          shard,
          group.shards,
          self._plan.file_format,
        )
        with files.open_read(files.join(self._output, path)) as file:
          for line in file:
            yield orjson.loads(line)

  def _marks(self) -> dict[str, np.typing.NDArray[np.int64]]:
    """Returns the grams that each training task has: int64 [k], rising."""
    found: dict[str, list[np.typing.NDArray[np.int64]]] = {}
    for line in self._lines_of(GRAMS):
      found.setdefault(line['task'], []).extend(
        np.arange(start, stop) for start, stop in line['grams']
      )
    return {
      task: np.unique(np.concatenate(parts))
      for task, parts in found.items()
      if parts
    }

  def _shares(self, marked: Bools) -> np.typing.NDArray[np.float64]:
    """Returns the share of marked grams of each text: float64 [texts]."""
    grams = self._index.text_grams
    before = np.concatenate([[0], np.cumsum(marked[grams.values])])
    there = before[grams.offsets[1:]] - before[grams.offsets[:-1]]
    return there / np.maximum(grams.lengths, 1)

  def _touchers(
    self, marks: Mapping[str, np.typing.NDArray[np.int64]], touched: Bools
  ) -> dict[int, dict[str, Toucher]]:
    """Finds the training tasks that touch each touched item."""
    lengths = self._index.text_grams.lengths
    found: dict[int, dict[str, Toucher]] = {}
    for task, grams in marks.items():
      _, texts = self._relations.texts_of(grams, grams)
      text, count = np.unique(texts, return_counts=True)
      share = np.zeros(len(lengths))
      share[text] = count / lengths[text]
      items = self._relations.items_of(text)
      of_items = self._index.of_items(share)
      for item in items[touched[items]].tolist():
        found.setdefault(item, {})[task] = Toucher(float(of_items[item]))
    return found

  def _keys(
    self, touchers: Mapping[int, dict[str, Toucher]], counts: Counts
  ) -> Iterator[dict[str, Any]]:
    """Yields the keys of texts that touch touched items, each once."""
    number = {
      (item.task, item.id): i for i, item in enumerate(self._index.items)
    }
    seen: set[int] = set()
    for line in self._lines_of(TEXTS):
      hit = False
      for item in line['items']:
        by = touchers.get(number[item['task'], item['id']], {})
        if toucher := by.get(line['task']):
          hit = True
          toucher.texts += 1
          if item['grams'] > toucher.grams:
            toucher.grams, toucher.place = item['grams'], line['place']
      if not hit:
        continue
      counts.add(f'by/{line["task"]}/texts')
      if not line['key']:
        counts.add('keys/missing')
      elif (key := int(line['key'], 16)) not in seen:
        seen.add(key)
        yield {name: line[name] for name in ('key', 'task', 'place')}

  def _items(
    self,
    share: np.typing.NDArray[np.float64],
    touched: Bools,
    touchers: Mapping[int, Mapping[str, Toucher]],
    counts: Counts,
  ) -> Iterator[dict[str, Any]]:
    """Yields a line for each item."""
    judged = self._index.judged
    for i, item in enumerate(self._index.items):
      counts.add(f'{item.task}/items')
      counts.add(f'{item.task}/touched', int(touched[i]))
      counts.add(f'{item.task}/not_judged', int(not judged[i]))
      by = sorted(
        touchers.get(i, {}).items(), key=lambda one: (-one[1].share, one[0])
      )
      for task, _ in by:
        counts.add(f'by/{task}/items')
      yield {
        'task': item.task,
        'id': item.id,
        'judged': bool(judged[i]),
        'touched': bool(touched[i]),
        'share': round(float(share[i]), 4),
        'touched_by': len(by),
        'by': [
          {
            'task': task,
            **dataclasses.asdict(toucher),
            'share': round(toucher.share, 4),
          }
          for task, toucher in by[:_NAMED]
        ],
      }
