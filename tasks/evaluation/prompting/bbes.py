"""Prompts as BIG-bench makes them (`bigbench` 1.0.0, `api/json_task.py`).

It draws exemplars from a task's other examples, and the order in which a
question's choices are shown, with NumPy's generator of old and the seed 42. All
draws of a task are one sequence, so the prompts are its own only if they are
made of the whole file.
"""

from collections.abc import Mapping
import functools
from typing import Any

import numpy as np

from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.evaluation.prompting.prompter import Prompter
from ul2_flan.tasks.evaluation.reading import Material, Question
from ul2_flan.tasks.evaluation.suites import load

_SEED = 42


def direct(material: Material, exemplars: int | None = None) -> Prompter:
  """Shows exemplars, drawn as BIG-bench draws them, and asks.

  Args:
    material: a task's.
    exemplars: how many; None for as many as the suite has.

  Raises:
    UserError: the task has too few examples.
  """
  if exemplars is None:
    exemplars = load('bbes').exemplars
  (questions,) = material.questions.values() or ((),)
  if len(questions) <= exemplars:
    raise UserError(
      f'{material.task.name} has {len(questions)} examples, too few for '
      f'{exemplars} exemplars and a question'
    )
  settings = material.settings
  ask = functools.partial(_asked, settings=settings)
  numbers = {question.id: i for i, question in enumerate(questions)}
  answers = tuple(len(question.answers) for question in questions)

  def shown(question: Question) -> list[str]:
    return [
      ask(questions[i]) + questions[i].answers[answer]
      for i, answer in _drawn(answers, exemplars)[numbers[question.id]]
    ]

  return Prompter(
    str(settings.get('task_prefix', '')),
    shown,
    ask,
    str(settings.get('few_shot_example_separator', '\n')),
  )


@functools.lru_cache(maxsize=1)
def _drawn(
  answers: tuple[int, ...], count: int
) -> tuple[tuple[tuple[int, int], ...], ...]:
  """Draws the exemplars of all questions of a task: half a minute for 50,000.

  Args:
    answers: how many each example has.
    count: of exemplars.

  Returns:
    for each question the numbers of its exemplars, and of their answers.
  """
  total = len(answers)
  drawn: list[tuple[tuple[int, int], ...]] = [()] * total
  rng = np.random.RandomState(_SEED)
  for asked in rng.permutation(total).tolist() if count else ():
    others = rng.permutation(total - 1)[:count].tolist()
    drawn[asked] = tuple(
      (i, rng.choice(answers[i]))
      # The question itself is not among them.
      for i in [other + (other >= asked) for other in others]
    )
  return tuple(drawn)


def _asked(question: Question, settings: Mapping[str, Any]) -> str:
  """Writes a question with its choices, up to its answer."""
  text = question.text
  # Any text is true, and one task has "false": BIG-bench shows its choices too.
  if question.options and settings.get('append_choices_to_input', True):
    order = np.random.RandomState(_SEED).permutation(sorted(question.options))
    prefix = settings.get('choice_prefix', '\n  choice: ')
    text += prefix + prefix.join(order)
  before = settings.get('example_input_prefix', '\nQ: ')
  after = settings.get('example_output_prefix', '\nA: ')
  return f'{before}{text}{after}'
