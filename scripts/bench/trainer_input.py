"""Measures T5X's input from packed data, with no model behind it.

    PYTHONPATH=scripts .venv/bin/python -m bench.trainer_input

It writes the same mixture of instructions twice, packed and not packed, and
reads both through T5X's `get_dataset`, as a Flan run does; seqio packs on the
fly what is not packed. It reads one epoch each time. CPU seconds are those of
the whole process, with tf.data's threads. It takes ../shared/data and T5's
vocabulary or, if they are not there, tasks that every Python has. Needs T5X.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
import statistics
import sys
import tempfile
import time

import bench.corpus
import demo_tasks

from ul2_flan.pipelines import flan, mix
from ul2_flan.pipelines.run.tables import table

ROUNDS = 3
EXAMPLES = 60_000
BATCH = 64  # packed sequences, as in runs/flan.gin


def main() -> int:
  if not importlib.util.find_spec('t5x'):
    print('Input of T5X: left out, T5X is not installed')
    return 0
  with tempfile.TemporaryDirectory() as name:
    outputs = _write(Path(name))
    speeds: dict[str, list[float]] = {kind: [] for kind in outputs}
    for _ in range(ROUNDS):
      for kind, output in outputs.items():
        speeds[kind].append(_examples_per_second(output))
  ratios = sorted(a / b for a, b in zip(*speeds.values(), strict=True))
  rows = [
    [kind, *(f'{f(speed):,.0f}' for f in (statistics.median, min, max))]
    for kind, speed in speeds.items()
  ]
  header = ['sequences of 2048 and 512', 'examples per CPU s', 'min', 'max']
  print(table(header, rows))
  print(
    f'\npacked ÷ not: {statistics.median(ratios):.1f} '
    f'({ratios[0]:.1f} to {ratios[-1]:.1f})'
  )
  return 0


def _write(folder: Path) -> dict[str, str]:
  """Writes the mixture, packed and not; returns the paths of the outputs."""
  _, vocabulary = bench.corpus.find(folder)
  shared = bench.corpus.SHARED
  suites = (
    {'niv2': shared / 'niv2' / 'tasks', 'cot': shared / 'cot'}
    if shared.is_dir()
    else demo_tasks.write(folder / 'tasks')
  )
  instructions = flan.Config(
    sources={suite: [str(path)] for suite, path in suites.items()},
    settings=['zs_opt', 'fs_opt'],
    vocabulary=vocabulary,
    unlisted=True,
  )
  flan.run(instructions, output=f'{folder}/flan')
  outputs = {}
  for kind, pack in (('packed', 'enc_dec'), ('packed on the fly', '')):
    name = kind.replace(' ', '_')
    outputs[kind] = f'{folder}/{name}'
    mixture = mix.Config(
      manifests=[f'{folder}/flan'],
      mixture='flan2022_b',
      include=['unlisted'],
      num_examples=EXAMPLES,
      pack=pack,
      name=name,
    )
    mix.run(mixture, output=outputs[kind])
  return outputs


def _examples_per_second(output: str) -> float:
  """Reads an epoch; returns examples per CPU second."""
  from t5x import models

  from ul2_flan.trainer_plugin import data

  config = data.for_training(output, batch_size=BATCH, seed=0)
  converter = models.EncoderDecoderModel.FEATURE_CONVERTER_CLS
  dataset = data.get_dataset(config, 0, 1, converter, num_epochs=1)
  start = time.process_time()
  examples = sum(
    # Examples of a sequence are numbered from 1: add up the last numbers.
    int(batch['decoder_segment_ids'].max(axis=1).sum())
    for batch in dataset.as_numpy_iterator()
  )
  return examples / (time.process_time() - start)


if __name__ == '__main__':
  sys.exit(main())
