r"""From data sets of finished runs to one: mixed, shuffled, packed.

On this machine:

    python -m ul2_flan.pipelines.mix --manifest FLAN_OUT --mixture flan2022_b \
        --num_examples 2_000_000 --output OUT --pack enc_dec

The result is one data set in seqio's cached layout, whose counts are exact and
whose order is final; `ul2_flan.tasks.register` registers it. The same command
goes on where an earlier one stopped. `python -m ul2_flan.mixtures list` says
which mixtures there are, and `show` what is in one.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
import math

from apache_beam.options.pipeline_options import (
  PipelineOptions,
  StandardOptions,
)

from ul2_flan.mixtures.listing import summary as summary_of_mixture
from ul2_flan.pipelines.engines import memory, service
from ul2_flan.pipelines.launch import command, data_flags, run_flags
from ul2_flan.pipelines.mix import transform as mix_transform
from ul2_flan.pipelines.mix.config import MixConfig, outputs
from ul2_flan.pipelines.mix.packing import LAYOUTS
from ul2_flan.pipelines.mix.plan import Planned, make_plan, read_bytes
from ul2_flan.pipelines.run import summary
from ul2_flan.tasks.errors import UserError

# Peak memory of FnApiRunner over bytes shuffled, as measured for 100 to 300 MB
# in one, two and four passes: 4.7 to 5.1, and some tens of megabytes.
_MEMORY_FACTOR = 5

_IN_MEMORY = ('FnApiRunner', 'DirectRunner', 'BundleBasedDirectRunner')


def main(argv: Sequence[str] | None = None) -> int:
  """Plans and runs; returns the exit status."""
  args, options = run_flags.parse(make_parser(), argv)
  planned = make_plan(config_of(args))
  plan = planned.plan
  command.tell(plan, args, _described(planned))
  if args.passes < 1:
    raise UserError(f'--passes is {args.passes}: at least 1')
  if args.passes > 1 and service.leaves(options, args.no_wait):
    raise UserError(
      f'--passes {args.passes} are as many jobs, of which the launcher starts '
      'one after the other: let it wait, or give a service --passes 1, whose '
      'shuffle lies on disks'
    )
  if args.plan_only:
    return 0
  _check_memory(read_bytes(plan), args.passes, options)
  return command.run(
    plan, args.output, args, options, steps=mix_transform.steps(args.passes)
  )


def _described(planned: Planned) -> str:
  """The mixture's parts, and what it repeats."""
  made = planned.plan.config['splits']['train']
  per_epoch = made['places'] // made['epochs']
  return '\n'.join(
    summary_of_mixture(planned.resolved, per_epoch * made['epochs'])
  )


def _check_memory(shuffled: int, passes: int, options: PipelineOptions) -> None:
  """Refuses a run that this machine's memory is too small for."""
  runner = options.view_as(StandardOptions).runner
  free = memory.available()
  if runner not in _IN_MEMORY or free is None:
    return
  needed = _MEMORY_FACTOR * shuffled
  if needed / passes > free:
    enough = math.ceil(needed / (0.8 * free))
    raise UserError(
      f'{runner} keeps what is shuffled in memory: about '
      f'{summary.size(needed / passes)}, and {summary.size(free)} are free. '
      f'Give --passes {enough}, or another --runner'
    )


def config_of(args: argparse.Namespace) -> MixConfig:
  """The configuration that flags stand for."""
  return MixConfig(
    manifests=outputs(args.manifest),
    mixture=args.mixture,
    definitions=tuple(args.definitions),
    include=tuple(args.include),
    exclude=tuple(args.exclude),
    num_examples=args.num_examples,
    num_validation_examples=args.num_validation_examples,
    epochs=args.epochs,
    name=args.name or f'{args.mixture}_{"packed" if args.pack else "mixed"}',
    seed=args.seed,
    shard_bytes=data_flags.shard_bytes(args),
    min_shards=args.min_shards,
    layout=args.pack or '',
    lengths=_lengths(args.task_feature_lengths),
  )


def _lengths(text: str) -> dict[str, int]:
  """Lengths by feature.

  >>> _lengths('inputs=2048,targets=512')
  {'inputs': 2048, 'targets': 512}
  """
  found = {}
  for part in filter(None, text.split(',')):
    name, _, length = part.partition('=')
    if not length.isdigit():
      raise UserError(
        f"--task_feature_lengths '{text}': give such as inputs=2048,targets=512"
      )
    found[name.strip()] = int(length)
  return found


def make_parser() -> argparse.ArgumentParser:
  """The flags, and what they are for."""
  parser = argparse.ArgumentParser(
    prog='python -m ul2_flan.pipelines.mix',
    description=__doc__,
    epilog='All options of Apache Beam are taken too (--runner, --project, '
    '--direct_num_workers, …).',
    formatter_class=argparse.RawDescriptionHelpFormatter,
    allow_abbrev=False,
  )
  source = parser.add_argument_group('what is mixed')
  source.add_argument(
    '--manifest',
    nargs='+',
    required=True,
    metavar='DIR',
    help='outputs of finished runs of ul2 and flan, made with one vocabulary '
    'and the same lengths',
  )
  source.add_argument(
    '--mixture', required=True, metavar='NAME', help='such as flan2022_b'
  )
  source.add_argument(
    '--definitions',
    nargs='+',
    default=[],
    metavar='TOML',
    help='files with mixtures of your own',
  )
  source.add_argument(
    '--include',
    nargs='+',
    default=[],
    metavar='WHAT',
    help="also what the collection leaves out: 'mmlu_related', or patterns of "
    'tasks or categories',
  )
  source.add_argument(
    '--exclude',
    nargs='+',
    default=[],
    metavar='WHAT',
    help='hold out patterns of tasks or categories',
  )
  size = parser.add_argument_group('how much of it')
  size.add_argument(
    '--num_examples',
    type=int,
    default=0,
    metavar='N',
    help='of an epoch; by default as many as there are before the first repeat',
  )
  size.add_argument(
    '--epochs',
    type=int,
    default=1,
    metavar='N',
    help='one after the other, each in another order (%(default)s)',
  )
  size.add_argument(
    '--num_validation_examples',
    type=int,
    default=10_000,
    metavar='N',
    help='the most of that split (%(default)s); none is there twice',
  )
  size.add_argument(
    '--seed', type=int, default=0, metavar='N', help='(%(default)s)'
  )
  packing = parser.add_argument_group('packing')
  packing.add_argument(
    '--pack',
    choices=LAYOUTS,
    help="several examples in a sequence, for seqio's pre-packed converters: "
    'encoder-decoder, prefix LM, or LM with the loss on inputs too',
  )
  packing.add_argument(
    '--task_feature_lengths',
    default='',
    metavar='F=N,…',
    help='of a sequence, such as inputs=2048,targets=512; by default those '
    'that the examples were made for',
  )
  out = parser.add_argument_group('the data set')
  out.add_argument(
    '--name', metavar='NAME', help="by default the mixture's and _mixed"
  )
  data_flags.add_shard_mb(out)
  data_flags.add_min_shards(out)
  run_flags.add_run_flags(parser)
  parser.add_argument(
    '--passes',
    type=int,
    default=1,
    metavar='N',
    help='make the shards in N turns, each of which shuffles so much less '
    '(%(default)s)',
  )
  return parser
