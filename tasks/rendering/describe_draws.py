"""Says in words what was drawn for each example: `Rendered.draws`."""

from collections.abc import Collection, Sequence
import functools
from typing import Any

from ul2_flan.tasks.rendering.instances.drawn_instances import DrawnInstances
from ul2_flan.tasks.rendering.styles import dialog_styles, option_styles
from ul2_flan.tasks.rendering.styles.option_styles import DrawnOptionStyles
from ul2_flan.tasks.rendering.templates.form import Form


def describe(
  drawn: DrawnInstances, draws: Collection[str]
) -> dict[str, list[Any]]:
  """Names the form of each of n examples, and the style of options and turns.

  Args:
    drawn: n instances.
    draws: what to say, of `DRAWS`.

  Returns:
    of what is to be said, 'template', 'options' if the instances have any, and
    'dialog' if any form shows it, to n texts; None for an example that does not
    show them.
  """
  forms = [drawn.forms[i] for i in drawn.chosen.tolist()]
  styles = drawn.shown_styles
  described: dict[str, list[Any]] = {}
  if 'template' in draws:
    described['template'] = [form.label for form in forms]
  if 'options' in draws and 'options' in drawn.instances.columns:
    described['options'] = _of_options(forms, styles.options)
  if 'dialog' in draws and any(form.shows_turns for form in forms):
    known = dialog_styles.styles()
    described['dialog'] = [
      ' / '.join(known[style].speakers) if form.shows_turns else None
      for form, style in zip(forms, styles.dialog.tolist(), strict=True)
    ]
  return described


def _of_options(
  forms: Sequence[Form], styles: DrawnOptionStyles | None
) -> list[str | None]:
  if styles is None:
    return [None] * len(forms)
  drawn = zip(styles.opening.tolist(), styles.item.tolist(), strict=True)
  return [
    _of_style(opening, item) if form.shows_options else None
    for form, (opening, item) in zip(forms, drawn, strict=True)
  ]


@functools.cache
def _of_style(opening: int, item: int) -> str:
  """Returns an opening, and how an option is shown and answered."""
  styles = option_styles.styles()
  style = styles.items[item]
  return f'{styles.openings[opening]} {style.item} -> {style.answer}'.strip()
