"""Trains an arm with T5X, by the command that a user would paste."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
import json
import os
from pathlib import Path
import shlex
import subprocess
import sys

from reproduce.arms import HERE, Arm, Settings, arms

# Of these many steps, T5X writes the mean loss.
CURVE_STEPS = 10

CONFIGS = 'ul2_flan/trainer_plugin/configs'

# What a step has freed, the next takes again: to ask the system for it anew
# takes a third of a step.
MEMORY = {
  'GLIBC_TUNABLES': 'glibc.malloc.hugetlb=1:glibc.malloc.arena_max=1:'
  'glibc.malloc.mmap_max=0:glibc.malloc.trim_threshold=17179869184'
}


def one(
  arm: Arm,
  seed: int,
  settings: Settings,
  output: Path,
  variables: Mapping[str, str] = {},
) -> None:
  """Trains what has not been trained; a run that stopped goes on.

  Args:
    arm: what arm it starts from is trained.
    seed: one of the settings'.
    settings: how much.
    output: where the data is, and the models go.
    variables: of the environment, beside those that are there.

  Raises:
    SystemExit: T5X failed.
  """
  if checkpoint(arm, seed, settings, output).exists():
    return
  words = [*command(arm, seed, settings, output)]
  folder = _folder(arm, seed, output)
  log = folder.with_suffix('.log')
  print(f'\n$ python -m {shlex.join(words)} > {log}', flush=True)
  folder.parent.mkdir(parents=True, exist_ok=True)
  with log.open('a') as f:
    done = subprocess.run(
      [sys.executable, '-m', *words],
      check=False,
      stdout=f,
      stderr=subprocess.STDOUT,
      env=MEMORY | {**variables} | os.environ,
    )
  if done.returncode:
    sys.exit(f'error: the training of {arm.name} failed; see the end of {log}')


def in_order(settings: Settings) -> list[tuple[Arm, int]]:
  """Returns all arms and seeds: one seed of the main table before the next."""
  pairs = [
    (arm, seed)
    for arm in arms().values()
    if arm.group in settings.groups
    for seed in settings.seeds[: None if arm.group == 'main' else 1]
  ]
  return sorted(pairs, key=lambda pair: (pair[0].group != 'main', pair[1]))


def checkpoint(
  arm: Arm, seed: int, settings: Settings, output: Path, share: float = 1.0
) -> Path:
  """Returns where the checkpoint of an arm is, or will be.

  Args:
    arm: trained with that seed; without steps, it is the one that it starts
      from.
    seed: one of the settings'.
    settings: how much is trained.
    output: as in `one`.
    share: of the arm's steps.
  """
  if not arm.steps:
    return checkpoint(arms()[arm.after], seed, settings, output, arm.at)
  folder = _folder(arm, seed, output)
  if arm.stage != 'pretrain':
    folder /= arm.stage
  step = _first(arm, settings) + round(share * settings.steps(arm))
  return folder / f'checkpoint_{step}'


def _first(arm: Arm, settings: Settings) -> int:
  """Returns the step that an arm starts at: T5X counts all."""
  if not arm.after:
    return 0
  before = arms()[arm.after]
  return _first(before, settings) + round(arm.at * settings.steps(before))


def _folder(arm: Arm, seed: int, output: Path) -> Path:
  return output / 'models' / arm.name / f'seed_{seed}'


def command(
  arm: Arm, seed: int, settings: Settings, output: Path
) -> Iterator[str]:
  """Yields the words of an arm's command, after `python -m`."""
  data, folder = output / arm.model / arm.data, _folder(arm, seed, output)
  steps = settings.steps(arm)
  model = HERE / 'networks' / f'{arm.network or arm.model}.gin'
  bindings = {
    'SEED': seed,
    'STEPS': steps,
    'BATCH_SIZE': settings.batch,
    'FLAN_STEPS': steps,
    'BIDIRECTIONAL': arm.bidirectional,
    'SAVE_PERIOD': steps // settings.saves,
    'EVAL_PERIOD': steps // settings.saves,
    'EVAL_MANIFESTS': '()',
    'train.stats_period': CURVE_STEPS,
  }
  if arm.stage == 'pretrain':
    yield from ('t5x.train', f'--gin_file={model}')
    yield f'--gin_file={CONFIGS}/runs/ul2_pretrain.gin'
    schedule = 'utils.create_learning_rate_scheduler'
    bindings |= {
      'MANIFEST': json.dumps(str(data)),
      'MODEL_DIR': json.dumps(str(folder)),
      # T5's schedule is 1 / sqrt(step), and flat while it warms up.
      f'{schedule}.base_learning_rate': (
        settings.base_rate * settings.warmup_steps**0.5
      ),
      f'{schedule}.warmup_steps': settings.warmup_steps,
    }
  else:
    before = checkpoint(arms()[arm.after], seed, settings, output, arm.at)
    yield from ('ul2_flan.trainer_plugin.stages', f'--model={model}')
    yield f'--manifest={arm.stage}={data}'
    yield f'--checkpoint={before}'
    yield f'--model_dir={folder}'
    of_stage = {'ul2r': settings.extra_rate, 'flan': settings.flan_rate}
    rate = arm.rate * of_stage[arm.stage]
    bindings['LEARNING_RATE'] = rate
    if arm.stage == 'ul2r':
      bindings['FINAL_LEARNING_RATE'] = rate / 10
  yield from (f'--gin.{name}={value}' for name, value in bindings.items())
