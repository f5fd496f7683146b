"""Says in words what was drawn for each example: `Rendered.draws`."""

import functools
from typing import Any

from ul2_flan.tasks.rendering.instances.drawn_instances import DrawnInstances
from ul2_flan.tasks.rendering.styles import dialog_styles, option_styles


def describe(drawn: DrawnInstances) -> dict[str, list[Any]]:
  """Names the form of each of n examples, and the style of options and turns.

  Returns:
    'template', 'options' if the instances have any, and 'dialog' if any form
    shows it, to n texts; None for an example that does not show them.
  """
  forms = [drawn.forms[i] for i in drawn.chosen.tolist()]
  styles = drawn.shown_styles
  described: dict[str, list[Any]] = {'template': [form.label for form in forms]}
  if styles.options is None:
    if 'options' in drawn.instances.columns:
      described['options'] = [None] * len(forms)
  else:
    described['options'] = [
      _of_options(opening, item) if form.shows_options else None
      for form, opening, item in zip(
        forms,
        styles.options.opening.tolist(),
        styles.options.item.tolist(),
        strict=True,
      )
    ]
  known = dialog_styles.styles()
  turns = [
    ' / '.join(known[style].speakers) if form.shows_turns else None
    for form, style in zip(forms, styles.dialog.tolist(), strict=True)
  ]
  if any(turns):
    described['dialog'] = turns
  return described


@functools.cache
def _of_options(opening: int, item: int) -> str:
  """Returns an opening, and how an option is shown and answered."""
  styles = option_styles.styles()
  style = styles.items[item]
  return f'{styles.openings[opening]} {style.item} -> {style.answer}'.strip()
