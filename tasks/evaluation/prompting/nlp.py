"""The prompts of U-PaLM's benchmarks, which are ours: the paper prints none.

A model that ranks choices sees none before. One that writes the answer sees an
exemplar: the first training question, or, where there is no training split, the
first question about something else.
"""

from collections.abc import Iterator
import itertools

from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.evaluation.prompting.prompter import Prompter
from ul2_flan.tasks.evaluation.reading import Material, Question


def direct(material: Material) -> Prompter:
  """Asks as the benchmark's form says."""
  form, count = material.task.form, material.task.exemplars
  assert form

  def shown(question: Question) -> list[str]:
    found = [*itertools.islice(_others(material, question), count)]
    if len(found) < count:
      raise UserError(
        f'{material.task.name} has no exemplar for the question {question.id}: '
        'its source needs the training split, or a second question'
      )
    return [f'{one.asked[0]} {one.answers[0]}' for one in found]

  return Prompter(
    f'{form.head}\n\n' if form.head else '',
    shown,
    lambda question: question.asked[0],
  )


def _others(material: Material, question: Question) -> Iterator[Question]:
  """Yields questions that do not give away what is asked."""
  pool = material.questions.get('train') or material.questions[question.split]
  for one in pool:
    field = 'passage' if one.passage else 'text'
    if getattr(one, field) != getattr(question, field):
      yield one
