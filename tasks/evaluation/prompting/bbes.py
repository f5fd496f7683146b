"""Prompts as BIG-bench makes them (`bigbench` 1.0.0, `api/json_task.py`).

It draws exemplars from a task's other examples, and the order in which a
question's choices are shown, with NumPy's generator of old and the seed 42. All
draws of a task are one sequence, so the prompts are its own only if they are
made of the whole file.
"""

from collections.abc import Mapping, Sequence
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
  ask = functools.partial(_asked, settings=material.settings)
  shown = _Shown(questions, exemplars, ask)
  settings = material.settings
  return Prompter(
    str(settings.get('task_prefix', '')),
    shown.of,
    ask,
    str(settings.get('few_shot_example_separator', '\n')),
  )


class _Shown:
  """The exemplars of each question of a task, drawn when first needed."""

  def __init__(self, questions: Sequence[Question], count: int, ask: Any):
    self._questions = questions
    self._count = count
    self._ask = ask

  def of(self, question: Question) -> list[str]:
    """Returns a question's exemplars, each with its answer."""
    return [
      self._ask(self._questions[i]) + self._questions[i].answers[answer]
      for i, answer in self._drawn.get(question.id, ())
    ]

  @functools.cached_property
  def _drawn(self) -> dict[str, list[tuple[int, int]]]:
    """By a question's id: the numbers of examples, and of their answers."""
    drawn: dict[str, list[tuple[int, int]]] = {}
    total = len(self._questions)
    if not self._count:
      return drawn
    rng = np.random.RandomState(_SEED)
    for asked in rng.permutation(total).tolist():
      others = rng.permutation(total - 1)[: self._count].tolist()
      drawn[self._questions[asked].id] = [
        (i, rng.choice(len(self._questions[i].answers)))
        # The question itself is not among them.
        for i in (other + (other >= asked) for other in others)
      ]
    return drawn


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
