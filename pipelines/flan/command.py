r"""From the tasks of the Flan collection to instruction data that seqio reads.

On this machine:

    python -m ul2_flan.pipelines.flan --suites niv2,cot --source niv2=DIR \
        --source cot=DIR --output OUT --vocabulary t5.spiece.model

On Dataflow, add Beam's own options:

        --runner DataflowRunner --project P --region R --temp_location gs://B/tmp

Each task in each setting is a data set in seqio's cached layout;
`ul2_flan.tasks.register` registers them all. `python -m ul2_flan.tasks list`
says which tasks there are. The same command goes on where an earlier one
stopped.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from ul2_flan.pipelines.flan import outline
from ul2_flan.pipelines.flan.config import FlanConfig
from ul2_flan.pipelines.flan.plan import make_plan
from ul2_flan.pipelines.launch import command, data_flags, run_flags
from ul2_flan.pipelines.task_sources import ReadOptions
from ul2_flan.tasks import catalog
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.rendering import SETTINGS, OwnTemplates


def main(argv: Sequence[str] | None = None) -> int:
  """Plans and runs; returns the exit status."""
  args, options = run_flags.parse(make_parser(), argv)
  planned = make_plan(config_of(args))
  plan, missing = planned.plan, planned.missing
  command.tell(
    plan,
    args,
    outline.of_tasks(planned),
    outline.facts_of_tasks(planned),
  )
  if missing and args.strict:
    some = '1 task is' if len(missing) == 1 else f'{len(missing):,} tasks are'
    raise UserError(
      f'{some} missing, and the run is --strict: give their --source, or leave '
      'them out with --suites, --tasks or --without'
    )
  if args.plan_only:
    return 0
  return command.run(plan, args.output, args, options, strict=args.strict)


def config_of(args: argparse.Namespace) -> FlanConfig:
  """The configuration that flags stand for."""
  sources: dict[str, tuple[str, ...]] = {}
  for given in args.source:
    suite, equals, path = given.partition('=')
    if not (equals and path):
      raise UserError(
        f"--source '{given}': give a suite and a folder, such as niv2=DIR"
      )
    sources[suite] = (*sources.get(suite, ()), path)
  return FlanConfig(
    suites=_names(args.suites),
    sources=sources,
    tasks=_names(args.tasks),
    without=_names(args.without),
    left_out=args.left_out,
    unlisted=args.unlisted,
    settings=_names(args.settings),
    templates=OwnTemplates.read(args.templates),
    read_options=ReadOptions(promptsource=args.promptsource),
    vocabulary=args.vocabulary,
    extra_ids=args.extra_ids,
    inputs_length=args.inputs_length,
    targets_length=args.targets_length,
    decoder_only=args.decoder_only,
    exemplars=tuple(args.exemplars),
    cap=args.cap,
    validation_cap=args.validation_cap,
    validation_fraction=args.validation_fraction,
    name=args.name,
    seed=args.seed,
    shard_bytes=data_flags.shard_bytes(args),
    provenance=args.provenance,
    keep_text=args.keep_text,
  )


def _names(text: str) -> tuple[str, ...]:
  """Names of a list with commas.

  >>> _names('niv2, cot,')
  ('niv2', 'cot')
  """
  return tuple(name.strip() for name in text.split(',') if name.strip())


def make_parser() -> argparse.ArgumentParser:
  """The flags, and what they are for."""
  parser = argparse.ArgumentParser(
    prog='python -m ul2_flan.pipelines.flan',
    description=__doc__,
    epilog='suites:\n'
    + '\n'.join(
      f'  {suite.name}: {suite.description}'
      for suite in catalog.suites().values()
    )
    + '\n\nAll options of Apache Beam are taken too (--runner, --project, '
    '--direct_num_workers, …).',
    formatter_class=argparse.RawDescriptionHelpFormatter,
    allow_abbrev=False,
  )
  tasks = parser.add_argument_group('tasks and their sources')
  tasks.add_argument(
    '--source',
    action='append',
    required=True,
    metavar='SUITE=DIR',
    help="a folder below which a suite's files lie, on any file system that "
    'Beam opens; may be given again',
  )
  tasks.add_argument(
    '--suites',
    default='',
    metavar='A,B',
    help='by default those that have a --source',
  )
  tasks.add_argument(
    '--tasks', default='', metavar='A,B', help='only these, by their full names'
  )
  tasks.add_argument(
    '--without', default='', metavar='A,B', help='all but these'
  )
  tasks.add_argument(
    '--left_out',
    action='store_true',
    help='also take what the collection leaves out: tasks like those of MMLU, '
    "and P3's subsets on data sets of Flan 2021 or for rank classification",
  )
  tasks.add_argument(
    '--unlisted',
    action='store_true',
    help='also take files of tasks that the catalog has not (NIv2, P3)',
  )
  tasks.add_argument(
    '--promptsource',
    default='',
    metavar='DIR',
    help="promptsource's folder of templates: P3 from raw rows",
  )
  tasks.add_argument(
    '--strict',
    action='store_true',
    help='fail if a task has no file or cannot be rendered, instead of '
    'leaving it out',
  )
  form = parser.add_argument_group('examples')
  form.add_argument(
    '--settings',
    default=','.join(str(s) for s in SETTINGS if not s.reasoning),
    metavar='A,B',
    help='zero- or few-shot, with or without options (%(default)s); chain of '
    'thought can be forced or left out by …_cot and …_direct',
  )
  form.add_argument(
    '--templates',
    default='',
    metavar='DIR',
    help='templates of your own, such as `python -m ul2_flan.tasks '
    "import_flan_templates` makes of google-research/FLAN's",
  )
  form.add_argument(
    '--exemplars',
    type=int,
    nargs=2,
    default=[1, 5],
    metavar=('LOW', 'HIGH'),
    help='of a few-shot example; as many as fit of a number drawn evenly (1 5)',
  )
  form.add_argument(
    '--cap',
    type=int,
    metavar='N',
    help="the most records of a task, chosen by hash; by default the paper's "
    'cap for its suite; 0 for no limit',
  )
  form.add_argument(
    '--validation_cap',
    type=int,
    default=200,
    metavar='N',
    help="likewise of its validation split (%(default)s, FLAN's); 0 for no "
    'limit',
  )
  form.add_argument(
    '--validation_fraction',
    type=float,
    default=0.01,
    metavar='F',
    help='share of the training split that is held out, where a source has no '
    'validation split (%(default)s)',
  )
  form.add_argument(
    '--seed', type=int, default=0, metavar='N', help='(%(default)s)'
  )
  data_flags.add_model_flags(
    parser,
    inputs_length=2048,
    inputs_have='EOS',
    decoder_only='inputs get no EOS',
  )
  out = parser.add_argument_group('the data sets')
  out.add_argument(
    '--name', default='flan', metavar='NAME', help='(%(default)s)'
  )
  data_flags.add_shard_mb(out, of=' of a large task')
  out.add_argument(
    '--keep_text', action='store_true', help='store the text beside the ids'
  )
  out.add_argument(
    '--provenance',
    action='store_true',
    help="store each example's source, key, template and exemplars",
  )
  run_flags.add_run_flags(parser)
  return parser
