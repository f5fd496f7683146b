"""BIG-Bench-Hard's prompts, byte for byte as Codex got them (2210.09261)."""

from collections.abc import Mapping
from typing import Any

from ul2_flan.tasks import shipped
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.evaluation.extraction import answer_line
from ul2_flan.tasks.evaluation.prompting.prompter import Prompter
from ul2_flan.tasks.evaluation.reading import Material

_QUESTION = '\n\nQ: '
_CHAIN = "\nA: Let's think step by step."


def chain_of_thought(material: Material) -> Prompter:
  """Asks for a chain of thought, after the authors' own exemplars."""
  head, exemplars = _parts(material)
  return Prompter(
    head, lambda _: exemplars, lambda question: f'Q: {question.text}{_CHAIN}'
  )


def direct(material: Material) -> Prompter:
  """Asks for the answer alone, after the same exemplars without reasoning.

  Three tasks differ from that; `cues.toml` says how.
  """
  head, chains = _parts(material)
  exemplars = tuple(map(_without_reasoning, chains))
  changes = shipped.table('evaluation/prompting/cues.toml')['bbh']
  head, exemplars = _changed(
    head, exemplars, changes.get(material.task.key, {})
  )
  return Prompter(
    head, lambda _: exemplars, lambda question: f'Q: {question.text}\nA:'
  )


def _parts(material: Material) -> tuple[str, tuple[str, ...]]:
  """Divides the authors' prompt into description and exemplars."""
  task = material.task
  if not material.prompt:
    raise UserError(
      f'{task.name} has no prompt: its source needs '
      f"cot-prompts/{task.key}.txt, as in the authors' repository"
    )
  head, *exemplars = material.prompt.split(_QUESTION)
  return f'{head}\n\n', tuple(f'Q: {text}' for text in exemplars)


def _without_reasoning(exemplar: str) -> str:
  question, _, reasoning = exemplar.rpartition(_CHAIN)
  return f'{question}\nA: {answer_line(reasoning).answer}'


def _changed(
  head: str, exemplars: tuple[str, ...], change: Mapping[str, Any]
) -> tuple[str, tuple[str, ...]]:
  """Makes the changes of a table of `cues.toml`."""
  if 'without_paragraph' in change:
    paragraphs = head.split('\n\n')
    del paragraphs[change['without_paragraph']]
    head = '\n\n'.join(paragraphs)
  if 'old' in change:
    old, new = change['old'], change['new']
    # Only the first one: the question after it may have the same words.
    index = next((i for i, text in enumerate(exemplars) if old in text), 0)
    changed = exemplars[index].replace(old, new, 1)
    exemplars = (*exemplars[:index], changed, *exemplars[index + 1 :])
  return head, exemplars
