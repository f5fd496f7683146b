"""How much of each suite and task is touched, and by what, from counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
import dataclasses

from ul2_flan.pipelines.run import Counts
from ul2_flan.tasks.evaluation import suites


@dataclasses.dataclass(frozen=True, slots=True)
class Found:
  """What a search found.

  Attributes:
    suites: of each its name, and how many items it has, how many of them are
      touched, and how many were not judged.
    tasks: of each that is touched its name, its items, and those touched.
    touchers: of each training task that touches something its name, how many
      items, and by how many of its texts; what touches most comes first.
  """

  suites: Sequence[tuple[str, int, int, int]]
  tasks: Sequence[tuple[str, int, int]]
  touchers: Sequence[tuple[str, int, int]]


def of(counts: Counts) -> Found:
  """Adds up counts; `accounts` says what they are."""
  numbers: Counter[tuple[str, str]] = Counter()
  tasks = []
  for task, of_task in counts.sums.items():
    suite = task.partition(':')[0]
    if suite not in suites.names() or 'items' not in of_task:
      continue
    for what in ('items', 'touched', 'not_judged'):
      numbers[suite, what] += of_task.get(what, 0)
    if of_task.get('touched'):
      tasks.append((task, of_task['items'], of_task['touched']))
  by: dict[str, dict[str, int]] = {}
  for name, n in counts.below('by').items():
    task, _, what = name.rpartition('/')
    by.setdefault(task, {})[what] = n
  touchers = [(t, n.get('items', 0), n.get('texts', 0)) for t, n in by.items()]
  return Found(
    [
      (
        suite,
        numbers[suite, 'items'],
        numbers[suite, 'touched'],
        numbers[suite, 'not_judged'],
      )
      for suite in sorted({suite for suite, _ in numbers})
    ],
    sorted(tasks),
    sorted(touchers, key=lambda one: (-one[1], one[0])),
  )
