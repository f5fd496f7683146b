"""The prompters of the suites."""

from collections.abc import Callable, Mapping
import dataclasses

from ul2_flan.tasks.errors import unknown
from ul2_flan.tasks.evaluation.prompting import (
  bbes,
  bbh,
  mgsm,
  mmlu,
  nlp,
  tydiqa,
)
from ul2_flan.tasks.evaluation.prompting.prompter import Prompter
from ul2_flan.tasks.evaluation.reading import Material
from ul2_flan.tasks.evaluation.suites import load

_MAKE: Mapping[tuple[str, str], Callable[[Material], Prompter]] = {
  ('bbh', 'cot'): bbh.chain_of_thought,
  ('bbh', 'direct'): bbh.direct,
  ('mgsm', 'cot'): mgsm.chain_of_thought,
  ('mgsm', 'direct'): mgsm.direct,
  ('mmlu', 'cot'): mmlu.chain_of_thought,
  ('mmlu', 'direct'): mmlu.flan,
  ('nlp', 'direct'): nlp.direct,
  ('tydiqa', 'direct'): tydiqa.direct,
}

# Others than the first, which is Flan's; by suite and variant.
TEMPLATES: Mapping[tuple[str, str], tuple[str, ...]] = {
  ('mmlu', 'direct'): ('flan', 'hendrycks')
}


def prompter(
  material: Material,
  variant: str,
  template: str = 'flan',
  exemplars: int | None = None,
) -> Prompter:
  """Returns what makes the prompts of a task in a variant.

  Args:
    material: what the suite's files hold of the task.
    variant: 'direct' or 'cot'.
    template: 'flan'; or for MMLU direct 'hendrycks', the one of its authors, in
      which the answer is a bare letter.
    exemplars: the most that a prompt shows; None for as many as its suite has.

  Raises:
    UserError: the suite has no such variant or template, or the files lack what
      the prompt is made of.
  """
  suite = load(material.task.suite)
  suite.variant(variant)
  known = TEMPLATES.get((suite.name, variant), ('flan',))
  if template not in known:
    raise unknown(f'template of {suite.name} {variant}', template, known)
  if suite.catalog:
    # The question is the prompt: see `in_templates`.
    return Prompter('', lambda _: (), lambda question: question.text)
  if suite.name == 'bbes':
    # How many there are changes which are drawn.
    return bbes.direct(material, exemplars)
  if template == 'hendrycks':
    made = mmlu.hendrycks(material)
  else:
    made = _MAKE[suite.name, variant](material)
  if exemplars is None:
    return made
  return dataclasses.replace(
    made, exemplars=lambda question: made.exemplars(question)[:exemplars]
  )
