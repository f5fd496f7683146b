"""The styles that options are listed in, and the draw of one that fits them."""

from __future__ import annotations

from collections.abc import Sequence
import dataclasses
import functools

import numpy as np

from ul2_flan.tasks import shipped
from ul2_flan.tasks.ragged import Bools, Int64s, UInt64s
from ul2_flan.tasks.rendering.styles.item_style import LETTERS, ItemStyle
from ul2_flan.tasks.rendering.styles.option_kinds import kinds
from ul2_flan.tasks.seeding import below, draw

# How many orders of labels are drawn from: 5!, a multiple of the number of all
# orders of up to five labels.
ORDERS = 120


@dataclasses.dataclass(frozen=True, slots=True)
class OptionStyles:
  """All styles of options; each part of a style is drawn independently.

  Attributes:
    openings: lines above the options.
    quiet: int64 [number of openings]: what to take for each opening where none
      may ask to choose; itself if it does not ask.
    closings: texts below the options; closing 0 is empty.
    items: the styles of items, each as often as its weight says.
    eligible: four int64 arrays, the indices into `items` that fit options of
      each kind of `option_kinds`.
  """

  openings: tuple[str, ...]
  quiet: Int64s
  closings: tuple[str, ...]
  items: tuple[ItemStyle, ...]
  eligible: tuple[Int64s, Int64s, Int64s, Int64s]


@functools.cache
def styles() -> OptionStyles:
  """Returns the styles of `option_styles.toml`."""
  raw = shipped.table('rendering/styles/option_styles.toml')
  items: list[ItemStyle] = []
  for entry in raw['items']:
    weight = entry.pop('weight', 1)
    items += [ItemStyle.of(**entry)] * weight
  # Longer options have a line each; many need numbers, or no marks at all.
  lines = [i for i, style in enumerate(items) if style.join == '\n']
  long = [i for i in lines if len(items[i].before) > len(LETTERS)]
  eligible = (
    np.arange(len(items), dtype=np.int64),
    np.array(lines, np.int64),
    np.array(long, np.int64),
    np.array([i for i in lines if not items[i].marked], np.int64),
  )
  openings = tuple(raw['openings'])
  return OptionStyles(
    openings,
    _quiet(openings, raw['calls']),
    tuple(raw['closings']),
    tuple(items),
    eligible,
  )


def _quiet(openings: Sequence[str], calls: Sequence[str]) -> Int64s:
  """Maps each opening to one that does not ask to choose."""
  others = [i for i, opening in enumerate(openings) if opening not in calls]
  quiet = [
    others[i % len(others)] if opening in calls else i
    for i, opening in enumerate(openings)
  ]
  return np.array(quiet, np.int64)


@dataclasses.dataclass(frozen=True, slots=True)
class DrawnOptionStyles:
  """The style that each of n instances has drawn: four arrays, int64 [n].

  Attributes:
    opening, item, closing: indices into the fields of `styles()`.
    order: the permutation of labels, below `ORDERS`.
  """

  opening: Int64s
  item: Int64s
  closing: Int64s
  order: Int64s

  def without_calls(self, chosen: Bools) -> DrawnOptionStyles:
    """Returns the same, but that those chosen, bool [n], do not ask to choose.

    That is for templates that do so themselves.
    """
    quiet = styles().quiet[self.opening]
    return dataclasses.replace(
      self,
      opening=np.where(chosen, quiet, self.opening),
      closing=np.where(chosen, 0, self.closing),
    )


def draw_styles(
  streams: UInt64s, options: Sequence[tuple[str, ...]]
) -> DrawnOptionStyles:
  """Draws a style for each instance, uniformly among those that fit.

  Args:
    streams: uint64 [n], of which the draws use numbers 0 to 3.
    options: the options of each of the n instances.
  """
  all_styles = styles()
  kind = kinds(options)
  bits = draw(streams, 1)
  item = np.empty(len(options), np.int64)
  for k, among in enumerate(all_styles.eligible):
    at = np.flatnonzero(kind == k)
    item[at] = among[below(bits[at], len(among))]
  opening = below(draw(streams, 0), len(all_styles.openings))
  closing = below(draw(streams, 2), len(all_styles.closings))
  # An opening that asks to choose stands without a closing that does so again.
  calls = all_styles.quiet[opening] != opening
  return DrawnOptionStyles(
    opening, item, np.where(calls, 0, closing), below(draw(streams, 3), ORDERS)
  )
