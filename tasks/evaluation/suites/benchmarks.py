"""Benchmarks: tasks of a suite that each have a data set of their own."""

from collections.abc import Iterator, Mapping
import dataclasses
from typing import Any

from ul2_flan.tasks import catalog
from ul2_flan.tasks.catalog.schema import Source
from ul2_flan.tasks.evaluation.suites.suite_task import Form, SuiteTask
from ul2_flan.tasks.strict_tables import make


def benchmark_of(
  shared: Mapping[str, Any], key: str, table: dict[str, Any], where: str
) -> SuiteTask:
  """Makes a task of its table in the suite's file.

  Args:
    shared: the fields that it has as all tasks of its suite.
    key: its own name.
    table: its fields, those of its form, and its 'sources'.
    where: file and table, for messages.

  Raises:
    UserError: a key is unknown or missing, or a value breaks its rule.
  """
  names = [field.name for field in dataclasses.fields(Form)]
  form = make(Form, {n: table.pop(n) for n in names if n in table}, where)
  first: dict[str, Any] = {}
  sources = []
  for entry in table.pop('sources', ()):
    first = first or entry
    sources.append(make(Source, {**first, **entry}, f'{where}, sources'))
  fields = {
    **shared,
    'key': key,
    'family': key,
    'licence': '',
    # Answers are written after exemplars, and choices are ranked without.
    'ranked': not table.get('exemplars'),
    'form': form,
    'sources': sources,
    **{'paper_split' if n == 'split' else n: v for n, v in table.items()},
  }
  return make(SuiteTask, fields, where)


def licence_of(task: SuiteTask) -> str:
  """Returns the licence of a task's data; empty where it is not known.

  >>> from ul2_flan.tasks.evaluation import suites
  >>> licence_of(suites.load('nlp').task('piqa'))
  'AFL-3.0'
  """
  return catalog.load(task.of).licence if task.of else task.licence


def sources_of(task: SuiteTask) -> tuple[Source, ...]:
  """Returns where a task's rows are, the preferred place first.

  The catalog takes validation from training, and calls 'test' what papers
  report. Here splits are whole, and have the names that their publishers gave.

  >>> from ul2_flan.tasks.evaluation import suites
  >>> first, *_ = sources_of(suites.load('nlp').task('cb'))
  >>> first.locator, first.splits
  ('super_glue/cb:1.0.2', {'train': 'train', 'validation': 'validation'})
  """
  shared = catalog.load(task.of).sources if task.of else ()
  return (*task.sources, *(_whole(source, task) for source in shared))


def _whole(source: Source, task: SuiteTask) -> Source:
  splits = {}
  for ours, theirs in source.splits.items():
    name, sliced, _ = theirs.partition('[')
    if ours == 'test':
      splits[task.paper_split] = name
    elif ours == 'train' or not sliced:
      splits[ours] = name
  return dataclasses.replace(source, splits=splits)


def trained_on(task: SuiteTask) -> Iterator[str]:
  """Yields the tasks of the Flan collection that have a task's data set.

  >>> from ul2_flan.tasks.evaluation import suites
  >>> [*trained_on(suites.load('nlp').task('hellaswag'))]
  ['flan2021:hellaswag', 'niv2:task1389_hellaswag_completion']
  """
  if task.datasets:
    for one in catalog.tasks():
      if one.dataset in task.datasets:
        yield one.name
