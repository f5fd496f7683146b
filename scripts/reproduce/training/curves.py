"""Keeps the losses of training, which T5X wrote as TensorBoard's events."""

from __future__ import annotations

from collections.abc import Iterator
import gzip
import json
from pathlib import Path

from reproduce.arms import Settings
from reproduce.training import train

NAME = 'curves.jsonl.gz'

# T5X's name for nats a target token, the mean of `train.CURVE_STEPS` steps.
LOSS = 'loss_per_nonpadding_target_token'


def keep(settings: Settings, output: Path, results: Path) -> None:
  """Writes a line for each arm and seed that has been trained.

  Args:
    settings: how much is trained.
    output: where the models are.
    results: the folder of the file.
  """
  with gzip.GzipFile(results / NAME, 'wb', 9, mtime=0) as f:
    for arm, seed in train.in_order(settings):
      checkpoint = train.checkpoint(arm, seed, settings, output)
      if arm.steps and checkpoint.exists():
        losses = dict(values(checkpoint.parent, LOSS))
        line = {
          'arm': arm.name,
          'seed': seed,
          'steps': sorted(losses),
          'losses': [round(losses[step], 3) for step in sorted(losses)],
        }
        f.write(f'{json.dumps(line, separators=(",", ":"))}\n'.encode())


def values(folder: Path, tag: str) -> Iterator[tuple[int, float]]:
  """Yields steps and values; those of a run that went on come again, later.

  Args:
    folder: of a model.
    tag: T5X's name for the value.
  """
  # Tables are made without it.
  import tensorflow as tf

  for path in sorted((folder / 'train').glob('events.*')):
    for event in tf.compat.v1.train.summary_iterator(str(path)):
      for value in event.summary.value:
        if value.tag == tag:
          yield event.step, float(tf.make_ndarray(value.tensor))


def read(results: Path) -> dict[str, list[tuple[int, float]]]:
  """Returns the first seed's steps and losses, by arm."""
  path = results / NAME
  if not path.exists():
    return {}
  with gzip.open(path, 'rt', encoding='utf-8') as f:
    lines = [json.loads(line) for line in f]
  return {
    line['arm']: [*zip(line['steps'], line['losses'], strict=True)]
    for line in reversed(lines)
  }
