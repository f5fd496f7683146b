"""Prints the suites' tasks for people: a table of many, or all about one."""

from collections.abc import Iterator, Sequence

from ul2_flan.tasks.catalog.facts import UNKNOWN
from ul2_flan.tasks.catalog.files import languages
from ul2_flan.tasks.catalog.index import language_code
from ul2_flan.tasks.catalog.listing import table
from ul2_flan.tasks.errors import unknown
from ul2_flan.tasks.evaluation.suites.benchmarks import (
  licence_of,
  sources_of,
  trained_on,
)
from ul2_flan.tasks.evaluation.suites.suite import Suite, load, names
from ul2_flan.tasks.evaluation.suites.suite_task import SuiteTask

_COLUMNS = (
  *('task', 'random', 'exemplars', "paper's split", 'language', 'category'),
  *('metric', 'licence'),
)

# Of tasks that are scored, and are in no mean.
_APART = 'apart'

# The metric of tasks whose choices are ranked.
_RANK = 'rank'


def tasks(
  *,
  suite: str | None = None,
  language: str | None = None,
  category: str | None = None,
) -> Iterator[SuiteTask]:
  """Yields the suites' tasks that fit all arguments.

  >>> [task.name for task in tasks(language='Finnish')]
  ['tydiqa:fi']

  Args:
    suite: only tasks of this suite.
    language: only tasks in this language: a code ('fi') or a name ('Finnish').
    category: only tasks whose category contains these words, in any case.

  Raises:
    UserError: there is no such suite or language.
  """
  if suite is not None and suite not in names():
    raise unknown('suite', suite, names())
  code = language_code(language) if language is not None else None
  for name in [suite] if suite else names():
    for task in load(name).tasks.values():
      if (code is None or code == task.language) and (
        category is None or category.lower() in task.category.lower()
      ):
        yield task


def listing(chosen: Sequence[SuiteTask]) -> Iterator[str]:
  """Yields a table of tasks, a line for each, and then how many there are."""
  yield from table([_COLUMNS, *map(_row, chosen)], right=[1, 2])
  yield ''
  noun = 'task' if len(chosen) == 1 else 'tasks'
  yield f'{len(chosen):,} {noun} for evaluation, which no mixture has'


def _row(task: SuiteTask) -> tuple[str, ...]:
  suite = load(task.suite)
  rules = dict.fromkeys(
    _RANK if task.ranked else how.rule for how in suite.variants.values()
  )
  return (
    task.name,
    f'{task.random:.2f}',
    str(task.exemplars),
    task.paper_split,
    task.language,
    task.category or _APART,
    ', '.join(rules),
    licence_of(task),
  )


def describe(name: str) -> Iterator[str]:
  """Yields all about one task, a line for each thing.

  Args:
    name: its full name.

  Raises:
    UserError: there is no such suite or task.
  """
  suite = load(name.partition(':')[0])
  task = suite.task(name)
  yield task.name
  yield '  kind         evaluation: no mixture has it'
  yield f'  suite        {suite.description}'
  yield f'  category     {task.category or _APART + ", in no mean"}'
  if task.family != task.key:
    yield f'  sub-task of  {task.family}'
  yield f'  language     {languages()[task.language]}'
  yield f'  licence      {licence_of(task) or UNKNOWN}'
  if task.paper:
    yield f'  published    {task.paper}'
  if suite.canary:
    yield f'  canary       {suite.canary}'
  yield f'  random       {task.random:.2f}'
  yield f'  exemplars    {task.exemplars}'
  yield f"  paper's      split {task.paper_split}"
  if task.form:
    yield from _data_set(task)
  yield from _variants(suite, task)


def _data_set(task: SuiteTask) -> Iterator[str]:
  for source in sources_of(task):
    yield f'  source       {source.kind} {source.locator}'
  names = ', '.join(trained_on(task))
  yield f'  trained on   by Flan in {names}' if names else '  trained on   no'


def _variants(suite: Suite, task: SuiteTask) -> Iterator[str]:
  orders = 1 + max(how.order for how in suite.variants.values())
  for name, how in suite.variants.items():
    # Other orders of options differ in nothing that is told here.
    if how.order:
      continue
    yield f'  {name}' + f', in {orders} orders of options' * (orders > 1)
    yield f'    prompt     {how.prompt}'
    if task.ranked:
      counted = ', counted by F1' if task.metric == 'f1a' else ''
      yield f'    metric     {_RANK}: the choice that is most likely{counted}'
      continue
    yield f'    extractor  {how.extractor}'
    rules = [how.rule, *filter(None, [how.second_rule])]
    yield f'    metric     {", and ".join(rules)}'
