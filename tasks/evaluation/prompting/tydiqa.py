"""TyDi QA's prompt, which is ours: no paper prints one.

It shows one exemplar: the first training question of the language, or, where
there is no training split, the first question about another passage. English
words stand before passage, question and answer, in all languages alike.
"""

from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.evaluation.prompting.prompter import Prompter
from ul2_flan.tasks.evaluation.reading import Material, Question
from ul2_flan.tasks.evaluation.suites import load


def direct(material: Material) -> Prompter:
  """Asks for a span of the passage."""
  return Prompter('', lambda one: _exemplars(material, one), _ask)


def _ask(question: Question) -> str:
  return f'Passage: {question.passage}\nQuestion: {question.text}\nAnswer:'


def _exemplars(material: Material, question: Question) -> list[str]:
  pool = material.questions.get('train') or material.questions[question.split]
  shown: list[str] = []
  for one in pool:
    if len(shown) == load('tydiqa').exemplars:
      break
    if one.passage != question.passage:
      shown.append(f'{_ask(one)} {one.answers[0]}')
  if not shown:
    raise UserError(
      f'{material.task.name} has no exemplar for the question {question.id}: '
      'its source needs the training split, or a second passage'
    )
  return shown
