"""What the commands share: Beam's options, and running a plan to its end."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Sequence
import difflib
import gc
import json
import logging
import re
import shutil
import sys
import time
from typing import Any

import apache_beam as beam
from apache_beam.options import pipeline_options

from ul2_flan.pipelines import (
  files,
  flan_summary,
  forecast,
  local,
  local_pool,
  materialise,
  mix_summary,
  progress,
  quarantine,
  service,
  summary,
  work,
)
from ul2_flan.pipelines.finish import completed_path
from ul2_flan.pipelines.job import Budget
from ul2_flan.pipelines.local_stage import Failure
from ul2_flan.pipelines.work import Plan
from ul2_flan.tasks import manifest as manifest_lib
from ul2_flan.tasks.errors import UserError

# What a shell expects of a program that Ctrl-C has ended.
_INTERRUPTED = 130

# The pipelines of a run, given its plan and output.
Steps = Callable[[Plan, str, Budget], Iterable[beam.PTransform[Any, Any]]]

# A process of the local runner takes two seconds to start; this much output
# takes ten to make.
_WORKER_BYTES = 100 << 20

_SUMMARIES = {
  'ul2': summary.of_manifest,
  'flan': flan_summary.of_manifest,
  'mix': mix_summary.of_manifest,
}


def add_run_flags(parser: argparse.ArgumentParser) -> None:
  """The flags of every pipeline."""
  group = parser.add_argument_group('the run')
  group.add_argument(
    '--output',
    required=True,
    metavar='DIR',
    help='where the data sets go; any file system that Beam opens',
  )
  group.add_argument(
    '--plan_only',
    action='store_true',
    help='print the plan and what it will cost, from a second of its work; '
    'write nothing',
  )
  group.add_argument(
    '--json', action='store_true', help='print that as a JSON object'
  )
  group.add_argument(
    '--overwrite',
    action='store_true',
    help='delete what another run left in --output',
  )
  group.add_argument(
    '--max_reject_fraction',
    type=float,
    default=0.01,
    metavar='F',
    help='fail if more than this share of records is rejected (%(default)s)',
  )
  group.add_argument(
    '--no_wait',
    action='store_true',
    help='end when a service has the job; the same command, later, tells how '
    'it went',
  )
  group.add_argument(
    '--local_workers',
    type=int,
    metavar='N',
    help='processes of the local runner, which is the default; with 1 the '
    'launcher does all itself. By default as many as there are cores, '
    f'{local.cores()} here, or fewer for a small run',
  )
  group.add_argument(
    '--local_memory_mb',
    type=int,
    default=0,
    metavar='MB',
    help='what these may take together; by default most of what is free',
  )


def parse(
  parser: argparse.ArgumentParser, argv: Sequence[str] | None
) -> tuple[argparse.Namespace, pipeline_options.PipelineOptions]:
  """Our flags, and Beam's options from all others.

  Beam passes over flags that it does not know; here they are errors, since a
  misspelt flag of ours would be among them.
  """
  given = sys.argv[1:] if argv is None else list(argv)
  theirs = beam_parser(parser.prog)
  ours = {flag for a in parser._actions for flag in a.option_strings}
  known = {flag for a in theirs._actions for flag in a.option_strings} | ours
  for flag in given:
    name = flag.split('=')[0]
    if name.startswith('--') and name not in known:
      near = difflib.get_close_matches(name, [*sorted(ours), *known], n=1)
      hint = f" Did you mean '{near[0]}'?" if near else ''
      raise UserError(
        f"unknown flag '{name}'.{hint} `{parser.prog} --help` lists ours; "
        "Apache Beam's are taken too"
      )
  args, rest = parser.parse_known_args(given)
  _, left = theirs.parse_known_args(rest)
  if left:
    raise UserError(f"'{left[0]}' is neither a flag nor the value of one")
  if not any(flag.split('=')[0] == '--runner' for flag in rest):
    # Beam's own default looks for a Go binary over the network before it runs.
    rest = [*rest, '--runner', local.NAME]
  options = pipeline_options.PipelineOptions(rest)
  # Buckets are read before there is a pipeline, which would do the same.
  files.FileSystems.set_options(options)
  if '--local_workers' in ours and (args.local_workers or 1) > 1:
    local_pool.warm_up()  # while the run is planned
  return args, options


def beam_parser(prog: str) -> argparse.ArgumentParser:
  """All flags of Beam's, of which there are some two hundred."""
  parser = argparse.ArgumentParser(
    prog=prog,
    usage=argparse.SUPPRESS,
    add_help=False,
    conflict_handler='resolve',
  )
  for cls in pipeline_options.PipelineOptions.__subclasses__():
    cls._add_argparse_args(parser)
  return parser


def run_main(main: Callable[[Sequence[str] | None], int]) -> None:
  """Runs a command's main: mistakes are a line, not a stack trace."""
  logging.basicConfig(level=logging.WARNING)
  # What is imported stays. Without this the collector goes through Beam's
  # modules again and again, a sixth of a small run's CPU time.
  gc.freeze()
  try:
    sys.exit(main(None))
  except UserError as e:
    print(f'error: {e}', file=sys.stderr)
    sys.exit(2)
  except OSError as e:
    # Of a file or an object, which it names, before there was a run.
    print(f'error: {type(e).__name__}: {e}', file=sys.stderr)
    sys.exit(1)


def tell(plan: Plan, args: argparse.Namespace, described: str) -> None:
  """Prints what is planned, for a person or for a program.

  Args:
    plan: the plan.
    args: our flags.
    described: what is particular to this kind of run, for a person.
  """
  if args.json and not args.plan_only:
    raise UserError('--json is for the plan alone: give --plan_only too')
  cost = forecast.measure(plan) if args.plan_only else None
  if args.json:
    facts = summary.facts_of(plan, args.output, cost)
    print(json.dumps(facts, indent=2, ensure_ascii=False))
  else:
    print(described, '\n')
    print(summary.of_plan(plan, args.output, cost), '\n')


def run(
  plan: Plan,
  output: str,
  args: argparse.Namespace,
  options: pipeline_options.PipelineOptions,
  *,
  strict: bool = False,
  steps: Steps = materialise.steps,
) -> int:
  """Runs a plan, or what is left of it, and prints what came of it.

  Args:
    plan: what is to be done.
    output: the output folder.
    args: our flags.
    options: Beam's.
    strict: see `Budget`.
    steps: what is run, one pipeline after the other.

  Returns:
    an exit status: 0 if the output is whole.
  """
  if not output:
    raise UserError('--output is empty: name a folder')
  if not 0 <= args.max_reject_fraction <= 1:
    raise UserError(
      f'--max_reject_fraction is {args.max_reject_fraction}: it must be within '
      '[0, 1]'
    )
  service.prepare(options, plan, output)
  _pipeline(plan, output, args, options)  # so that wrong options are told now
  if args.overwrite:
    _delete_run(output, plan)
  if _is_complete(output, plan):
    print(f'{output} is complete; there is nothing to do.\n')
    _print_manifest(output)
    return 0
  _refuse_other_run(output, plan)
  _check_room(output, plan)
  _write_plan(output, plan)
  _, done = progress.state(plan, output)
  if done:
    print(f'{done} of {len(plan.items)} work items are done already.')
  start = time.monotonic()
  budget = Budget(args.max_reject_fraction, strict)
  # What goes wrong is said below, once.
  logging.getLogger('apache_beam.runners.common').setLevel(logging.CRITICAL)
  try:
    with progress.shown(plan, output):
      for step in steps(plan, output, budget):
        pipeline = _pipeline(plan, output, args, options)
        _ = pipeline | step
        result = pipeline.run()
        if service.is_left(result, options, args.no_wait):
          print(service.of_job(result, options))
          return 0
        result.wait_until_finish()
  except KeyboardInterrupt:
    print('\nstopped', file=sys.stderr)
    _tell_how_to_go_on(output)
    return _INTERRUPTED
  except local.WorkFailedError as e:
    for failure in e.failures:
      if failure.trace:
        print(f'\n{failure.trace}', file=sys.stderr)
      where = _place_of(failure, plan)
      print(f'\nerror: {where}{_bare(failure.error)}', file=sys.stderr)
    _tell_how_to_go_on(output)
    return 1
  except Exception as e:
    if not re.search(r'UserError: |OSError: |\[Errno \d+\]', str(e)):
      # Nobody has foreseen it, so where it happened matters.
      print(f'\n{e}', file=sys.stderr)
    print(f'\nerror: {explain(e)}', file=sys.stderr)
    _tell_how_to_go_on(output)
    return 1
  print(f'\ndone in {time.monotonic() - start:.0f} s\n')
  _print_manifest(output)
  return 0


def _pipeline(
  plan: Plan,
  output: str,
  args: argparse.Namespace,
  options: pipeline_options.PipelineOptions,
) -> beam.Pipeline:
  """An empty pipeline, on the runner that was asked for."""
  workers = args.local_workers
  if workers is None:
    workers = plan.estimate['bytes'] // _WORKER_BYTES
    workers = min(max(workers, 1), local.cores())
  for flag, value, least in (
    ('local_workers', workers, 1),
    ('local_memory_mb', args.local_memory_mb, 0),
  ):
    if value < least:
      raise UserError(f'--{flag} is {value}: at least {least}')
  runner = None
  if options.view_as(pipeline_options.StandardOptions).runner == local.NAME:
    progress_folder = files.join(output, work.PROGRESS_FOLDER)
    # Where the result has room there is room for what is shuffled.
    is_local = '://' not in output and files.exists(progress_folder)
    runner = local.LocalRunner(
      workers,
      args.local_memory_mb * 10**6,
      progress_folder if is_local else '',
    )
  try:
    return beam.Pipeline(runner=runner, options=options)
  except (ImportError, ValueError) as e:  # no such runner, or not installed
    raise UserError(f'Beam refuses its options: {e}') from e


def _place_of(failure: Failure, plan: Plan) -> str:
  """Which work item failed, and the first file that it reads."""
  if failure.stage != 'Process':
    return ''
  item = plan.items[failure.key]
  rest = len({piece.path for piece in item.pieces}) - 1
  more = f' and {rest} more' if rest else ''
  return f'work item {item.index} ({item.pieces[0].path}{more}): '


def _tell_how_to_go_on(output: str) -> None:
  print(
    f'What is done stays in {output}: the same command goes on from there.',
    file=sys.stderr,
  )


def explain(error: Exception) -> str:
  r"""The message of an error, out of the stack traces that a runner adds.

  >>> explain(RuntimeError('Traceback …\n  File …\nOSError: disk full [while '
  ...                      "running 'Process']"))
  'OSError: disk full'
  """
  lines = [
    line for line in str(error).splitlines() if re.match(r'[\w.]+: ', line)
  ]
  text = lines[-1] if lines else f'{type(error).__name__}: {error}'
  text = re.sub(r" \[while running '[^']*'\]", '', text)
  return _bare(re.sub(r'^[\w.]*?(\w+): ', r'\1: ', text))


def _bare(text: str) -> str:
  """A message for users has no need of its kind."""
  return text.removeprefix('UserError: ')


def _print_manifest(output: str) -> None:
  path = files.join(output, manifest_lib.FILE_NAME)
  manifest = manifest_lib.parse(files.read_bytes(path), path)
  print(_SUMMARIES[manifest.run['job']](manifest, output))
  print(f'\nmanifest: {path}')


def _is_complete(output: str, plan: Plan) -> bool:
  """Whether the output is whole, and of this plan.

  Raises:
    UserError: it is of another.
  """
  path = files.join(output, manifest_lib.FILE_NAME)
  if not files.exists(path):
    return False
  manifest = manifest_lib.parse(files.read_bytes(path), path)
  work.refuse_change(manifest.run['config'], plan.config, output)
  work.refuse_change(
    {'sources': manifest.run['sources']}, {'sources': plan.sources()}, output
  )
  return all(
    files.exists(completed_path(output, name)) for name in plan.data_sets
  )


def _refuse_other_run(output: str, plan: Plan) -> None:
  path = work.plan_path(output)
  if files.exists(path):
    old = work.load(path)
    work.refuse_change(old.config, plan.config, output)
    work.refuse_change(
      {'sources': old.sources()}, {'sources': plan.sources()}, output
    )
    return
  folders = {
    files.join(output, manifest_lib.folder_of(name)) for name in plan.data_sets
  }
  # One listing, since there may be thousands of data sets.
  for top in sorted({name.split(':')[0] for name in plan.data_sets}):
    for path, _ in files.match(files.join(output, top, '**')):
      folder = path.rsplit('/', 1)[0]
      if folder in folders:
        raise UserError(
          f'{folder} holds files and {output} no plan of theirs, such as '
          f'{path}. Give another --output, or --overwrite to delete them.'
        )


def _check_room(output: str, plan: Plan) -> None:
  """Fails early where a local disk is too small for what is expected."""
  if '://' in output:
    return
  parent = output
  while parent and not files.exists(parent):
    parent = files.FileSystems.split(parent)[0]
  free = shutil.disk_usage(parent or '.').free
  written = sum(size for _, size in files.match(files.join(output, '**')))
  needed = plan.estimate['bytes'] - written
  if needed > free:
    raise UserError(
      f'the output takes about {summary.size(plan.estimate["bytes"])} and '
      f'{output} has room for {summary.size(free)}. Give an --output on a '
      'larger file system.'
    )


def _write_plan(output: str, plan: Plan) -> None:
  path = work.plan_path(output)
  scratch = files.join(output, work.PROGRESS_FOLDER)
  try:
    files.write_bytes(path, plan.to_json(), scratch)
  except OSError as e:
    raise UserError(f"cannot write to --output '{output}': {e}") from e


def _delete_run(output: str, plan: Plan) -> None:
  """Deletes an earlier run's data sets, and this one's if there are any."""
  names = set(plan.data_sets)
  path = files.join(output, manifest_lib.FILE_NAME)
  if files.exists(path):
    names |= set(manifest_lib.parse(files.read_bytes(path), path).data_sets)
  if files.exists(work.plan_path(output)):
    names |= set(work.load(work.plan_path(output)).data_sets)
  # The manifest first: what is half deleted must not look whole.
  files.delete([path])
  for name in sorted(names):
    files.delete([completed_path(output, name)])
  for name in sorted(names):
    files.delete_below(files.join(output, manifest_lib.folder_of(name)))
  files.delete_below(files.join(output, quarantine.FOLDER))
  files.delete_below(files.join(output, work.PROGRESS_FOLDER))
