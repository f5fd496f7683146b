"""Which tokens are noise: T5's random spans, and the prefix of a prefix LM.

The counts are fixed by formulas; only where the spans lie is random. All
functions take a block of segments at once and draw from one stream each, so a
segment's mask is the same in any block.
"""

from __future__ import annotations

import numpy as np

from ul2_flan.tasks import seeding
from ul2_flan.tasks.ragged import (
  Bools,
  Int64s,
  UInt64s,
  offsets_of,
  position_in,
)


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

  A uniform subset of `num_segments - 1` of the `num_items - 1` places between
  two items become cuts: each of the C(num_items - 1, num_segments - 1)
  compositions is equally likely.

  Args:
    num_items: int64 [n], positive.
    num_segments: int64 [n], within [1, num_items].
    streams: uint64 [n].

  Returns:
    int64 [sum(num_segments)]: the runs' lengths, example after example; those
    of example `i` are positive and add up to `num_items[i]`.
  """
  places, cuts = num_items - 1, num_segments - 1
  # The fewer are drawn: the cuts, or the places that are none.
  inverse = 2 * cuts > places
  rows, chosen = _distinct_places(
    places, np.where(inverse, places - cuts, cuts), streams
  )
  if inverse.any():
    rows, chosen = _complement(places, inverse, rows, chosen)
  bounds = offsets_of(num_segments)
  # Ends of the runs; the last run of an example ends with its items.
  ends = np.empty(bounds[-1], np.int64)
  ends[bounds[1:] - 1] = num_items
  is_cut = np.ones(len(ends), np.bool_)
  is_cut[bounds[1:] - 1] = False
  ends[is_cut] = chosen + 1
  starts = np.empty_like(ends)
  starts[1:] = ends[:-1]
  starts[bounds[:-1]] = 0
  return ends - starts


# Rows and places of a block as one number: places in the low bits.
_PLACE_BITS = 32


def _distinct_places(
  places: Int64s, wanted: Int64s, streams: UInt64s
) -> tuple[Int64s, Int64s]:
  """Draws places with replacement until there are enough different ones.

  The first `wanted[i]` different values of a stream of uniform draws are a
  uniform subset of that size, since no value differs from another. As many are
  drawn at a time as are still missing, so there are never too many.

  Returns:
    rows and places, int64 [sum(wanted)] each, ascending.
  """
  missing = wanted
  drawn = np.zeros_like(wanted)
  found = np.zeros(0, np.int64)
  while missing.any():
    rows = np.repeat(np.arange(len(places)), missing)
    counter = position_in(offsets_of(missing)) + np.repeat(drawn, missing)
    bits = seeding.draw(streams[rows], counter)
    new = (rows << _PLACE_BITS) + seeding.below(bits, places[rows])
    drawn = drawn + missing
    # A stable sort merges: what was found before is in order already.
    found = np.concatenate([found, np.sort(new)])
    found.sort(kind='stable')
    again = found[1:] == found[:-1]
    repeated = found[1:][again] >> _PLACE_BITS
    missing = np.bincount(repeated, minlength=len(places))
    if len(repeated):
      found = np.concatenate([found[:1], found[1:][~again]])
  return found >> _PLACE_BITS, found & ((1 << _PLACE_BITS) - 1)


def _complement(
  places: Int64s, inverse: Bools, rows: Int64s, chosen: Int64s
) -> tuple[Int64s, Int64s]:
  """Exchanges chosen places for all others, in the rows at `inverse`."""
  offsets = offsets_of(places)
  taken = np.zeros(offsets[-1], np.bool_)
  taken[offsets[rows] + chosen] = True
  taken ^= np.repeat(inverse, places)
  index = np.flatnonzero(taken)
  rows = np.searchsorted(offsets, index, side='right') - 1
  return rows, index - offsets[rows]


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
