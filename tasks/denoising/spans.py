"""Which tokens are noise: T5's random spans, and the prefix of a prefix LM.

The counts are fixed by formulas; only where the spans lie is random. All
functions take a block of segments at once and draw from one stream each, so a
segment's mask is the same in any block.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ul2_flan.tasks import seeding
from ul2_flan.tasks.ragged import (
  Bools,
  Int64s,
  UInt64s,
  offsets_of,
  position_in,
)

# A draw carries its position in the low bits, so that no two are equal; the 40
# bits above them decide. Segments are shorter than 2**24 tokens.
_POSITION_BITS = 24

# A rectangle of draws that stays in a core's cache, 256 kB, is twice as fast.
_DRAWS_AT_ONCE = 1 << 15


def num_noise_tokens(
  length: Int64s, density: float | np.typing.NDArray[np.floating]
) -> Int64s:
  """Noise tokens of a segment: round(length * density), within [1, length - 1].

  Halves go to the even neighbour and the product is a float32, as in T5's
  `random_spans_noise_mask`: the counts are equal to T5's at every length.

  >>> num_noise_tokens(np.array([2, 10, 568]), 0.15).tolist()
  [1, 2, 85]
  """
  product = np.asarray(length, np.float32) * np.asarray(density, np.float32)
  return np.clip(np.rint(product).astype(np.int64), 1, length - 1)


def num_noise_spans(
  noise_tokens: Int64s, mean_span: float | np.typing.NDArray[np.floating]
) -> Int64s:
  """Noise spans of a segment: round(noise_tokens / mean_span), at least 1.

  >>> num_noise_spans(np.array([1, 85]), 3.0).tolist()
  [1, 28]
  """
  ratio = np.asarray(noise_tokens, np.float32) / np.asarray(
    mean_span, np.float32
  )
  return np.maximum(np.rint(ratio).astype(np.int64), 1)


def min_prefix_tokens(
  length: Int64s, density: float | np.typing.NDArray[np.floating]
) -> Int64s:
  """Shortest prefix of a prefix LM whose mean target is about density * length.

  round((1 - 2 * density) * (length - 1)), within [1, length - 1], as in T5's
  `random_prefix_noise_mask`. With a density of 0.25 the target's length is
  uniform on about [1, length / 2], which is the S-denoiser of UL2's Table 1;
  with 0.5 the split point is uniform, as in U-PaLM.

  >>> min_prefix_tokens(np.array([2, 512, 512]), np.array([.25, .25, .5]))
  array([  1, 256,   1])
  """
  longest = np.asarray(length) - 1
  share = 1 - 2 * np.asarray(density, np.float32)
  shortest = np.rint(share * longest.astype(np.float32)).astype(np.int64)
  return np.minimum(np.maximum(shortest, 1), longest)


def random_prefix(
  length: Int64s, density: np.typing.NDArray[np.floating], streams: UInt64s
) -> Int64s:
  """Draws prefix lengths, uniform on [min_prefix_tokens, length - 1]."""
  shortest = min_prefix_tokens(length, density)
  return shortest + seeding.below(seeding.draw(streams, 0), length - shortest)


def random_segmentation(
  num_items: Int64s, num_segments: Int64s, streams: UInt64s
) -> Int64s:
  """Divides items into non-empty runs, every division equally likely.

  Of the `num_items - 1` places between two items, the `num_segments - 1` with
  the smallest draws become cuts: each set of places is equally likely, hence
  each of the C(num_items - 1, num_segments - 1) compositions.

  Args:
    num_items: int64 [n], positive.
    num_segments: int64 [n], within [1, num_items].
    streams: uint64 [n].

  Returns:
    int64 [sum(num_segments)]: the runs' lengths, example after example; those
    of example `i` are positive and add up to `num_items[i]`.
  """
  cuts = num_segments - 1
  bounds = offsets_of(num_segments)
  # Ends of the runs, as places; the last run ends with the items.
  ends = np.empty(bounds[-1], np.int64)
  ends[bounds[1:] - 1] = num_items
  divided = np.flatnonzero(cuts)
  for similar in _of_similar_size(num_items[divided]):
    group = divided[similar]
    chosen, owned = _smallest_places(
      num_items[group] - 1, cuts[group], streams[group]
    )
    slots = bounds[group][:, None] + np.arange(chosen.shape[1])
    ends[slots[owned]] = chosen[owned] + 1
  starts = np.empty_like(ends)
  starts[1:] = ends[:-1]
  starts[bounds[:-1]] = 0
  return ends - starts


def _of_similar_size(sizes: Int64s) -> Iterator[Int64s]:
  """Groups of indices in which the largest size is at most 5/4 the smallest.

  A group becomes one rectangle of draws, of which the bound keeps four fifths
  in use.
  """
  order = np.argsort(sizes, kind='stable')
  ascending = sizes[order]
  start = 0
  while start < len(order):
    limit = ascending[start] + ascending[start] // 4
    stop = int(np.searchsorted(ascending, limit, side='right'))
    stop = min(stop, start + max(1, _DRAWS_AT_ONCE // int(limit)))
    yield order[start:stop]
    start = stop


def _smallest_places(
  places: Int64s, wanted: Int64s, streams: UInt64s
) -> tuple[Int64s, Bools]:
  """The `wanted[i]` of `places[i]` places with the smallest draws, ascending.

  Returns:
    int64 [n, max(wanted)], of which row `i` holds `wanted[i]` places first,
    and a mask of the same shape that is true at those.
  """
  width, most = int(places.max()), int(wanted.max())
  position = np.arange(width, dtype=np.uint64)
  low_bits = np.uint64(2**_POSITION_BITS - 1)
  draws = seeding.draw(streams[:, None], position)
  draws = (draws & ~low_bits) | position
  if width > places.min():
    draws[position >= places[:, None].astype(np.uint64)] = ~np.uint64(0)
  draws.partition(most - 1, axis=1)
  draws = draws[:, :most]
  owned = np.arange(most) < wanted[:, None]
  if not owned.all():
    draws = np.sort(draws, axis=1)
  chosen = (draws & low_bits).astype(np.int64)
  # Places that are not owned go to the end of their row.
  chosen[~owned] = width
  chosen.sort(axis=1)
  return chosen, owned


def spans_mask(noise: Int64s, nonnoise: Int64s) -> Bools:
  """Interleaves runs, beginning with non-noise, into one flat mask.

  Args:
    noise: int64 [runs], the lengths of the noise runs of all examples.
    nonnoise: int64 [runs], the non-noise run before each of them.

  Returns:
    bool [sum(noise) + sum(nonnoise)], true at noise.

  >>> spans_mask(np.array([1, 2]), np.array([2, 1])).astype(int).tolist()
  [0, 0, 1, 0, 1, 1]
  """
  runs = np.stack([nonnoise, noise], axis=1).ravel()
  return np.repeat(np.arange(len(runs)) % 2 == 1, runs)


def roll(mask: Bools, offsets: Int64s, shifts: Int64s) -> Bools:
  """Rolls each example's mask to the right: result[(i + shift) % n] = mask[i].

  >>> mask = np.array([0, 0, 1, 0, 1]) > 0
  >>> roll(mask, np.array([0, 3, 5]), np.array([1, 0])).astype(int).tolist()
  [1, 0, 0, 0, 1]
  """
  lengths = np.diff(offsets)
  moved = position_in(offsets) - np.repeat(shifts, lengths)
  source = np.where(moved < 0, moved + np.repeat(lengths, lengths), moved)
  return mask[source + np.repeat(offsets[:-1], lengths)]
