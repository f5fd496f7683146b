r"""UL2R and then Flan, as two runs of T5X: the second starts from the first.

    python -m ul2_flan.trainer_plugin.stages --model t5_1_1_small \
        --manifest ul2r=gs://B/ul2r --manifest flan=gs://B/flan_mix \
        --checkpoint gs://B/t5_1_1_small/checkpoint_1100000 \
        --model_dir gs://B/runs/small

The same command goes on where an earlier one stopped: a finished stage is
skipped, and T5X goes on from its own last checkpoint. `stages.json` in the
model's folder says what was run, on which data, with which versions.

All that begins with `--gin.` goes to both runs of T5X, `--ul2r.NAME=VALUE` and
`--flan.NAME=VALUE` are gin bindings of one, and other options, such as
`--coordinator_address`, are T5X's. On several hosts, run the command on each.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
import dataclasses
from importlib import util
import json
import shlex
import subprocess
import sys

from ul2_flan.tasks.errors import UserError, unknown
from ul2_flan.trainer_plugin import record
from ul2_flan.trainer_plugin.record import StageRecord

STAGES = ('ul2r', 'flan')
CONFIGS = 'ul2_flan/trainer_plugin/configs'

# Where a stage before has not run yet, and its last step is T5X's to know.
UNKNOWN = '<last>'


@dataclasses.dataclass(frozen=True, slots=True)
class Stage:
  """One run of T5X.

  Attributes:
    name: 'ul2r' or 'flan'.
    manifest: path of the data.
    model_dir: where its checkpoints go.
    bindings: of gin, name -> value as gin writes it.
    flags: other options of T5X.
    model: a gin file.
  """

  name: str
  manifest: str
  model_dir: str
  bindings: Mapping[str, str]
  flags: tuple[str, ...]
  model: str

  def command(self, checkpoint: str | None) -> list[str]:
    """T5X's command line for this stage.

    Args:
      checkpoint: what it starts from; None for random parameters.
    """
    bindings = {
      'MANIFEST': json.dumps(self.manifest),
      'MODEL_DIR': json.dumps(self.model_dir),
      'INITIAL_CHECKPOINT_PATH': json.dumps(checkpoint)
      if checkpoint
      else 'None',
      **self.bindings,
    }
    return [
      sys.executable,
      *('-m', 't5x.train'),
      f'--gin_file={self.model}',
      f'--gin_file={CONFIGS}/runs/{self.name}.gin',
      *(f'--gin.{name}={value}' for name, value in bindings.items()),
      *self.flags,
    ]


def main(argv: Sequence[str] | None = None) -> int:
  """Runs the stages; returns 0, 1 for a mistake, or T5X's own status."""
  try:
    return _main(sys.argv[1:] if argv is None else argv)
  except UserError as e:
    print(f'error: {e}', file=sys.stderr)
    return 1


def _main(argv: Sequence[str]) -> int:
  parser = _parser()
  args, rest = parser.parse_known_args(argv)
  checkpoint = args.checkpoint
  stages = plan(args.model, args.manifest, args.eval, args.model_dir, rest)
  if args.dry_run:
    for stage in stages:
      print(shlex.join(stage.command(checkpoint)), end='\n\n')
      checkpoint = f'{stage.model_dir}/checkpoint_{UNKNOWN}'
    return 0
  if not util.find_spec('t5x'):
    raise UserError(
      'T5X is not installed, and is on no package index. '
      'trainer_plugin/README.md says how to install it'
    )
  done = record.read(args.model_dir)
  for stage in stages:
    now = StageRecord.of(stage.manifest, stage.command(checkpoint))
    before = done.get(stage.name)
    if before:
      before.must_match(now, stage.name, args.model_dir)
    if not (before and before.last):
      done[stage.name] = now
      record.write(args.model_dir, done)
      print(f'\n=== {stage.name}: {shlex.join(now.command)}\n', flush=True)
      if status := subprocess.run(now.command, check=False).returncode:
        print(
          f'error: {stage.name} stopped with status {status}. The same command '
          'goes on from its last checkpoint',
          file=sys.stderr,
        )
        return status
      done[stage.name] = now.finished(stage.model_dir)
      record.write(args.model_dir, done)
    checkpoint = done[stage.name].last
    print(f'{stage.name}: {checkpoint}')
  return 0


def plan(
  model: str,
  manifests: Sequence[str],
  eval_manifests: Sequence[str],
  model_dir: str,
  rest: Sequence[str],
) -> list[Stage]:
  """The stages that were asked for, in order.

  Args:
    model: name of one of our model files, or the path of a gin file.
    manifests: each `<stage>=<path>`.
    eval_manifests: paths; by default each stage's own.
    model_dir: the stages' folders are in it.
    rest: options for T5X, and bindings for one stage.

  Raises:
    UserError: an unknown stage or option, or a stage given twice.
  """
  paths: dict[str, str] = {}
  for given in manifests:
    name, _, path = given.partition('=')
    if name not in STAGES:
      raise unknown('stage', name, STAGES)
    if not path or name in paths:
      raise UserError(f'--manifest {given}: give each stage one, as {name}=DIR')
    paths[name] = path
  shared: dict[str, str] = {}
  if eval_manifests:
    shared['EVAL_MANIFESTS'] = json.dumps(list(eval_manifests))
  bindings = {name: dict(shared) for name in paths}
  flags: list[str] = []
  for option in rest:
    owner, dot, binding = option.removeprefix('--').partition('.')
    binding_name, equals, value = binding.partition('=')
    if not option.startswith('--'):
      raise UserError(f"'{option}': options for T5X are --NAME=VALUE")
    if not dot or owner not in ('gin', *STAGES):
      flags.append(option)
    elif not equals:
      raise UserError(f"'{option}': a binding is --{owner}.NAME=VALUE")
    elif owner == 'gin':
      for of_stage in bindings.values():
        of_stage[binding_name] = value
    elif owner in bindings:
      bindings[owner][binding_name] = value
    else:
      raise UserError(f"'{option}', but there is no --manifest {owner}=DIR")
  return [
    Stage(
      name=name,
      manifest=paths[name],
      model_dir=f'{model_dir.rstrip("/")}/{name}',
      bindings=bindings[name],
      flags=tuple(flags),
      model=model
      if model.endswith('.gin')
      else f'{CONFIGS}/models/{model}.gin',
    )
    for name in STAGES
    if name in paths
  ]


def _parser() -> argparse.ArgumentParser:
  parser = argparse.ArgumentParser(
    prog='python -m ul2_flan.trainer_plugin.stages',
    description=__doc__,
    formatter_class=argparse.RawDescriptionHelpFormatter,
    allow_abbrev=False,
  )
  parser.add_argument(
    '--model', required=True, help='one of configs/models, or a gin file'
  )
  parser.add_argument(
    '--manifest',
    required=True,
    action='append',
    metavar='STAGE=DIR',
    help='the data of a stage, ul2r or flan; a stage without is not run',
  )
  parser.add_argument(
    '--eval',
    nargs='*',
    default=[],
    metavar='DIR',
    help="data whose validation split is evaluated; by default a stage's own",
  )
  parser.add_argument(
    '--checkpoint',
    metavar='PATH',
    help='…/checkpoint_<step> to start from; by default random parameters',
  )
  parser.add_argument('--model_dir', required=True, metavar='DIR')
  parser.add_argument(
    '--dry_run', action='store_true', help='print the commands, run nothing'
  )
  return parser


if __name__ == '__main__':
  sys.exit(main())
