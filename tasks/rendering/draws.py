"""What was drawn for each example, in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ul2_flan.tasks.ragged import Int64s
from ul2_flan.tasks.rendering.instances.columns import Styles
from ul2_flan.tasks.rendering.styles import dialog, option_styles
from ul2_flan.tasks.rendering.templates.forms import Form


def describe(
  forms: Sequence[Form], chosen: Int64s, styles: Styles
) -> dict[str, list[Any]]:
  """The template of each example, and the style of its options and turns.

  Args:
    forms: those that were drawn from.
    chosen: int64 [n], indices into `forms`.
    styles: of the n examples.

  Returns:
    'template', and where they are shown 'options' and 'dialog', to n texts;
    None for an example without.
  """
  picked = [forms[i] for i in chosen.tolist()]
  told: dict[str, list[Any]] = {'template': [form.label for form in picked]}
  if styles.options is not None:
    told['options'] = [
      _of_options(form, opening, item) if form.shows_options else None
      for form, opening, item in zip(
        picked,
        styles.options.opening.tolist(),
        styles.options.item.tolist(),
        strict=True,
      )
    ]
  shown = dialog.styles()
  told['dialog'] = [
    ' / '.join(shown[style].speakers)
    if 'dialog' in form.inputs.fields + form.targets.fields
    else None
    for form, style in zip(picked, styles.dialog.tolist(), strict=True)
  ]
  if not any(told['dialog']):
    del told['dialog']
  return told


def _of_options(form: Form, opening: int, item: int) -> str:
  """An opening, and how an option is shown and answered."""
  styles = option_styles.styles()
  if form.asks_to_choose:
    opening = int(styles.quiet[opening])
  style = styles.items[item]
  return f'{styles.openings[opening]} {style.item} -> {style.answer}'.strip()
