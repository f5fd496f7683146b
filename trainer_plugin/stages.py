r"""Trains UL2R and then Flan: two runs of T5X, the second from the first.

    python -m ul2_flan.trainer_plugin.stages --model t5_1_1_small \
        --manifest ul2r=gs://B/ul2r --manifest flan=gs://B/flan_mix \
        --checkpoint gs://B/t5_1_1_small/checkpoint_1100000 \
        --model_dir gs://B/runs/small

If it stops, run the same command again: it skips a finished stage, and T5X goes
on from its own last checkpoint. `stages.json` in the model's folder records
what was run, on which data, with which versions.

With `--benchmarks EVAL`, it evaluates the first checkpoint and the last of each
stage on what `pipelines.evaluation` made, and prints the table of Flan's paper
with a row for each. At the end it tells the FLOPs of each stage, and their
share of pre-training's.

Options that begin with `--gin.` go to both runs of T5X; `--ul2r.NAME=VALUE` and
`--flan.NAME=VALUE` are gin bindings for one of them, and `--eval.NAME=VALUE`
for the evaluations; all other options, such as `--coordinator_address`, go to
T5X too. With several hosts, run the command on each, with `--multiprocess_gpu`:
evaluations run on all of them as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib import util
import shlex
import subprocess
import sys

from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.flags import make_parser
from ul2_flan.tasks.messages import complain, say
from ul2_flan.trainer_plugin import compute, record
from ul2_flan.trainer_plugin.__main__ import options_of_hosts
from ul2_flan.trainer_plugin.benchmarks import Benchmarks
from ul2_flan.trainer_plugin.record import StageRecord
from ul2_flan.trainer_plugin.stage import Stage, gin_file, plan
from ul2_flan.trainer_plugin.steps import absolute

# Stands for the last step of a stage that has not run yet, in --dry_run.
UNKNOWN = '<last>'

# What the checkpoint before all stages is called in tables.
FIRST = 'first'


def main(argv: Sequence[str] | None = None) -> int:
  """Runs the stages.

  Returns:
    the exit status: 0; 2 for a mistake in what was given; or that of T5X.
  """
  try:
    return _main(sys.argv[1:] if argv is None else argv)
  except UserError as e:
    complain(f'error: {e}')
    return 2


def _main(argv: Sequence[str]) -> int:
  prog = 'python -m ul2_flan.trainer_plugin.stages'
  parser = make_parser(prog, __doc__, __package__, 'stages.toml')
  args, rest = parser.parse_known_args(argv)
  model_dir = absolute(args.model_dir)
  checkpoint = absolute(args.checkpoint) if args.checkpoint else None
  stages, bindings = plan(args.model, args.manifest, args.eval, model_dir, rest)
  benchmarks = None
  if args.benchmarks:
    suites, hosts = absolute(args.benchmarks), options_of_hosts(rest)
    model = gin_file(args.model)
    benchmarks = Benchmarks(suites, model, model_dir, bindings, hosts)
  elif bindings:
    raise UserError('--eval.NAME=VALUE, but there is no --benchmarks DIR')
  if args.dry_run:
    for command in _commands(stages, benchmarks, checkpoint):
      say(shlex.join(command), end='\n\n')
    return 0
  if not util.find_spec('t5x'):
    raise UserError(
      'T5X is not installed, and is on no package index. '
      'trainer_plugin/README.md says how to install it'
    )
  done = record.read(model_dir)
  if checkpoint and (status := _evaluate(benchmarks, FIRST, checkpoint)):
    return status
  for stage in stages:
    if status := _run(stage, checkpoint, model_dir, done):
      return status
    checkpoint = done[stage.name].last
    say(f'{stage.name}: {checkpoint}')
    if status := _evaluate(benchmarks, stage.name, checkpoint):
      return status
  ended = {stage.name: done[stage.name] for stage in stages}
  lines = compute.told(ended, args.model, args.pretraining_tokens)
  say('\n'.join(['', *lines]))
  if benchmarks:
    names = [FIRST] * bool(args.checkpoint) + [stage.name for stage in stages]
    say('\n'.join(['', *benchmarks.told(names)]))
  return 0


def _commands(
  stages: Sequence[Stage], benchmarks: Benchmarks | None, checkpoint: str | None
) -> Iterator[list[str]]:
  """Yields what would run, in order."""
  if benchmarks and checkpoint:
    yield benchmarks.command(FIRST, checkpoint)
  for stage in stages:
    yield stage.command(checkpoint)
    checkpoint = f'{stage.model_dir}/checkpoint_{UNKNOWN}'
    if benchmarks:
      yield benchmarks.command(stage.name, checkpoint)


def _evaluate(benchmarks: Benchmarks | None, name: str, checkpoint: str) -> int:
  """Evaluates a checkpoint unless that is done; returns T5X's status."""
  if not benchmarks or benchmarks.is_done(name, checkpoint):
    return 0
  command = benchmarks.command(name, checkpoint)
  say(f'\n=== benchmarks of {name}: {shlex.join(command)}\n', flush=True)
  if status := subprocess.run(command, check=False).returncode:
    complain(
      f'error: the benchmarks of {name} stopped with status {status}; what T5X '
      'says of it is above. The same command begins them again'
    )
    return status
  return 0


def _run(
  stage: Stage,
  checkpoint: str | None,
  model_dir: str,
  done: dict[str, StageRecord],
) -> int:
  """Runs a stage unless it is done, and records it; returns T5X's status."""
  now = StageRecord.of(stage.manifest, stage.command(checkpoint))
  before = done.get(stage.name)
  if before and (before.last or before.has_trained(stage.model_dir)):
    before.must_match(now, stage.name, model_dir)
    if before.last:
      return 0
  elif before and before.differences(now):
    # A start that failed holds nothing that another could not make.
    before.begin_anew(stage.model_dir)
  done[stage.name] = now
  record.write(model_dir, done)
  say(f'\n=== {stage.name}: {shlex.join(now.command)}\n', flush=True)
  if status := subprocess.run(now.command, check=False).returncode:
    complain(
      f'error: {stage.name} stopped with status {status}; what T5X says of it '
      'is above. The same command goes on from its last checkpoint'
    )
    return status
  done[stage.name] = now.finished(stage.model_dir)
  record.write(model_dir, done)
  return 0


if __name__ == '__main__':
  sys.exit(main())
