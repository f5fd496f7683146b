"""Turns fields of instances into the texts that fill a template.

Options are listed, and turns of a conversation written, in the style that the
example has drawn; the other fields are texts already.
"""

from collections.abc import Sequence
import re

import numpy as np

from ul2_flan.tasks.rendering.instances.drawn_styles import DrawnStyles
from ul2_flan.tasks.rendering.instances.instances import Instances
from ul2_flan.tasks.rendering.styles import dialog_styles, list_options

# A last line of a few words, such as "Answer:".
_CUE = re.compile(r'\s*\n\s*([^\n:]{1,40}:)$')


def pick(column: Sequence[str], indices: Sequence[int]) -> list[str]:
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
      shown = dialog_styles.styles()
      drawn = styles.dialog[list(owners)].tolist()
      columns[field] = [
        shown[style].show(instances.columns[field][i])
        for i, style in zip(indices, drawn, strict=True)
      ]
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
  assert styles.options is not None
  assert instances.choice is not None
  at = np.array(owners, np.int64)
  draws = zip(
    indices,
    instances.choice[np.array(indices, np.int64)].tolist(),
    styles.options.opening[at].tolist(),
    styles.options.item[at].tolist(),
    styles.options.closing[at].tolist(),
    styles.options.order[at].tolist(),
    strict=True,
  )
  column = instances.columns['options']
  texts, answers = [], []
  if option_kind == 'choices':
    # Each instance has options of its own: no cache would know them.
    for i, choice, opening, item, closing, _ in draws:
      text, answer = list_options.show_choice(
        column[i], choice, opening, item, closing
      )
      texts.append(text)
      answers.append(answer)
  else:
    permuted = option_kind == 'labels'
    for i, choice, opening, item, closing, order in draws:
      text, forms = list_options.show_labels(
        column[i], opening, item, closing, order if permuted else -1
      )
      texts.append(text)
      answers.append(forms[choice])
  return texts, answers
