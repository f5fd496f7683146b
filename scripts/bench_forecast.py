"""What a run costs, beside what `--plan_only` foresaw.

    python scripts/bench_forecast.py

CPU time of whole commands with one worker, less that of a command that does
nothing, over the forecast; of runs that the forecast's two seconds are a small
part of. Reads what `bench_engines.py` reads.
"""

from __future__ import annotations

from collections.abc import Sequence
import json
from pathlib import Path
import resource
import shutil
import subprocess
import sys
import tempfile

import bench_engines

from ul2_flan.pipelines.run.tables import table

ROUNDS = 3


def main() -> int:
  lines = []
  with tempfile.TemporaryDirectory() as name:
    folder = Path(name)
    commands = bench_engines.commands(
      bench_engines.sources(folder), folder / 'chain'
    )
    for pipeline, flags in commands.items():
      start, _ = _spent(pipeline, ['--help'])
      ratios = []
      for _ in range(ROUNDS):
        shutil.rmtree(folder / 'chain' / pipeline, ignore_errors=True)
        _, said = _spent(pipeline, [*flags, '--plan_only', '--json'])
        foreseen = 3600 * json.loads(said)['vcpu_hours']
        spent, _ = _spent(pipeline, [*flags, '--local_workers=1'])
        ratios.append((spent - start) / foreseen)
      ratios.sort()
      lines.append([f'`{pipeline}`', *(f'{r:.2f}' for r in ratios)])
  print(table(['CPU time of a run ÷ foreseen', *'123'], lines))
  return 0


def _spent(pipeline: str, flags: Sequence[str]) -> tuple[float, str]:
  """CPU seconds of a command, and what it printed."""
  before = resource.getrusage(resource.RUSAGE_CHILDREN)
  done = subprocess.run(
    [sys.executable, '-m', f'ul2_flan.pipelines.{pipeline}', *flags],
    capture_output=True,
    text=True,
  )
  if done.returncode:
    raise RuntimeError(f'{pipeline} {flags}: {done.stderr[-2000:]}')
  after = resource.getrusage(resource.RUSAGE_CHILDREN)
  user, system = (
    after.ru_utime - before.ru_utime,
    after.ru_stime - before.ru_stime,
  )
  return user + system, done.stdout


if __name__ == '__main__':
  sys.exit(main())
