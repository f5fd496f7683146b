"""MGSM's prompts, with eight exemplars in the question's own language."""

from ul2_flan.tasks import shipped
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.evaluation.extraction.number import number
from ul2_flan.tasks.evaluation.prompting.prompter import Prompter
from ul2_flan.tasks.evaluation.reading import Material
from ul2_flan.tasks.evaluation.suites import load


def chain_of_thought(material: Material) -> Prompter:
  """Asks for a chain of thought in the question's own language."""
  cues = _cues(material)
  exemplars = tuple(f'{q}\n{a}' for q, a in _chains(material))
  return Prompter(
    '',
    lambda _: exemplars,
    lambda question: f'{cues["question"]}{question.text}\n{cues["chain"]}',
  )


def direct(material: Material) -> Prompter:
  """Asks for the number alone; a prompt of ours, made of the same exemplars."""
  cues, language = _cues(material), material.task.language
  exemplars = tuple(
    f'{q}\n{cues["answer"]} {number(a, language).answer}'
    for q, a in _chains(material)
  )
  return Prompter(
    '',
    lambda _: exemplars,
    lambda question: f'{cues["question"]}{question.text}\n{cues["answer"]}',
  )


def _cues(material: Material) -> dict[str, str]:
  cues: dict[str, dict[str, str]] = shipped.table(
    'evaluation/prompting/cues.toml'
  )['mgsm']
  return cues[material.task.key]


def _chains(material: Material) -> tuple[tuple[str, str], ...]:
  # On the hub they are the training split.
  train = material.questions.get('train', ())
  chains = material.chains or tuple((q.text, q.chain) for q in train if q.chain)
  if not chains:
    raise UserError(
      f'{material.task.name} has no exemplars: its source needs exemplars.py, '
      "as in the authors' repository, or an export of the train split"
    )
  return chains[: load('mgsm').exemplars]
