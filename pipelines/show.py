r"""Shows a task as a run will render it, with rows of its files.

    python -m ul2_flan.pipelines.show niv2:task001_quoref_question_generation \
        --source niv2=DIR

`python -m ul2_flan.tasks show` needs no files, and shows rows that we made up.
Neither command trims texts to the lengths of a run.
"""

import argparse
import collections
from collections.abc import Iterator, Sequence
import dataclasses

import numpy as np

from ul2_flan.pipelines.launch import command, parsing
from ul2_flan.pipelines.run.tables import listed, table
from ul2_flan.pipelines.storage import vocabularies
from ul2_flan.pipelines.task_sources import (
  NO_FILE,
  Index,
  Located,
  ReadOptions,
  RowBlock,
  locate,
  looked_for,
  near,
  read,
  why_no_train,
)
from ul2_flan.tasks import flags
from ul2_flan.tasks.catalog import Task
from ul2_flan.tasks.catalog.listing import describe
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.messages import say
from ul2_flan.tasks.own_tasks import OwnTasks
from ul2_flan.tasks.rendering import (
  SETTINGS,
  Charset,
  OwnTemplates,
  Pool,
  Renderer,
  prepare,
)
from ul2_flan.tasks.rendering.sheet import Sample, sheet
from ul2_flan.tasks.vocabulary import Vocabulary

# How many rows exemplars are chosen from; a sheet shows a few of them.
_EXEMPLARS = 50


def main(argv: Sequence[str] | None = None, prog: str = '') -> int:
  """Prints the sheet."""
  prog = prog or 'python -m ul2_flan.pipelines.show'
  parser = flags.make_parser(prog, __doc__, __package__, 'show.toml')
  values, _ = parsing.parse(parser, argv)
  args = argparse.Namespace(**values)
  task = OwnTasks.read(args.catalog or ()).load(args.task)
  templates = OwnTemplates.read(args.templates)
  roots = [path.removeprefix(f'{task.suite}=') for path in args.source]
  options = ReadOptions(promptsource=args.promptsource)
  sample = sample_of(task, roots, options, templates, args.rows, args.seed)
  for line in describe(task):
    say(line)
  lines = sheet(task, seed=args.seed, own_templates=templates, sample=sample)
  for line in lines:
    say(line)
  if args.vocabulary:
    vocabulary = vocabularies.load(args.vocabulary, None, eos=args.eos)
    say(_unknown(task, sample, templates, args.seed, vocabulary))
  return 0


def _unknown(
  task: Task,
  sample: Sample,
  templates: OwnTemplates,
  seed: int,
  vocabulary: Vocabulary,
) -> str:
  """Tables how many tokens of the examples shown are unknown."""
  charset = Charset.of(vocabulary.encode, vocabulary.unk_id)
  family = templates.family(task)
  rows: list[list[object]] = []
  for setting in SETTINGS:
    if setting.reasoning and not family.reasoning:
      continue
    renderer = Renderer(task=task, family=family, setting=setting, seed=seed)
    try:
      rendered = renderer.render(sample.instances, sample.pool, draws=True)
    except UserError:
      continue  # the user's own templates have none for the setting
    made = charset.apply(rendered, code=family.code)
    sides = map(vocabulary.encode_block, (made.inputs, made.targets))
    told = (
      f'{(ids.values == vocabulary.unk_id).sum()} of {len(ids.values)}'
      for ids in sides
    )
    rows.append([str(setting), *told])
  return '\n' + table(['unknown tokens', 'inputs', 'targets'], rows)


def sample_of(
  task: Task,
  roots: Sequence[str],
  options: ReadOptions,
  templates: OwnTemplates,
  shown: int,
  seed: int,
) -> Sample:
  """Takes the first rows of a task's training split.

  Args:
    task: the task.
    roots: folders below which its files lie.
    options: how to read them.
    templates: the user's.
    shown: how many rows to show; those after them are exemplars.
    seed: the run's.

  Raises:
    UserError: the task has no file, or its files give no row.
  """
  if shown < 1:
    raise UserError(f'--rows is {shown}: it must be at least 1')
  task = templates.family(task).task(task)
  located = _located(task, roots, options)
  source = task.sources[located.source]
  if source.kind == 'niv2' and not source.exact:
    # Its rows have all that any setting shows.
    source = dataclasses.replace(source, prepare='tk_instruct')
  refused: collections.Counter[str] = collections.Counter()
  for block in _blocks(task, located, options):
    prepared = prepare(
      block.rows, block.keys, task=task, source=source, seed=seed
    )
    if rows := len(prepared.instances):
      first = prepared.instances.take(np.arange(min(shown, rows)))
      others = np.arange(min(shown, rows - 1), min(rows, shown + _EXEMPLARS))
      pool = Pool.of(templates.family(task), prepared.instances.take(others))
      return Sample(first, pool, block.source)
    refused.update(reject.reason for reject in block.rejects)
    refused.update({why: len(rows_) for why, rows_ in prepared.rejects.items()})
  raise UserError(
    f'{task.name}: {located.splits["train"][0].path} gives not one row '
    f'({listed(refused) or "it is empty"})'
  )


def _located(task: Task, roots: Sequence[str], options: ReadOptions) -> Located:
  index = Index.of(roots)
  located = locate(task, index, options)
  if not located:
    hint = f'; near is {there}' if (there := near(task, index)) else ''
    raise UserError(f'{task.name}: {NO_FILE}: {looked_for(task, roots)}{hint}')
  if not located.splits.get('train'):
    raise UserError(
      f'{task.name}, below {", ".join(roots)}: {why_no_train(located)}'
    )
  return located


def _blocks(
  task: Task, located: Located, options: ReadOptions
) -> Iterator[RowBlock]:
  for piece in located.splits['train']:
    yield from read(piece, task, task.sources[located.source], options)


if __name__ == '__main__':
  command.run_main(main)
