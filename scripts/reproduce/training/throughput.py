"""Trains the same stage on packed and on padded data, and compares speeds.

Both start from the base and see as many examples in a step: a padded batch has
a row for each, a packed one has fewer rows, and these are full.
"""

from __future__ import annotations

from collections.abc import Iterator
import dataclasses
import json
from pathlib import Path

import numpy as np
from reproduce.arms import Settings, arms
from reproduce.data import PADDED
from reproduce.training import curves, train

from ul2_flan.tasks.manifest import parse, path_of

NAME = 'throughput.json'

_PACKED = 'mix_all'
_STEPS = 60


def run(settings: Settings, output: Path, results: Path) -> None:
  """Writes what both took, unless it is there.

  Args:
    settings: of the packed run; both make fewer steps.
    output: of data and models.
    results: the folder of the file.
  """
  if not (results / NAME).exists():
    text = json.dumps(dict(_measured(settings, output)), indent=1)
    (results / NAME).write_text(text, encoding='utf-8')


def _measured(
  settings: Settings, output: Path
) -> Iterator[tuple[str, dict[str, float]]]:
  """Yields the name of each kind of data, and what T5X wrote."""
  arm = arms()['base_flan']
  counts = {
    data: _counts(output / arm.model / data) for data in (_PACKED, PADDED)
  }
  rows = {data: found['examples'] for data, found in counts.items()}
  examples = settings.batch * rows[PADDED] / rows[_PACKED] * train.CURVE_STEPS
  tokens = counts[PADDED]['inputs_tokens'] + counts[PADDED]['targets_tokens']
  for data, count in rows.items():
    arm = dataclasses.replace(arm, name=f'throughput_{data}', data=data)
    size = dataclasses.replace(
      settings,
      batch=round(settings.batch * count / rows[_PACKED]),
      flan_steps=_STEPS,
      saves=1,
    )
    seed = settings.seeds[0]
    train.one(arm, seed, size, output)
    folder = train.checkpoint(arm, seed, size, output).parent
    losses = np.array([*dict(curves.values(folder, curves.LOSS)).values()])
    seconds = [*dict(curves.values(folder, 'timing/seconds')).values()]
    # The first steps are compiled.
    speed = examples / float(np.median(seconds[1:]))
    yield (
      data,
      {
        'batch': size.batch,
        'examples_per_second': speed,
        'tokens_per_second': speed * tokens / rows[PADDED],
        'loss': float(losses[1:].mean()),
        'loss_error': float(losses[1:].std(ddof=1) / (len(losses) - 1) ** 0.5),
      },
    )


def _counts(run: Path) -> dict[str, int]:
  """Returns what a mixture counts of its training examples."""
  path = path_of(str(run))
  manifest = parse(Path(path).read_bytes(), path)
  counts = manifest.run['counts'][manifest.name]
  return {
    key.removeprefix('data/train/all/'): count for key, count in counts.items()
  }


def table(results: Path) -> list[str]:
  """Returns the lines of a table, none if nothing was measured."""
  path = results / NAME
  if not path.exists():
    return []
  found = json.loads(path.read_text(encoding='utf-8'))
  lines = [
    '| | rows of a batch | examples a second | tokens a second | loss |',
    '|---|--:|--:|--:|--:|',
  ]
  for data, name in ((_PACKED, 'packed'), (PADDED, 'padded')):
    one = found[data]
    lines.append(
      f'| {name} | {one["batch"]} | {one["examples_per_second"]:.1f} '
      f'| {one["tokens_per_second"]:,.0f} '
      f'| {one["loss"]:.3f} ± {one["loss_error"]:.3f} |'
    )
  return lines
