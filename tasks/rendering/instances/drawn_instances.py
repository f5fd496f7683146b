"""Instances with the form and the styles that were drawn for each of them."""

from collections.abc import Iterator, Sequence
import dataclasses

import numpy as np

from ul2_flan.tasks.ragged import Int64s
from ul2_flan.tasks.rendering.instances.drawn_styles import DrawnStyles
from ul2_flan.tasks.rendering.instances.field_texts import gather
from ul2_flan.tasks.rendering.instances.instances import Instances
from ul2_flan.tasks.rendering.templates.form import Form


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class DrawnInstances:
  """A block of n instances, ready to be written out.

  Attributes:
    instances: n instances that all have the same fields.
    forms: what `chosen` indexes.
    chosen: int64 [n], the form of each.
    styles: of options and turns.
    option_kind: one of `catalog.schema.OPTION_KINDS`.
  """

  instances: Instances
  forms: Sequence[Form]
  chosen: Int64s
  styles: DrawnStyles
  option_kind: str

  def __len__(self) -> int:
    return len(self.instances)

  def by_form(self) -> Iterator[tuple[int, Form, list[int]]]:
    """Yields each form that was chosen: its number, itself and who chose it."""
    for number, form in enumerate(self.forms):
      indices = np.flatnonzero(self.chosen == number).tolist()
      if indices:
        yield number, form, indices

  def fill(
    self,
    form: Form,
    instances: Instances,
    indices: Sequence[int],
    owners: Sequence[int],
  ) -> tuple[list[str], list[str]]:
    """Returns the questions and answers of m instances in a form.

    Args:
      form: one of `forms`.
      instances: this block's own, or exemplars.
      indices: m indices into `instances`.
      owners: m indices into this block, whose styles the texts take.
    """
    columns = gather(
      instances,
      indices,
      fields=form.fields,
      styles=self.styles.beside(asks_to_choose=form.asks_to_choose),
      owners=owners,
      option_kind=self.option_kind,
    )
    count = len(indices)
    questions = form.inputs.fill(columns, count, nested=True)
    return questions, form.targets.fill(columns, count, nested=True)

  def instructions(self, form: Form, indices: Sequence[int]) -> list[str]:
    """Returns m texts that stand above exemplars, '' for nothing."""
    if form.instruction is None:
      return [''] * len(indices)
    columns = gather(
      self.instances,
      indices,
      fields=frozenset(form.instruction.fields),
      styles=self.styles,
      owners=indices,
      option_kind=self.option_kind,
    )
    return form.instruction.fill(columns, len(indices), nested=True)
