"""Finds tasks by name, or by what they are.

A suite's files are read once, when one of its tasks is first asked for.
"""

from collections.abc import Iterator, Mapping, Sequence
import functools
import re

from ul2_flan.tasks.catalog.caps import CAPS
from ul2_flan.tasks.catalog.files import languages, read_suite, suites
from ul2_flan.tasks.catalog.schema import Source, Task
from ul2_flan.tasks.errors import UserError, nearest, unknown


@functools.cache
def _suite(suite: str) -> Mapping[str, Task]:
  return {task.name: task for task in read_suite(suite)}


def load(name: str) -> Task:
  """Returns the task of this name, one that is left out included.

  >>> load('flan2021:rte').labels
  ('yes', 'no')

  Raises:
    UserError: there is none; the message suggests the most similar name.
  """
  suite, _, rest = name.partition(':')
  if not rest:
    known: dict[str, str] = {}
    for full in (task for s in suites() for task in _suite(s)):
      known.setdefault(full.partition(':')[2], full)
    near = nearest(name, known)
    hint = f". Did you mean '{near}'?" if near else ''
    raise UserError(
      f"'{name}' lacks a suite: a task's name is <suite>:<task>, such as "
      f'flan2021:bool_q{hint}'
    )
  if suite not in suites():
    raise unknown('suite', suite, suites())
  task = _suite(suite).get(name)
  if task is None:
    raise unknown('task', name, _suite(suite))
  return task


def tasks(
  *,
  suite: str | None = None,
  language: str | None = None,
  category: str | None = None,
  inverted: bool | None = None,
  left_out: bool = False,
) -> Iterator[Task]:
  """Yields the tasks that fit all arguments, suite by suite.

  Args:
    suite: only tasks of this suite.
    language: only tasks with this language among theirs: a code ('fi') or a
      name ('Finnish').
    category: only tasks whose category contains these words, in any case.
    inverted: only inverted tasks (True), or only the others (False).
    left_out: also tasks that the collection leaves out.

  Raises:
    UserError: there is no such suite or language.

  >>> [task.name for task in tasks(suite='dialog', inverted=False)]
  ['dialog:wiki_dialog', 'dialog:qrecc', 'dialog:task_master']
  """
  if suite is not None and suite not in suites():
    raise unknown('suite', suite, suites())
  code = language_code(language) if language is not None else None
  for name in [suite] if suite else suites():
    for task in _suite(name).values():
      if (
        (left_out or not task.left_out)
        and (inverted is None or inverted == task.inverted)
        and (code is None or code in task.languages)
        and (category is None or category.lower() in task.category.lower())
      ):
        yield task


def unlisted(
  suite: str,
  name: str,
  *,
  category: str = '',
  languages: Sequence[str] = ('en',),
) -> Task:
  """Makes a task for a user's own file in the format of NIv2 or of P3.

  >>> unlisted('niv2', 'fin-translated-task003_x', languages=('fi',)).name
  'niv2:fin_translated_task003_x'

  Args:
    suite: 'niv2' or 't0_sf'.
    name: the file's name without its ending, or the name of the P3 subset.
    category: what the task asks, in words.
    languages: ISO 639 codes.

  Raises:
    UserError: files of another suite cannot be used so.
  """
  kinds = {'niv2': ('niv2', 'niv2'), 't0_sf': ('p3', 'p3_question_answer')}
  if suite not in kinds:
    raise unknown('suite for unlisted tasks', suite, kinds)
  kind, family = kinds[suite]
  source = Source(
    kind=kind,
    locator=f'{name}.json' if kind == 'niv2' else name,
    splits={'train': 'train'},
  )
  return Task(
    name=f'{suite}:{re.sub("[^A-Za-z0-9_.:#]", "_", name)}',
    suite=suite,
    family=family,
    dataset='',
    category=category,
    languages=tuple(languages),
    sources=(source,),
    cap=CAPS[suite],
    left_out='unlisted',
  )


def language_code(language: str) -> str:
  """Returns the code of a language that is given by code or English name.

  >>> language_code('Finnish')
  'fi'

  Raises:
    UserError: there is no such language.
  """
  if language in languages():
    return language
  by_name = {name.lower(): code for code, name in languages().items()}
  if language.lower() not in by_name:
    raise unknown('language', language, [*languages(), *languages().values()])
  return by_name[language.lower()]
