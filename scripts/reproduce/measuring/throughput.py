"""Trains the same stage on packed and on padded data, and compares speeds.

All start from the base and see about as many examples in a step: a padded batch
has a row for each, a packed one has fewer rows. As the order of their examples
differs, all are asked the same questions after it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
import dataclasses
import json
from pathlib import Path

import numpy as np
from reproduce.arms import Arm, Settings, arms
from reproduce.data import PADDED
from reproduce.training import curves, train

NAME = 'throughput.json'

_STEPS = 60
_LENGTH = 512


@dataclasses.dataclass(frozen=True)
class _Kind:
  """How examples come into rows: data, a network, and rows of a batch.

  Rows are so many that a batch has 22 or 23 examples.
  """

  data: str
  network: str
  rows: int


_KINDS: Mapping[str, _Kind] = {
  'packed by `mix`': _Kind('mix_all', 'decoder', 8),
  'packed by T5X as it reads': _Kind(PADDED, 'decoder', 10),
  'padded': _Kind(PADDED, 'decoder_padded', 23),
}


def run(
  settings: Settings, output: Path, results: Path, held_out: frozenset[str]
) -> None:
  """Writes what each took and learned, unless it is there.

  Args:
    settings: of the arm `base_flan`; here there are fewer steps.
    output: of data and models.
    results: the folder of the file.
    held_out: names of NIv2's tasks that models are tested with.
  """
  if (results / NAME).exists():
    return
  found = {}
  for name, (arm, size) in _arms(settings).items():
    train.one(arm, size.seeds[0], size, output)
    found[name] = {'rows': size.batch, **_measured(arm, size, output)}
  first = None
  for name, losses in _learned(settings, output, held_out):
    first = losses if first is None else first
    apart = losses - first
    found[name] |= {
      'held_out': float(losses.mean()),
      'apart': float(apart.mean()),
      'apart_error': float(apart.std(ddof=1) / len(apart) ** 0.5),
    }
  (results / NAME).write_text(json.dumps(found, indent=1), encoding='utf-8')


def _arms(settings: Settings) -> dict[str, tuple[Arm, Settings]]:
  """Returns what is trained, by the name of its kind."""
  return {
    name: (
      dataclasses.replace(
        arms()['base_flan'],
        name=f'throughput_{kind.rows}',
        data=kind.data,
        network=kind.network,
      ),
      dataclasses.replace(
        settings, batch=kind.rows, flan_steps=_STEPS, saves=1
      ),
    )
    for name, kind in _KINDS.items()
  }


def _measured(arm: Arm, size: Settings, output: Path) -> dict[str, float]:
  """Returns what T5X wrote of a run, without its first steps: they compile."""
  folder = train.checkpoint(arm, size.seeds[0], size, output).parent

  def values(tag: str) -> np.ndarray:
    return np.array([*dict(curves.values(folder, tag)).values()])[1:]

  per_second = train.CURVE_STEPS / float(np.median(values('timing/seconds')))
  # T5X's name depends on whether there is packing.
  sizes = (
    values(f'effective_batch_size/decoder{suffix}')
    for suffix in ('', '_target_tokens')
  )
  examples = np.concatenate([*sizes]).mean()
  filled = values('non_padding_fraction/overall').mean()
  losses = values(curves.LOSS)
  return {
    'examples': float(examples),
    'examples_per_second': per_second * float(examples),
    'tokens_per_second': per_second * size.batch * _LENGTH * float(filled),
    'loss': float(losses.mean()),
    'loss_error': float(losses.std(ddof=1) / len(losses) ** 0.5),
  }


def _learned(
  settings: Settings, output: Path, held_out: frozenset[str]
) -> Iterator[tuple[str, np.ndarray]]:
  """Yields each kind, and nats a token of each held-out question."""
  # Tables are made without T5X.
  from reproduce.measuring import items, score

  arm = arms()['base_flan']
  data = output / arm.model
  questions = [
    one
    for one in items.read(data, settings, held_out)
    if one.task.startswith('niv2:')
  ]
  scorer = score.Scorer.of(arm, data / 'flan')
  for name, (arm, size) in _arms(settings).items():
    path = train.checkpoint(arm, size.seeds[0], size, output)
    scored = scorer.scored(path, questions)
    yield name, np.array([-one.scores[0] / one.tokens[0] for one in scored])


def table(results: Path) -> list[str]:
  """Returns the lines of a table, none if nothing was measured."""
  path = results / NAME
  if not path.exists():
    return []
  found = json.loads(path.read_text(encoding='utf-8'))
  lines = [
    '| | rows | examples | examples a second | tokens a second | loss '
    '| held out | from the first |',
    f'|---|{"--:|" * 7}',
  ]
  for name, one in found.items():
    lines.append(
      f'| {name} | {one["rows"]} | {one["examples"]:.1f} '
      f'| {one["examples_per_second"]:.1f} '
      f'| {one["tokens_per_second"]:,.0f} '
      f'| {one["loss"]:.3f} ± {one["loss_error"]:.3f} '
      f'| {one["held_out"]:.3f} '
      f'| {one["apart"]:+.3f} ± {one["apart_error"]:.3f} |'
    )
  return lines
