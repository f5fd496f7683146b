"""What packed data saves a trainer: T5X's input alone, with no model behind it.

    .venv/bin/python scripts/bench_input.py

The same mixture of instructions is written twice, packed and not, and read
through T5X's `get_dataset` as a Flan run reads it; seqio packs on the fly what
is not packed. Each reading is of one epoch, and CPU seconds are of the whole
process, tf.data's threads included. On ../shared/data and T5's vocabulary if
they are there, else on tasks that every Python has. Needs T5X.
"""

from __future__ import annotations

import contextlib
import importlib.util
import io
from pathlib import Path
import statistics
import sys
import tempfile
import time

import bench_corpus
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
    [kind, *(f'{f(found):,.0f}' for f in (statistics.median, min, max))]
    for kind, found in speeds.items()
  ]
  header = ['sequences of 2048 and 512', 'examples per CPU s', 'min', 'max']
  print(table(header, rows))
  print(
    f'\npacked ÷ not: {statistics.median(ratios):.1f} '
    f'({ratios[0]:.1f} to {ratios[-1]:.1f})'
  )
  return 0


def _write(folder: Path) -> dict[str, str]:
  """The mixture, packed and not: paths of the outputs."""
  _, vocabulary = bench_corpus.find(folder)
  shared = bench_corpus.SHARED
  suites = (
    {'niv2': shared / 'niv2' / 'tasks', 'cot': shared / 'cot'}
    if shared.is_dir()
    else demo_tasks.write(folder / 'tasks')
  )
  sources = [f'--source={suite}={path}' for suite, path in suites.items()]
  made_for = ['--settings=zs_opt,fs_opt', f'--vocabulary={vocabulary}']
  _run(flan, *sources, *made_for, '--unlisted', f'--output={folder}/flan')
  outputs = {}
  for kind, pack in (('packed', ['--pack=enc_dec']), ('packed on the fly', [])):
    name = kind.replace(' ', '_')
    outputs[kind] = f'{folder}/{name}'
    of = [f'--manifest={folder}/flan', '--mixture=flan2022_b']
    of += ['--include', 'unlisted', f'--num_examples={EXAMPLES}', *pack]
    _run(mix, *of, f'--name={name}', f'--output={outputs[kind]}')
  return outputs


def _run(command: object, *flags: str) -> None:
  with contextlib.redirect_stdout(io.StringIO()):
    if command.main(flags):  # type: ignore[attr-defined]
      raise RuntimeError('the run failed')


def _examples_per_second(output: str) -> float:
  """Examples of an epoch, for each CPU second that reading it takes."""
  from t5x import models

  from ul2_flan.trainer_plugin import data

  config = data.for_training(output, batch_size=BATCH, seed=0)
  converter = models.EncoderDecoderModel.FEATURE_CONVERTER_CLS
  dataset = data.get_dataset(config, 0, 1, converter, num_epochs=1)
  start = time.process_time()
  examples = sum(
    # Of each sequence, the number of its last example.
    int(batch['decoder_segment_ids'].max(axis=1).sum())
    for batch in dataset.as_numpy_iterator()
  )
  return examples / (time.process_time() - start)


if __name__ == '__main__':
  sys.exit(main())
