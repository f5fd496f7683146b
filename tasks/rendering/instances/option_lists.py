"""Lists options in the styles that examples have drawn."""

from collections.abc import Sequence
import dataclasses
import functools

import numpy as np

from ul2_flan.tasks.ragged import Int64s
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
    if self._same and all(map(self.own[0].__eq__, column)):
      lists = pick(self._lists, owners)
      texts = [text for text, _, _ in lists]
      return texts, [
        forms[places[choice]]
        for (_, forms, places), choice in zip(lists, choices, strict=True)
      ]
    at = np.array(owners, np.int64)
    options = pick(column, indices)
    if self.kind == 'labels':
      ordered = self._in_order(options, at)
      options = [listed for listed, _ in ordered]
      pairs = zip(ordered, choices, strict=True)
      choices = [places[choice] for (_, places), choice in pairs]
    items = self.styles.item[at].tolist()
    openings, closings = self.styles.opening[at], self.styles.closing[at]
    texts = list_options.show(
      options, openings.tolist(), items, closings.tolist()
    )
    return texts, list_options.answers(options, choices, items)

  @functools.cached_property
  def _same(self) -> bool:
    """Whether all examples have the same options, as those of most labels."""
    return all(map(self.own[0].__eq__, self.own))

  @functools.cached_property
  def _lists(self) -> list[tuple[str, tuple[str, ...], Sequence[int]]]:
    """Lists the same options once for each example and all its exemplars.

    Returns:
      for each the list, the forms of its options as answers, and the place that
      each of `own` has got.
    """
    styles = self.styles
    ordered = self._in_order(self.own, np.arange(len(self.own)))
    options = [listed for listed, _ in ordered]
    items = styles.item.tolist()
    texts = list_options.show(
      options, styles.opening.tolist(), items, styles.closing.tolist()
    )
    forms = map(list_options.answer_forms, options, items)
    return list(zip(texts, forms, [p for _, p in ordered], strict=True))

  def _in_order(
    self, options: Sequence[tuple[str, ...]], owners: Int64s
  ) -> list[tuple[tuple[str, ...], Sequence[int]]]:
    """Puts labels in the orders that their owners drew, with their places."""
    if self.kind != 'labels':
      return [(listed, range(len(listed))) for listed in options]
    orders = self.styles.order[owners].tolist()
    return list(map(list_options.in_order, options, orders))
