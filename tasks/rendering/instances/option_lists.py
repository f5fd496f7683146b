"""Lists options in the styles that examples have drawn."""

from collections.abc import Iterable, Sequence
import dataclasses
import functools
import itertools

import numpy as np

from ul2_flan.tasks.rendering.instances.instances import Instances, pick
from ul2_flan.tasks.rendering.styles import list_options
from ul2_flan.tasks.rendering.styles.option_styles import DrawnOptionStyles


@dataclasses.dataclass(frozen=True)
class OptionLists:
  """The options that each of n examples lists: its own, and its exemplars'.

  Attributes:
    own: the options of each example.
    styles: the style of each; it holds for its exemplars too.
    kind: one of `catalog.schema.OPTION_KINDS`.
  """

  own: Sequence[tuple[str, ...]]
  styles: DrawnOptionStyles
  kind: str

  def of(
    self, instances: Instances, indices: Sequence[int], owners: Sequence[int]
  ) -> tuple[list[str], list[str]]:
    """Returns m lists of options as text, and the answers in the same form.

    Args:
      instances: where the options are from.
      indices: m indices into `instances`.
      owners: for each the example that shows it.
    """
    assert instances.choice is not None
    column = instances.columns['options']
    choices = instances.choice[np.array(indices, np.int64)].tolist()
    same = self._same and (column is self.own or _all_are(column, self.own[0]))
    if same:
      lists, forms = self._lists
      answers = zip(pick(forms, owners), choices, strict=True)
      return pick(lists, owners), [of_each[at] for of_each, at in answers]
    options = pick(column, indices)
    if self.kind == 'labels':
      orders = self.styles.order[np.array(owners, np.int64)].tolist()
      ordered = list(map(list_options.in_order, options, orders))
      options = [listed for listed, _ in ordered]
      pairs = zip(ordered, choices, strict=True)
      choices = [places[choice] for (_, places), choice in pairs]
    texts = list_options.fill(self._formats(options, owners), options)
    items = pick(self._drawn[1], owners)
    return texts, list_options.answers(options, choices, items)

  def _formats(
    self, options: Sequence[tuple[str, ...]], owners: Sequence[int]
  ) -> list[str]:
    """Returns the formats of m lists, as `list_options.formats` does."""
    counts = set(map(len, options))
    if len(counts) != 1:
      drawn = [pick(part, owners) for part in self._drawn]
      return list_options.formats(map(len, options), *drawn)
    # All lists of an example have one format, which is looked up once.
    (count,) = counts
    if count not in self._known_formats:
      self._known_formats[count] = list_options.formats(
        itertools.repeat(count), *self._drawn
      )
    return pick(self._known_formats[count], owners)

  @functools.cached_property
  def _drawn(self) -> tuple[list[int], list[int], list[int]]:
    """Opening, item and closing of each example."""
    styles = self.styles
    columns = styles.opening, styles.item, styles.closing
    opening, item, closing = (column.tolist() for column in columns)
    return opening, item, closing

  @functools.cached_property
  def _known_formats(self) -> dict[int, list[str]]:
    """Maps numbers of options to the format of each example."""
    return {}

  @functools.cached_property
  def _same(self) -> bool:
    """Whether all examples have the same options, as those of most labels."""
    return _all_are(self.own, self.own[0])

  @functools.cached_property
  def _lists(self) -> tuple[list[str], list[tuple[str, ...]]]:
    """Lists the same options once for each example and all its exemplars.

    Returns:
      for each example the list; and the form that each option has as an answer.
    """
    opening, items, closing = self._drawn
    orders: Iterable[int | None] = itertools.repeat(None)
    if self.kind == 'labels':
      distinct = list_options.distinct_orders(len(self.own[0]))
      orders = (self.styles.order % distinct).tolist()
    styled = list(map(list_options.in_style, self.own, orders, items))
    listed = [options for options, _ in styled]
    texts = list_options.show(listed, opening, items, closing)
    return texts, [forms for _, forms in styled]


def _all_are(column: Sequence[tuple[str, ...]], one: tuple[str, ...]) -> bool:
  """Whether all options of a column, if any, are these."""
  # The last one alone tells so of most columns where they are not.
  return not column or (column[-1] == one and column.count(one) == len(column))
