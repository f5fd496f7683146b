"""Turns fields of instances into text, with options and turns as FLAN's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
import dataclasses

import numpy as np

from ul2_flan.tasks.ragged import UInt64s
from ul2_flan.tasks.rendering.instances.instances import Instances, pick
from ul2_flan.tasks.rendering.styles.released_styles import (
  MAX_MARKED,
  OptionStyle,
  Released,
  TurnStyle,
)
from ul2_flan.tasks.rendering.templates.form import Form
from ul2_flan.tasks.seeding import below, draw


@dataclasses.dataclass(frozen=True, slots=True)
class Styles:
  """The styles of n instances, or one of each kind for all that there are.

  Attributes:
    options: n styles of options, or one.
    turns: n styles of turns, or one.
  """

  options: Sequence[OptionStyle]
  turns: Sequence[TurnStyle]

  @classmethod
  def fixed(cls, released: Released) -> Styles:
    """Returns the styles of all examples that have exemplars."""
    opening, *marks = released.fixed_options
    options = OptionStyle(opening=opening, marks=tuple(marks), ending='')
    opening, *marks = released.fixed_dialog
    turns = TurnStyle(opening=opening, marks=tuple(marks), ending='')
    return cls([options], [turns])

  @classmethod
  def drawn(
    cls,
    released: Released,
    instances: Instances,
    streams: Callable[[str], UInt64s],
  ) -> Styles:
    """Draws a style for each instance, evenly.

    Args:
      released: the styles.
      instances: n instances. One with more options than there are marks gets a
        style without any, where FLAN's code fails.
      streams: the name of a draw to uint64 [n].
    """

    def parts(kind: str, lists: Sequence[Sequence[object]]) -> list[list[int]]:
      bits = streams(f'released {kind}')
      return [
        below(draw(bits, i), len(among)).tolist()
        for i, among in enumerate(lists)
      ]

    openings, items, endings = parts(
      'options',
      (
        released.option_openings,
        released.option_items,
        released.option_endings,
      ),
    )
    bullets = released.bullets
    for i, options in enumerate(instances.columns.get('options', ())):
      if len(options) > MAX_MARKED:
        items[i] = bullets[items[i] % len(bullets)]
    turns = parts(
      'dialog',
      (
        released.dialog_openings,
        released.dialog_items,
        released.dialog_endings,
      ),
    )
    return cls(
      [*map(released.option_style, openings, items, endings)],
      [*map(released.turn_style, *turns)],
    )


def fill(
  form: Form, instances: Instances, indices: Sequence[int], styles: Styles
) -> tuple[list[str], list[str]]:
  """Returns the questions and answers of m instances in a form.

  Args:
    form: the form.
    instances: n instances.
    indices: m indices into `instances`.
    styles: of the n instances.
  """
  columns = columns_of(form.fields, instances, indices, styles)
  count = len(indices)
  return form.inputs.fill(columns, count), form.targets.fill(columns, count)


def columns_of(
  fields: frozenset[str],
  instances: Instances,
  indices: Sequence[int],
  styles: Styles,
) -> dict[str, list[str]]:
  """Returns columns of text to fill a form with: field to m texts.

  Args:
    fields: the columns to return; with 'options' among them, 'answer' takes the
      form that the options have.
    instances: n instances.
    indices: m indices into `instances`.
    styles: of the n instances.
  """
  columns: dict[str, list[str]] = {}
  for field in fields - {'options'}:
    column = instances.columns[field]
    if field == 'dialog':
      columns[field] = [
        styles.turns[i % len(styles.turns)].show(column[i]) for i in indices
      ]
    else:
      columns[field] = pick(column, indices)
  if 'options' in fields:
    assert instances.choice is not None
    column = instances.columns['options']
    choices = instances.choice[np.array(indices, np.int64)].tolist()
    shown = [
      styles.options[i % len(styles.options)].show(column[i], choice)
      for i, choice in zip(indices, choices, strict=True)
    ]
    columns['options'] = [text for text, _ in shown]
    columns['answer'] = [answer for _, answer in shown]
  return columns
