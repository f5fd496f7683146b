"""Pages about the suites, made of the catalog: `docs/suites/<suite>.md`.

`python -m ul2_flan.tasks.suite_pages docs/suites` makes them anew; a test says
when that is due.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
import sys

from ul2_flan.tasks import catalog
from ul2_flan.tasks.catalog import Task
from ul2_flan.tasks.catalog.facts import UNKNOWN, Facts, facts_of
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.evaluation import suites
from ul2_flan.tasks.evaluation.suites import (
  SuiteTask,
  licence_of,
  sources_of,
  trained_on,
)
from ul2_flan.tasks.rendering import Renderer, Setting, family_of
from ul2_flan.tasks.rendering.sheet import MARK, samples

# Settings that are shown, the first that a family has templates for.
_SHOWN = ('zs_opt', 'zs_noopt', 'fs_opt')


def page(suite: str) -> str:
  """Returns the page of a suite, as Markdown."""
  tasks = list(catalog.tasks(suite=suite))
  facts = [facts_of(task) for task in tasks]
  lines = [f'# {suite}', '', catalog.suites()[suite].description, '']
  lines += [
    'This page is made of the catalog by `tasks/suite_pages.py`. The command',
    '`ul2-flan tasks show TASK` prints all templates of a task, with examples.',
    '',
    *_counts(tasks),
    *_licences(facts),
    *_gone(facts),
    *_tasks(tasks, facts),
    *_families(tasks),
  ]
  return '\n'.join(lines).rstrip() + '\n'


def benchmarks_page(suite: str) -> str:
  """Returns the page of a suite of benchmarks, as Markdown."""
  tasks = [*suites.load(suite).tasks.values()]
  lines = [f'# {suite}', '', f'{suites.load(suite).description}.', '']
  lines += [
    'This page is made of the suite by `tasks/suite_pages.py`. No mixture has',
    'its tasks; [another page](../evaluation.md) says how they are asked and',
    'scored.',
    '',
    *_benchmarks(tasks),
    *_sources(tasks),
    '## Prompts',
    '',
    'Of a row, up to what a model ranks or writes; `{begin}` and `{prompt}`',
    'are made of its columns by `tasks/evaluation/reading/shapes.py`.',
  ]
  for task in tasks:
    lines += ['', f'### {task.key}', '', '```text', *_prompt(task), '```']
  return '\n'.join(lines).rstrip() + '\n'


def _benchmarks(tasks: Sequence[SuiteTask]) -> Iterator[str]:
  yield '## Tasks'
  yield ''
  yield from _table(
    ('task', 'answers', 'split', 'guesses', 'metric', 'licence', 'paper'),
    [
      (
        task.key,
        'ranked' if task.ranked else f'written, {task.exemplars} exemplar',
        task.paper_split,
        f'{task.random:.1f}',
        task.metric if task.ranked else 'exact match',
        licence_of(task) or _loud(UNKNOWN),
        task.paper,
      )
      for task in tasks
    ],
  )


def _sources(tasks: Sequence[SuiteTask]) -> Iterator[str]:
  yield '## Sources, and what Flan trains on'
  yield ''
  yield from _table(
    ('task', 'sources, the preferred one first', "Flan's tasks on its data"),
    [
      (
        task.key,
        ', '.join(f'{s.kind} `{s.locator}`' for s in sources_of(task)),
        len([*trained_on(task)]),
      )
      for task in tasks
    ],
  )


def _prompt(task: SuiteTask) -> Iterator[str]:
  """Yields the lines of a benchmark's prompt, and its labels if it has some."""
  form = task.form
  assert form
  if form.head:
    yield f'{form.head}\n'
  asked = {name: f'{{{name}}}' for name in ('begin', 'prompt', 'candidate')}
  asked |= {name: f'{{{name}}}' for name in ('noun', 'word')}
  asked |= {'text': form.text, 'passage': form.passage}
  yield form.ask.format_map(asked)
  if form.labels:
    yield MARK + ', '.join(form.labels)


def _counts(tasks: Sequence[Task]) -> Iterator[str]:
  inverted = sum(task.inverted for task in tasks)
  examples = sum(task.examples for task in tasks if not task.inverted)
  yield from _table(
    ('tasks', 'inverted', "examples by others' counts", 'cap of a task'),
    [(len(tasks) - inverted, inverted, examples, tasks[0].cap)],
  )


def _licences(facts: Sequence[Facts]) -> Iterator[str]:
  yield '## Licences of the data'
  yield ''
  count = Counter(one.licence for one in facts).most_common()
  yield from _table(
    ('licence', 'tasks'), [(_loud(licence), n) for licence, n in count]
  )


def _loud(licence: str) -> str:
  return f'**{licence.upper()}**' if licence == UNKNOWN else licence


def _gone(facts: Sequence[Facts]) -> Iterator[str]:
  rest = [one for one in facts if one.gone or not one.available]
  if rest:
    yield '## Gone, or got by hand'
    yield ''
    yield from _table(
      ('task', 'page', 'why, and what takes its place'),
      [
        (one.task, one.page, '; '.join(filter(None, (one.gone, one.note))))
        for one in rest
      ],
    )


def _tasks(tasks: Sequence[Task], facts: Sequence[Facts]) -> Iterator[str]:
  yield '## Tasks'
  yield ''
  yield from _table(
    ('task', 'examples', 'languages', 'licence', 'category', 'source'),
    [
      (
        task.name.partition(':')[2] + ' (inverted)' * task.inverted,
        task.examples or '?',
        ', '.join(task.languages),
        _loud(one.licence),
        task.category,
        one.instruction,
      )
      for task, one in zip(tasks, facts, strict=True)
    ],
  )


def _families(tasks: Sequence[Task]) -> Iterator[str]:
  """Yields an example of each family of templates, with a row of its own."""
  yield '## Families of templates'
  first: dict[str, list[Task]] = {}
  for task in tasks:
    first.setdefault(task.family, []).append(task)
  for name, its in first.items():
    family = family_of(its[0])
    noun = 'task' if len(its) == 1 else 'tasks'
    yield ''
    yield f'### {name}'
    yield ''
    yield f'{family.description} {len(its):,} {noun}.'
    if shown := _example(its[0]):
      yield ''
      yield '```text'
      yield shown
      yield '```'


def _example(task: Task) -> str:
  """Returns an example of a task's family; '' if it has none alone."""
  instances, pool = samples(task, family_of(task))
  for setting in map(Setting.parse, _SHOWN):
    try:
      rendered = Renderer.of(task, setting, seed=0).render(instances, pool)
    except UserError:
      continue
    for inputs, targets in zip(rendered.inputs, rendered.targets, strict=True):
      return f'{inputs}\n{MARK}{targets}'
  return ''


def _table(
  header: Sequence[str], rows: Sequence[Sequence[object]]
) -> Iterator[str]:
  """Yields a Markdown table, and a line after it."""
  for cells in (header, ['---'] * len(header), *rows):
    yield f'| {" | ".join(map(_cell, cells))} |'
  yield ''


def _cell(value: object) -> str:
  text = f'{value:,}' if isinstance(value, int) else str(value)
  return text.replace('|', '\\|').replace('\n', ' ')


def main(folder: str) -> None:
  """Writes all pages to a folder."""
  Path(folder).mkdir(parents=True, exist_ok=True)
  for suite in suites.names():
    if suites.load(suite).has_benchmarks:
      (Path(folder) / f'{suite}.md').write_text(benchmarks_page(suite))
  for suite in catalog.suites():
    (Path(folder) / f'{suite}.md').write_text(page(suite))


if __name__ == '__main__':
  main(sys.argv[1])
