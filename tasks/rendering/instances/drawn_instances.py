"""Instances with the form and the styles that were drawn for each of them."""

from collections.abc import Iterator, Sequence
import dataclasses
import functools
import itertools

import numpy as np

from ul2_flan.tasks.ragged import Int64s
from ul2_flan.tasks.rendering.instances.drawn_styles import DrawnStyles
from ul2_flan.tasks.rendering.instances.field_texts import gather
from ul2_flan.tasks.rendering.instances.instances import Instances
from ul2_flan.tasks.rendering.instances.option_lists import OptionLists
from ul2_flan.tasks.rendering.templates.form import Form


@dataclasses.dataclass(frozen=True, kw_only=True)
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

  @functools.cached_property
  def by_form(self) -> list[tuple[Form, list[int]]]:
    """The forms that were chosen, each with the indices of who chose it.

    Forms with the same fields follow one another.
    """
    at = np.argsort(self.chosen, kind='stable').tolist()
    ends = np.bincount(self.chosen, minlength=len(self.forms)).cumsum().tolist()
    spans = itertools.pairwise([0, *ends])
    groups = [
      (form, at[start:stop])
      for form, (start, stop) in zip(self.forms, spans, strict=True)
      if start < stop
    ]
    return sorted(groups, key=lambda group: sorted(group[0].fields))

  @functools.cached_property
  def shown_styles(self) -> DrawnStyles:
    """The styles that are shown beside the words of each instance's form.

    Where these ask to choose by themselves, the options do not do so again.
    """
    asks = np.array([form.asks_to_choose for form in self.forms], np.bool_)
    return self.styles.without_calls(asks[self.chosen])

  @functools.cached_property
  def _option_lists(self) -> OptionLists | None:
    return self._lists_in(self.shown_styles)

  def _lists_in(self, styles: DrawnStyles) -> OptionLists | None:
    """Returns how the block lists options in these styles."""
    if styles.options is None:
      return None
    own = self.instances.columns['options']
    return OptionLists(own, styles.options, self.option_kind)

  def fill(
    self, instances: Instances, picked: Sequence[Sequence[int]] | None = None
  ) -> Iterator[tuple[list[int], list[str], list[str]]]:
    """Writes instances out in the form and the style of others.

    Args:
      instances: this block's own, or exemplars.
      picked: for each of this block's n instances, the indices of those to be
        written out as it is; by default the instance itself.

    Yields:
      for each form the indices of this block that have it; then the questions
      and the answers of what was picked for these, one after the other.
    """
    for fields, group in itertools.groupby(
      self.by_form, key=lambda group: group[0].fields
    ):
      # Columns of all forms with these fields, so that each is gathered once.
      forms = list(group)
      members = [i for _, at in forms for i in at]
      indices = owners = members
      if picked is not None:
        indices = [k for i in members for k in picked[i]]
        owners = [i for i in members for _ in picked[i]]
      columns = gather(
        instances,
        indices,
        fields=fields,
        styles=self.shown_styles,
        owners=owners,
        option_lists=self._option_lists,
      )
      start = 0
      for form, at in forms:
        count = len(at)
        if picked is not None:
          count = sum([len(picked[i]) for i in at])
        own = {
          f: column[start : start + count] for f, column in columns.items()
        }
        yield (
          at,
          form.inputs.fill(own, count, nested=True),
          form.targets.fill(own, count, nested=True),
        )
        start += count

  def fill_own(self) -> tuple[list[str], list[str]]:
    """Returns the questions and answers of all n instances, in their order."""
    questions, answers = [''] * len(self), [''] * len(self)
    for indices, asked, answered in self.fill(self.instances):
      for i, question, answer in zip(indices, asked, answered, strict=True):
        questions[i] = question
        answers[i] = answer
    return questions, answers

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
      option_lists=self._lists_in(self.styles),
    )
    return form.instruction.fill(columns, len(indices), nested=True)
