"""MMLU's prompts: Flan's direct one, its chains of thought, and the authors'.

Flan's prompts strip white space around a question, and none around an option:
all 14 questions with such white space are so in the 57 prompts with chains of
thought (jasonwei20/flan-2 at d87762a). These prompts are taken as they are,
with their flaws: three subjects have four exemplars, and some LaTeX is damaged.
"""

from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.evaluation.prompting.prompter import Prompter
from ul2_flan.tasks.evaluation.reading import Material, Question
from ul2_flan.tasks.evaluation.suites import load

_ABOUT = 'The following are multiple choice questions (with answers) about '
_QUESTION = '\n\nQ: '


def flan(material: Material) -> Prompter:
  """Options on one line, `(A) a (B) b`; the answer is `(B)`."""
  exemplars = tuple(
    f'{_flan_question(one)}\nA: ({one.answers[0]})' for one in _dev(material)
  )
  return Prompter(
    f'{_ABOUT}{_subject(material)}.\n\n',
    lambda _: exemplars,
    lambda question: f'{_flan_question(question)}\nA:',
  )


def hendrycks(material: Material) -> Prompter:
  """Options on lines of their own, `A. a`; the answer is a letter.

  The subject follows two spaces, as in the authors' code (hendrycks/test at
  4450500, `evaluate.py`).
  """
  exemplars = tuple(
    f'{_hendrycks_question(one)} {one.answers[0]}' for one in _dev(material)
  )
  return Prompter(
    f'{_ABOUT} {_subject(material)}.\n\n',
    lambda _: exemplars,
    _hendrycks_question,
  )


def chain_of_thought(material: Material) -> Prompter:
  """Asks for a chain of thought, after Flan's own exemplars."""
  task = material.task
  if not material.prompt:
    raise UserError(
      f'{task.name} has no chains of thought: its source needs mmlu-cot.json '
      "of jasonwei20/flan-2, or lm-evaluation-harness's _cot_prompts.json, "
      f'with "{task.key}" in it'
    )
  head, *texts = material.prompt.split(_QUESTION)
  exemplars = tuple(f'Q: {text}' for text in texts)
  return Prompter(
    f'{head}\n\n',
    lambda _: exemplars,
    lambda question: (
      f"{_flan_question(question)}\nA: Let's think step by step."
    ),
  )


def _subject(material: Material) -> str:
  return material.task.key.replace('_', ' ')


def _dev(material: Material) -> tuple[Question, ...]:
  """Returns the exemplars: the first of the dev split."""
  dev = material.questions.get('dev', ())
  if not dev:
    raise UserError(
      f'{material.task.name} has no exemplars: its source needs '
      f'{material.task.key}_dev.csv, or an export of the dev split'
    )
  return dev[: load('mmlu').exemplars]


def _flan_question(question: Question) -> str:
  options = ' '.join(
    f'({letter}) {text}'
    for letter, text in zip('ABCDEFGHIJ', question.options, strict=False)
  )
  return f'Q: {question.text.strip()}\n{options}'


def _hendrycks_question(question: Question) -> str:
  options = '\n'.join(
    f'{letter}. {text}'
    for letter, text in zip('ABCDEFGHIJ', question.options, strict=False)
  )
  return f'{question.text}\n{options}\nAnswer:'
