"""What instruction data cost: rendering, whole runs, small tasks, memory.

    .venv/bin/python scripts/bench_flan.py

As `bench.py`: CPU seconds of one process, after all imports, and ratios of what
is measured side by side. On ../shared/data, without which there is nothing to
render.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
import contextlib
import io
import json
from pathlib import Path
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import sentencepiece

from ul2_flan.pipelines import flan
from ul2_flan.pipelines.flan import encode as encode_lib
from ul2_flan.pipelines.run.tables import table
from ul2_flan.pipelines.task_sources import Index, ReadOptions, locate, read
from ul2_flan.tasks import catalog
from ul2_flan.tasks.ragged import Ragged
from ul2_flan.tasks.rendering import (
  Instances,
  Pool,
  Renderer,
  choose_pool,
  prepare,
)
from ul2_flan.tasks.vocabulary import Vocabulary

SHARED = Path(__file__).parents[2] / 'shared' / 'data'
VOCABULARY = str(SHARED / 'vocab' / 't5.spiece.model')
SETTINGS = ('zs_opt', 'zs_noopt', 'fs_opt', 'fs_noopt')
RENDERED = (
  'cot:gsm8k',
  'cot:creak',
  'flan2021:sst2',
  'flan2021:cola',
  'flan2021:openbookqa',
  'flan2021:stsb',
  'dialog:task_master',
)
# Tasks of a thousand rows and more.
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
SPEED_EXAMPLES = 20_000
TINY_TASKS = 1000
TINY_ROWS = 20


def main() -> int:
  if not SHARED.is_dir():
    print('Flan: left out, there is no real data in ../shared/data')
    return 0
  with tempfile.TemporaryDirectory() as name:
    folder = Path(name)
    _rendering()
    _whole(folder)
    _tiny(folder)
    _memory(folder)
  return 0


def _cpu(work: Callable[[], object]) -> float:
  start = time.process_time()
  work()
  return time.process_time() - start


def _rows(name: str) -> list[Instances]:
  """A task's training rows, in the blocks that they are read in."""
  task = catalog.load(name)
  options = ReadOptions()
  located = locate(task, Index.of([str(SHARED / task.suite)]), options)
  assert located is not None
  source = task.sources[located.source]
  return [
    prepare(block.rows, block.keys, task=task, source=source, seed=0).rows
    for piece in located.splits['train']
    for block in read(piece, task, source, options)
  ]


def _rendering() -> None:
  """(a): examples per CPU second, of prepared rows; nothing is tokenised."""
  lines = []
  for name in RENDERED:
    blocks = _rows(name)
    speeds = [f'{_speed(name, setting, blocks):,.0f}' for setting in SETTINGS]
    lines.append([name, f'{sum(map(len, blocks)):,}', *speeds])
  header = ['examples per CPU s', 'rows', *SETTINGS]
  print(table(header, lines), '\n', flush=True)


def _speed(name: str, setting: str, blocks: Sequence[Instances]) -> float:
  renderer = Renderer.of(catalog.load(name), setting, seed=0)
  pool = None
  if renderer.setting.few_shot:
    rows = choose_pool(blocks[0], seed=0, task=name)
    pool = Pool.of(renderer.family, rows)
  count = sum(map(len, blocks))
  times = max(1, SPEED_EXAMPLES // count)

  def render() -> None:
    for _ in range(times):
      for block in blocks:
        renderer.render(block, pool, draws=True)

  return times * count / statistics.median(_cpu(render) for _ in range(ROUNDS))


def _clear(flags: Sequence[str]) -> None:
  """Removes what an earlier run made, which is no part of a run's cost."""
  shutil.rmtree(flags[flags.index('--output') + 1], ignore_errors=True)


def _run(flags: Sequence[str]) -> None:
  with contextlib.redirect_stdout(io.StringIO()):
    if flan.main(flags):
      raise RuntimeError('the run failed')


def _flags(
  output: Path, sources: Sequence[tuple[str, Path]], *more: str
) -> list[str]:
  flags = ['--vocabulary', VOCABULARY, '--output', str(output), *more]
  for suite, folder in sources:
    flags += ['--source', f'{suite}={folder}']
  return [*flags, '--local_workers', '1']


def _whole(folder: Path) -> None:
  """(b): runs in four settings, beside bare sentencepiece."""
  lines = []
  for suite, place, tasks in WHOLE:
    names = ','.join(f'{suite}:{task}' for task in tasks)
    flags = _flags(
      folder / 'whole', [(suite, SHARED / place)], '--tasks', names
    )
    _clear(flags)
    _run(flags)  # once for nothing: caches of files, of code and of words
    rounds = [_beside(flags) for _ in range(ROUNDS)]
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


def _beside(flags: Sequence[str]) -> tuple[float, float]:
  """CPU seconds of a run, and of bare sentencepiece on what it rendered.

  Each block is encoded to lists beside the run's own encoding, so that what
  else the machine does weighs on both; this time is taken from the run's. What
  the run tokenises only to count is its own cost.
  """
  processor = sentencepiece.SentencePieceProcessor(model_file=VOCABULARY)
  encode = Vocabulary.encode_block
  count = encode_lib.Encoder.count_tokens
  bare = 0.0
  counting = False

  def beside(self: Vocabulary, texts: Sequence[str]) -> Ragged:
    nonlocal bare
    if not counting:
      bare += _cpu(lambda: processor.encode(list(texts), num_threads=1))
    return encode(self, texts)

  def counted(self: encode_lib.Encoder, texts: Sequence[str]) -> list[int]:
    nonlocal counting
    counting = True
    try:
      return count(self, texts)
    finally:
      counting = False

  Vocabulary.encode_block = beside  # type: ignore[method-assign]
  encode_lib.Encoder.count_tokens = counted  # type: ignore[method-assign]
  _clear(flags)
  try:
    total = _cpu(lambda: _run(flags))
  finally:
    Vocabulary.encode_block = encode  # type: ignore[method-assign]
    encode_lib.Encoder.count_tokens = count  # type: ignore[method-assign]
  return total - bare, bare


def _write_tiny(folder: Path, tasks: int, rows: int) -> None:
  """Tasks of few rows: those that there are, under many names of NIv2's."""
  folder.mkdir()
  have = sorted((SHARED / 'niv2' / 'tasks').glob('*.json'))
  wanted = list(catalog.tasks(suite='niv2'))[:tasks]
  for number, task in enumerate(wanted):
    content = json.loads(have[number % len(have)].read_text())
    content['Instances'] = content['Instances'][:rows]
    name = task.sources[0].locator.removesuffix('.json')
    (folder / f'{name}.json').write_text(json.dumps(content))


def _tiny(folder: Path) -> None:
  """(c): what a small task costs, in four settings."""
  _write_tiny(folder / 'tiny', TINY_TASKS, TINY_ROWS)
  flags = _flags(folder / 'out', [('niv2', folder / 'tiny')])
  rounds = []
  for _ in range(ROUNDS):
    _clear(flags)
    start = time.monotonic()
    spent = _cpu(lambda: _run(flags))
    rounds.append((spent, time.monotonic() - start))
  cpu, wall = (
    statistics.median(times) * 1000 / TINY_TASKS
    for times in zip(*rounds, strict=True)
  )
  title = f'{TINY_TASKS} tasks of {TINY_ROWS} rows'
  header = [title, 'CPU ms a task', 'wall ms a task']
  print(table(header, [['', f'{cpu:.1f}', f'{wall:.1f}']]), '\n', flush=True)
  shutil.rmtree(folder / 'tiny')
  shutil.rmtree(folder / 'out')


def _memory(folder: Path) -> None:
  """(d): peak memory of a run above its imports, by tasks and by rows."""
  lines = []
  for tasks, rows in ((50, 20), (500, 20), (1500, 20)):
    _write_tiny(folder / 'some', tasks, rows)
    flags = _flags(folder / 'out', [('niv2', folder / 'some')])
    lines.append([f'{tasks} tasks of {rows} rows', *_peak(flags)])
    shutil.rmtree(folder / 'some')
  for times in (1, 4, 16):
    cot = folder / 'cot'
    cot.mkdir()
    _repeat(SHARED / 'cot' / 'strategyqa_train.tsv', cot, times)
    flags = _flags(
      folder / 'out', [('cot', cot)], '--tasks=cot:strategyqa', '--cap=0'
    )
    lines.append([f'1 task of {1648 * times:,} rows', *_peak(flags)])
    shutil.rmtree(cot)
  header = ['a run', 'MB of imports', 'MB above them at the peak']
  print(table(header, lines), '\n', flush=True)


def _repeat(source: Path, folder: Path, times: int) -> None:
  """A file's lines several times, each time with other words before them."""
  lines = source.read_text().splitlines()
  text = [f'({i}) {line}\n' for i in range(times) for line in lines]
  (folder / source.name).write_text(''.join(text))


def _peak(flags: Sequence[str]) -> list[int]:
  """Megabytes before and above, of a process that does a run."""
  _clear(flags)
  code = (
    'import re, sys\n'
    'from ul2_flan.pipelines import flan\n'
    'def peak():\n'
    '  status = open("/proc/self/status").read()\n'
    '  return int(re.search(r"VmHWM:\\s+(\\d+)", status)[1])\n'
    'before = peak()\n'
    'flan.main(sys.argv[1:])\n'
    'print(before, peak())\n'
  )
  done = subprocess.run(
    [sys.executable, '-c', code, *flags],
    capture_output=True,
    text=True,
    check=True,
  )
  match = re.search(r'(\d+) (\d+)\s*$', done.stdout)
  assert match
  before, after = map(int, match.groups())
  return [before // 1024, (after - before) // 1024]


if __name__ == '__main__':
  sys.exit(main())
