"""Turns fields of instances into the texts that fill a template.

Options are listed, and turns of a conversation written, in the style that the
example has drawn; the other fields are texts already.
"""

from collections.abc import Sequence
import re
from typing import TypeVar

import numpy as np

from ul2_flan.tasks.rendering.instances.drawn_styles import DrawnStyles
from ul2_flan.tasks.rendering.instances.instances import Instances
from ul2_flan.tasks.rendering.styles import dialog_styles, list_options

_T = TypeVar('_T')

# A last line of a few words, such as "Answer:".
_CUE = re.compile(r'\s*\n\s*([^\n:]{1,40}:)$')


def pick(column: Sequence[_T], indices: Sequence[int]) -> list[_T]:
  """Returns the column's values at these indices."""
  return list(map(column.__getitem__, indices))


def gather(
  instances: Instances,
  indices: Sequence[int],
  *,
  fields: frozenset[str],
  styles: DrawnStyles,
  owners: Sequence[int],
  option_kind: str,
) -> dict[str, list[str]]:
  """Returns columns of text to fill a form with.

  Args:
    instances: where the texts are from.
    indices: m indices into `instances`.
    fields: the columns to return; with 'options' among them, 'answer' takes the
      form that the options have.
    styles: those of a block's examples.
    owners: m indices into `styles`: the example that shows each instance. It is
      the instance's own, or that of the question whose exemplar it is.
    option_kind: one of `catalog.schema.OPTION_KINDS`.

  Returns:
    field to m texts.
  """
  columns: dict[str, list[str]] = {}
  for field in fields:
    if field == 'dialog':
      drawn = styles.dialog[np.array(owners, np.int64)].tolist()
      columns[field] = dialog_styles.show(
        pick(instances.columns[field], indices), drawn
      )
    elif field != 'options':
      columns[field] = pick(instances.columns[field], indices)
  if 'options' in fields:
    texts, answers = _options(instances, indices, styles, owners, option_kind)
    columns |= {'options': texts, 'answer': answers}
    if 'prompt' in fields:
      _before_cues(columns['prompt'], texts)
  return columns


def _before_cues(prompts: list[str], options: list[str]) -> None:
  r"""Moves the cue that ends a prompt of P3 behind the options, in place.

  >>> prompts, options = ['Why?\nAnswer:'], ['- a\n- b']
  >>> _before_cues(prompts, options)
  >>> prompts, options
  (['Why?'], ['- a\n- b\nAnswer:'])
  """
  for i, prompt in enumerate(prompts):
    if prompt.endswith(':') and (cue := _CUE.search(prompt)):
      prompts[i] = prompt[: cue.start()]
      options[i] += f'\n{cue[1]}'


def _options(
  instances: Instances,
  indices: Sequence[int],
  styles: DrawnStyles,
  owners: Sequence[int],
  option_kind: str,
) -> tuple[list[str], list[str]]:
  """Returns m lists of options as text, and the answers in the same form."""
  drawn = styles.options
  assert drawn is not None
  assert instances.choice is not None
  at = np.array(owners, np.int64)
  options = pick(instances.columns['options'], indices)
  choices = instances.choice[np.array(indices, np.int64)].tolist()
  if option_kind == 'labels':
    ordered = list(
      map(list_options.in_order, options, drawn.order[at].tolist())
    )
    options = [labels for labels, _ in ordered]
    choices = [
      places[choice]
      for (_, places), choice in zip(ordered, choices, strict=True)
    ]
  items = drawn.item[at].tolist()
  texts = list_options.show(
    options, drawn.opening[at].tolist(), items, drawn.closing[at].tolist()
  )
  return texts, list_options.answers(options, choices, items)
