"""Shows what more tasks in the mixture give: the papers' curve, small."""

from __future__ import annotations

from collections.abc import Mapping
import json
from pathlib import Path

from reproduce.arms import Settings, arms
from reproduce.telling import plots
from reproduce.telling.outcomes import Outcomes

from ul2_flan.tasks.manifest import parse, path_of

NAME = 'tasks.json'

# Arms that differ in the number of tasks alone, the fewest first.
ARMS = ('ul2r_flan_cot', 'ul2r_flan_muffin', 'ul2r_flan_t0', 'ul2r_flan')


def keep(settings: Settings, output: Path, results: Path) -> None:
  """Writes how many tasks each mixture has, and how often it is seen.

  Args:
    settings: how much is trained.
    output: where the data is.
    results: the folder of the file.
  """
  found = {}
  for arm in arms().values():
    if arm.stage == 'flan' and arm.model == 'decoder':
      path = path_of(str(output / arm.model / arm.data))
      manifest = parse(Path(path).read_bytes(), path)
      members = manifest.run['config']['members']['train']
      # 'flan:SUITE:TASK:SETTING'.
      tasks = {
        tuple(name.split(':')[1:3])
        for name, (_, _, count) in members.items()
        if count
      }
      (data_set,) = manifest.data_sets.values()
      rows = settings.batch * settings.flan_steps
      epochs = round(rows / data_set['train'].examples, 1)
      found[arm.data] = {'tasks': len(tasks), 'epochs': epochs}
  (results / NAME).write_text(json.dumps(found, indent=1), encoding='utf-8')


def table(results: Path) -> list[str]:
  """Returns the lines of a table of mixtures; none if there is no file."""
  lines = ['| mixture | tasks | epochs |', '|---|--:|--:|']
  counts = _counts(results)
  for name, of in sorted(counts.items(), key=lambda one: one[1]['tasks']):
    lines.append(f'| `{name}` | {of["tasks"]} | {of["epochs"]} |')
  return lines if counts else []


def drawings(found: Outcomes, results: Path) -> dict[str, str]:
  """Returns plots by the names of their files; none of fewer than two arms."""
  counts = _counts(results)
  there = [arm for arm in ARMS if arm in found.by_arm]
  if len(there) < 2 or not counts:
    return {}
  return {
    f'{name}_by_tasks': plots.draw(
      title,
      {
        # The first seed's, which all of these arms have.
        'ul2r_flan': [
          (
            counts[arms()[arm].data]['tasks'],
            found.of_seed(min(found.by_arm[arm])).mean(arm, measure, *tasks),
          )
          for arm in there
        ]
      },
      'tasks in the mixture',
    )
    for name, (title, measure, tasks) in plots.SHOWN.items()
  }


def _counts(results: Path) -> Mapping[str, Mapping[str, float]]:
  path = results / NAME
  return json.loads(path.read_text('utf-8')) if path.exists() else {}
