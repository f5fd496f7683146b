"""All that a suite's files hold of one task."""

from collections.abc import Iterable, Iterator, Mapping
import dataclasses
import json
from typing import Any

import numpy as np

from ul2_flan.tasks.catalog.schema import Source
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.evaluation.reading import parse
from ul2_flan.tasks.evaluation.reading.find import Found
from ul2_flan.tasks.evaluation.reading.question import NoQuestion, Question
from ul2_flan.tasks.evaluation.reading.rows import questions_of
from ul2_flan.tasks.evaluation.suites import SuiteTask, load
from ul2_flan.tasks.rendering.instances.instances import Instances


@dataclasses.dataclass(frozen=True, slots=True)
class Material:
  """What a task's prompts are made of.

  Attributes:
    task: the task.
    questions: by split, in the order of the files.
    prompt: the text of exemplars that the authors wrote; '' without one.
    chains: exemplars that are a question and a chain of thought each.
    settings: of a task of BIG-bench, all that its file says but examples.
    instances: of a task of the catalog, by split; `questions` are made of them.
    left_out: rows that are no questions.
  """

  task: SuiteTask
  questions: Mapping[str, tuple[Question, ...]]
  prompt: str = ''
  chains: tuple[tuple[str, str], ...] = ()
  settings: Mapping[str, Any] = dataclasses.field(default_factory=dict)
  instances: Mapping[str, Instances] = dataclasses.field(default_factory=dict)
  left_out: tuple[NoQuestion, ...] = ()

  def sample(self, split: str, count: int) -> 'Material':
    """Returns the same with about `count` questions of a split, evenly spread.

    Prompts of these are like those of all, and are known sooner: BIG-bench
    draws the exemplars of 50,000 questions in half a minute.
    """
    questions = self.questions.get(split, ())
    step = max(1, len(questions) // count)
    instances = {
      name: of.take(np.arange(0, len(of), step))
      for name, of in self.instances.items()
    }
    return dataclasses.replace(
      self,
      questions={**self.questions, split: questions[::step]},
      instances=instances,
    )


def material_of(
  task: SuiteTask, files: Iterable[tuple[Found, bytes]]
) -> Material:
  """Reads what files hold of a task.

  Args:
    task: the task.
    files: all that were found for it, and those of several tasks.

  Raises:
    UserError: a file cannot be read, or two have the same question.
  """
  prompt = ''
  chains: tuple[tuple[str, str], ...] = ()
  by_split: dict[str, list[tuple[Found, bytes]]] = {}
  settings: dict[str, Any] = {}
  for found, data in files:
    if found.key not in ('', task.key):
      continue
    if task.suite == 'bbes':
      settings = parse.big_bench(data, found.path)
    if found.what == 'prompts':
      prompt = _prompt(task, parse.text_of(data, found.path), found.path)
    elif found.what == 'exemplars':
      text = parse.text_of(data, found.path)
      exemplars = parse.mgsm_exemplars(text, found.path)
      chains = tuple(exemplars.get(task.key, ()))
    else:
      by_split.setdefault(found.split, []).append((found, data))
  left_out: list[NoQuestion] = []
  questions = {
    split: _questions(task, of, left_out) for split, of in by_split.items()
  }
  settings.pop('examples', None)
  return Material(
    task,
    {split: of for split, of in questions.items() if of},
    prompt,
    chains,
    settings,
    left_out=tuple(left_out),
  )


def with_rows(
  material: Material,
  rows: Mapping[str, Iterable[Mapping[str, Any]]],
  where: str,
  key: str = '',
  source: Source | None = None,
) -> Material:
  """Adds questions that are rows of formats that others read.

  Args:
    material: of a task.
    rows: by split.
    where: what they are read from, for messages.
    key: the task's, if all rows are of it; empty if they say it.
    source: of a benchmark, whose columns the rows have.

  Raises:
    UserError: there are questions of a split already.
  """
  task, more = material.task, {}
  left_out = [*material.left_out]
  for split, of in rows.items():
    read = questions_of(load(task.suite), of, split, key, where, source=source)
    more[split] = tuple(_of_task(task, read, left_out))
  there = {split: of for split, of in more.items() if of}
  for split in there:
    if split in material.questions:
      raise UserError(
        f'{where} has questions of {task.name} ({split}), as another source '
        'has: leave one of them out'
      )
  return dataclasses.replace(
    material,
    questions={**material.questions, **there},
    left_out=tuple(left_out),
  )


def _of_task(
  task: SuiteTask,
  read: Iterable[Question | NoQuestion],
  left_out: list[NoQuestion],
) -> Iterator[Question]:
  """Yields the questions of a task; adds its other rows to a list."""
  for one in read:
    if one.task != task.name:
      continue
    if isinstance(one, NoQuestion):
      left_out.append(one)
    else:
      yield one


def _questions(
  task: SuiteTask, files: list[tuple[Found, bytes]], left_out: list[NoQuestion]
) -> tuple[Question, ...]:
  """Reads a task's questions of one split, in the order of its files.

  Adds the rows that are none to a list.
  """
  suite = load(task.suite)
  of: dict[str, Question] = {}
  first = files[0][0]
  before = len(left_out)
  for found, data in files:
    read = questions_of(
      suite,
      _rows(task, data, found.path),
      found.split,
      found.key,
      found.path,
      start=len(of) + len(left_out) - before,
    )
    questions = [*_of_task(task, read, left_out)]
    twice = next((q.id for q in questions if q.id in of), '')
    if twice or (
      questions and of and not (found.is_export and first.is_export)
    ):
      raise UserError(
        f'{found.path} has questions of {task.name} ({found.split}), as '
        f'{first.path} has: leave one of them out'
      )
    of |= {question.id: question for question in questions}
  return tuple(of.values())


def _rows(
  task: SuiteTask, data: bytes, path: str
) -> Iterable[Mapping[str, Any]]:
  if task.suite == 'bbes':
    return parse.big_bench(data, path)['examples']
  return parse.rows_of(data, path)


def _prompt(task: SuiteTask, text: str, path: str) -> str:
  """Returns the exemplars of a task, as its authors wrote them."""
  if task.suite == 'bbh':
    _, dashes, prompt = text.partition('-----\n')
    if not dashes:
      raise UserError(f'{path} has no line of dashes before its prompt')
    return prompt
  try:
    # A file may lack a subject: that has no prompt.
    prompt = json.loads(text).get(task.key, '')
    # lm-eval's copy of MMLU's prompts has a blank line at the end of each.
    return prompt.rstrip('\n')
  except (ValueError, AttributeError, RecursionError) as e:
    raise UserError(
      f'{path} has no texts by subject, such as {task.key}: {e!r}'
    ) from e
