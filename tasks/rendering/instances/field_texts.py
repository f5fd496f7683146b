"""Turns fields of instances into the texts that fill a template.

Options are listed, and turns of a conversation written, in the style that the
example has drawn; the other fields are texts already.
"""

from collections.abc import Sequence
import re

import numpy as np

from ul2_flan.tasks.rendering.instances.drawn_styles import DrawnStyles
from ul2_flan.tasks.rendering.instances.instances import Instances, pick
from ul2_flan.tasks.rendering.instances.option_lists import OptionLists
from ul2_flan.tasks.rendering.styles import dialog_styles

# A last line of a few words, such as "Answer:".
_CUE = re.compile(r'\s*\n\s*([^\n:]{1,40}:)$')


def gather(
  instances: Instances,
  indices: Sequence[int],
  *,
  fields: frozenset[str],
  styles: DrawnStyles,
  owners: Sequence[int],
  option_lists: OptionLists | None,
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
    option_lists: how these list options; None if the instances have none.

  Returns:
    field to m texts.
  """
  columns: dict[str, list[str]] = {}
  of_options = {'options', 'answer'} if 'options' in fields else set()
  for field in fields - of_options:
    if field == 'dialog':
      drawn = styles.dialog[np.array(owners, np.int64)].tolist()
      columns[field] = dialog_styles.show(
        pick(instances.columns[field], indices), drawn
      )
    else:
      columns[field] = pick(instances.columns[field], indices)
  if of_options:
    assert option_lists
    texts, answers = option_lists.of(instances, indices, owners)
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
