"""Shows, small, what UL2R and Flan do: data, training, measures, tables.

    make reproduce [QUICK=1] [T5X=../t5x]

It goes on where it stopped, and ends with a page, `report.md`, in its folder.
"""

from __future__ import annotations

import argparse
from importlib import util
from pathlib import Path
import sys

from reproduce import data
from reproduce.arms import settings
from reproduce.telling import tell


def main() -> None:
  """Runs all steps, or the last alone."""
  parser = argparse.ArgumentParser(prog='reproduce', description=__doc__)
  parser.add_argument('--size', choices=('full', 'quick'), default='full')
  parser.add_argument(
    '--shared', type=Path, default=Path('../shared/data'), help='real data'
  )
  parser.add_argument('--output', type=Path, default=Path('build/reproduce'))
  parser.add_argument(
    '--results', type=Path, help='files of scores; by default in the output'
  )
  parser.add_argument(
    '--page', type=Path, help='fills its tables from the results, and ends'
  )
  args = parser.parse_args()
  output = (args.output / args.size).absolute()
  results = args.results or output / 'results'
  size = settings(args.size)
  if args.page:
    tell.fill(args.page, results, size)
    return
  _check(args.shared)
  # They import T5X, without which tables are made too.
  from reproduce.measuring import measure, throughput
  from reproduce.telling import scaling
  from reproduce.training import curves, schedule

  data.make(args.shared.absolute(), output)
  schedule.run(size, output)
  held_out = data.held_out_tasks()
  measure.run(size, output, results, held_out)
  curves.keep(size, output, results)
  scaling.keep(size, output, results)
  # A quick run is too short to be timed.
  if args.size == 'full':
    throughput.run(size, output, results, held_out)
  tell.write(results, output, size)


def _check(shared: Path) -> None:
  """Finds out at once what an hour of work would end with.

  Raises:
    SystemExit: the real data or T5X is not there.
  """
  if not (shared / 'text' / 'en').is_dir():
    sys.exit(f'error: --shared {shared} has no folder text/en of real text')
  if not util.find_spec('t5x'):
    sys.exit(
      'error: T5X is not there: give its checkout, make reproduce T5X=DIR. '
      'trainer_plugin/README.md says how to install what it needs'
    )


if __name__ == '__main__':
  main()
