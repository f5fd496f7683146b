"""Measures what instruction data cost: rendering, runs, small tasks, memory.

    PYTHONPATH=scripts .venv/bin/python -m bench.flan

Like `text.py`, it measures CPU seconds of one process after all imports, and
ratios of what it measures side by side. It reads ../shared/data, and has
nothing to render without it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
import functools
import json
from pathlib import Path
import shutil
import statistics
import sys
import tempfile
import time
from typing import Any

from bench.corpus import SHARED
import bench.measure
import bench.rendering
import sentencepiece

from ul2_flan.pipelines import flan
from ul2_flan.pipelines.flan import encode as encode_lib
from ul2_flan.pipelines.run.tables import table
from ul2_flan.tasks import catalog
from ul2_flan.tasks.ragged import Ragged
from ul2_flan.tasks.vocabulary import Vocabulary

VOCABULARY = str(SHARED / 'vocab' / 't5.spiece.model')
# Suites, their folders, and tasks of a thousand rows and more.
WHOLE = (
  ('cot', 'cot', ('aqua', 'creak', 'ecqa', 'gsm8k', 'strategyqa')),
  (
    'niv2',
    'niv2/tasks_full',
    (
      'task033_winogrande_answer_generation',
      'task188_snli_neutral_to_entailment_text_modification',
      'task1342_amazon_us_reviews_title',
    ),
  ),
)
ROUNDS = 3
TINY_TASKS = 1000
TINY_ROWS = 20


def main() -> int:
  if not SHARED.is_dir():
    print('Flan: left out, there is no real data in ../shared/data')
    return 0
  with tempfile.TemporaryDirectory() as name:
    folder = Path(name)
    bench.rendering.show(VOCABULARY)
    _whole(folder)
    _tiny(folder)
    _memory(folder)
  return 0


def _run(config: flan.Config, output: Path) -> None:
  """Runs the pipeline in this process, which is measured."""
  flan.run(config, output=str(output), engine=flan.Engine(local_workers=1))


def _whole(folder: Path) -> None:
  """Prints what runs in four settings cost, beside bare sentencepiece."""
  lines = []
  for suite, place, tasks in WHOLE:
    config = flan.Config(
      vocabulary=VOCABULARY,
      sources={suite: [str(SHARED / place)]},
      tasks=[f'{suite}:{task}' for task in tasks],
    )
    # The first round fills caches of files, of code and of words.
    rounds = [
      _beside(config, folder / f'{suite}{number}')
      for number in range(ROUNDS + 1)
    ][1:]
    ratios = sorted(whole / bare for whole, bare in rounds)
    lines.append(
      [
        f'{len(tasks)} tasks of {suite}',
        f'{statistics.median(bare for _, bare in rounds):.2f}',
        f'{statistics.median(ratios):.2f}',
        f'{ratios[0]:.2f} to {ratios[-1]:.2f}',
      ]
    )
  header = ['a run', 'sentencepiece, CPU s', 'run ÷ sentencepiece', 'range']
  print(table(header, lines), '\n', flush=True)


def _beside(config: flan.Config, output: Path) -> tuple[float, float]:
  """Measures a run, and bare sentencepiece on what it rendered.

  Bare sentencepiece encodes each block to lists just before the run encodes it,
  so that whatever else the machine does slows both down alike. Its time is
  subtracted from the run's. What the run tokenises only to count is part of its
  cost.

  Returns:
    CPU seconds of the run, and of sentencepiece.
  """
  processor = sentencepiece.SentencePieceProcessor(model_file=VOCABULARY)
  encode = Vocabulary.encode_block
  counters = {
    name: getattr(encode_lib.Encoder, name)
    for name in ('count_tokens', 'count_new_tokens')
  }
  bare = 0.0
  counting = False

  def beside(self: Vocabulary, texts: Sequence[str]) -> Ragged:
    nonlocal bare
    if not counting:
      bare += bench.measure.cpu(
        lambda: processor.encode(list(texts), num_threads=1)
      )
    return encode(self, texts)

  def counted(count: Callable[..., list[int]]) -> Callable[..., list[int]]:
    def also(*arguments: Any) -> list[int]:
      nonlocal counting
      counting = True
      try:
        return count(*arguments)
      finally:
        counting = False

    return also

  Vocabulary.encode_block = beside  # type: ignore[method-assign]
  for name, counter in counters.items():
    setattr(encode_lib.Encoder, name, counted(counter))
  try:
    total = bench.measure.cpu(lambda: _run(config, output))
  finally:
    Vocabulary.encode_block = encode  # type: ignore[method-assign]
    for name, counter in counters.items():
      setattr(encode_lib.Encoder, name, counter)
  return total - bare, bare


def _write_tiny(folder: Path, tasks: int, rows: int) -> None:
  """Writes tasks of few rows: copies, under many names of NIv2's tasks."""
  folder.mkdir()
  files = sorted((SHARED / 'niv2' / 'tasks').glob('*.json'))
  wanted = list(catalog.tasks(suite='niv2'))[:tasks]
  for number, task in enumerate(wanted):
    content = json.loads(files[number % len(files)].read_text())
    content['Instances'] = content['Instances'][:rows]
    name = task.sources[0].locator.removesuffix('.json')
    (folder / f'{name}.json').write_text(json.dumps(content))


def _tiny(folder: Path) -> None:
  """Prints what a small task costs, in four settings."""
  _write_tiny(folder / 'tiny', TINY_TASKS, TINY_ROWS)
  config = flan.Config(
    vocabulary=VOCABULARY, sources={'niv2': [str(folder / 'tiny')]}
  )
  rounds = []
  for number in range(ROUNDS):
    start = time.monotonic()
    # No output is deleted before the end: for some minutes ext4 passes over the
    # places of deleted files, so that each new one costs several times as much.
    output = folder / f'out{number}'
    spent = bench.measure.cpu(functools.partial(_run, config, output))
    rounds.append((spent, time.monotonic() - start))
  cpu, wall = (
    statistics.median(times) * 1000 / TINY_TASKS
    for times in zip(*rounds, strict=True)
  )
  title = f'{TINY_TASKS} tasks of {TINY_ROWS} rows'
  header = [title, 'CPU ms a task', 'wall ms a task']
  print(table(header, [['', f'{cpu:.1f}', f'{wall:.1f}']]), '\n', flush=True)
  shutil.rmtree(folder / 'tiny')


def _memory(folder: Path) -> None:
  """Prints the peak memory of runs of more and more tasks, and rows."""
  lines = []
  for tasks, rows in ((50, 20), (500, 20), (1500, 20)):
    _write_tiny(folder / 'some', tasks, rows)
    peak = _peak(folder / 'out', f'niv2={folder / "some"}')
    lines.append([f'{tasks} tasks of {rows} rows', *peak])
    shutil.rmtree(folder / 'some')
  for times in (1, 4, 16):
    cot = folder / 'cot'
    cot.mkdir()
    _repeat(SHARED / 'cot' / 'strategyqa_train.tsv', cot, times)
    peak = _peak(
      folder / 'out', f'cot={cot}', '--tasks=cot:strategyqa', '--cap=0'
    )
    lines.append([f'1 task of {1648 * times:,} rows', *peak])
    shutil.rmtree(cot)
  header = ['a run', 'MB of imports', 'MB above them at the peak']
  print(table(header, lines), '\n', flush=True)


def _repeat(source: Path, folder: Path, times: int) -> None:
  """Copies a file's lines several times, with a number before each."""
  lines = source.read_text().splitlines()
  text = [f'({i}) {line}\n' for i in range(times) for line in lines]
  (folder / source.name).write_text(''.join(text))


def _peak(output: Path, source: str, *more: str) -> list[int]:
  """Measures the peak memory of a run, as `bench.measure.peak` does."""
  flags = ['--vocabulary', VOCABULARY, '--output', str(output), *more]
  peak = bench.measure.peak(
    'flan', [*flags, f'--source={source}', '--local_workers=1']
  )
  shutil.rmtree(output)
  return peak


if __name__ == '__main__':
  sys.exit(main())
