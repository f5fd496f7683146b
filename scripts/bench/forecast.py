"""Measures what a run costs, and divides it by what `--plan_only` foresaw.

    PYTHONPATH=scripts .venv/bin/python -m bench.forecast

It takes the CPU time of a whole command with one worker, less that of a command
that does nothing. The runs are so long that the two seconds of a forecast are a
small part of them. It reads what `bench.engines.py` reads.
"""

from __future__ import annotations

from collections.abc import Sequence
import json
from pathlib import Path
import shutil
import sys
import tempfile

import bench.engines
import bench.measure

from ul2_flan.pipelines.run.tables import table

ROUNDS = 3


def main() -> int:
  lines = []
  with tempfile.TemporaryDirectory() as name:
    folder = Path(name)
    commands = bench.engines.commands(
      bench.engines.sources(folder), folder / 'chain'
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
  """Returns the CPU seconds of a pipeline's command, and what it printed."""
  return bench.measure.command(['-m', f'ul2_flan.pipelines.{pipeline}', *flags])


if __name__ == '__main__':
  sys.exit(main())
