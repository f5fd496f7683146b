"""Noise masks: T5's random spans, and the split of a prefix LM.

A noise mask marks the tokens of a segment that the model must predict. Formulas
fix how many noise tokens and noise spans it has; only where the spans lie is
random. With N noise tokens in S spans, and M other tokens, a mask is

    text_1 noise_1 text_2 noise_2 ... text_S noise_S

where (|noise_1|, ..., |noise_S|) is a uniformly random composition of N, and
(|text_1|, ..., |text_S|) one of M. So all C(N - 1, S - 1) C(M - 1, S - 1) masks
that begin with text and end with noise are equally likely. This is the
distribution of T5's `random_spans_noise_mask` (arXiv 1910.10683, section 3.3.4)
and of the code in UL2's appendix 9.2.

All functions take a block of segments. Each segment draws from a stream of its
own, so it gets the same mask in any block.
"""

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
  """Counts noise tokens: round(length * density), within [1, length - 1].

  The product is a float32 and halves go to the even neighbour, as in T5's
  `random_spans_noise_mask`, so the counts equal T5's at every length.

  Args:
    length: int64 [n], at least 2 each.
    density: float, or float [n].

  Returns:
    int64 [n].

  >>> num_noise_tokens(np.array([2, 10, 568]), 0.15).tolist()
  [1, 2, 85]
  """
  product = np.asarray(length, np.float32) * np.asarray(density, np.float32)
  return np.clip(np.rint(product).astype(np.int64), 1, length - 1)


def num_noise_spans(
  noise_tokens: Int64s, mean_span: float | np.typing.NDArray[np.floating]
) -> Int64s:
  """Counts noise spans: round(noise_tokens / mean_span), at least 1.

  In float32, halves to the even neighbour, as in T5.

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
  """Returns the shortest prefix that a prefix LM may have.

  round((1 - 2 density) (length - 1)), within [1, length - 1], as in T5's
  `random_prefix_noise_mask`. A prefix uniform between this and length - 1 gives
  targets of density * length tokens on average: with a density of 0.25 they are
  uniform on about [1, length / 2], which is the S-denoiser of UL2's Table 1
  (mean L/4); with 0.5 the split point is uniform, as in U-PaLM (section 2.3).

  Args:
    length: int64 [n], at least 2 each.
    density: float or float [n], within (0, 0.5].

  Returns:
    int64 [n].

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
  """Draws prefix lengths, uniform on [min_prefix_tokens, length - 1].

  Args:
    length: int64 [n], at least 2 each.
    density: float [n], within (0, 0.5].
    streams: uint64 [n]; each gives one number.

  Returns:
    int64 [n].

  >>> streams = seeding.stream(0, 'prefix', np.arange(3, dtype=np.uint64))
  >>> lengths = random_prefix(np.full(3, 512), np.full(3, 0.25), streams)
  >>> bool((256 <= lengths).all() and (lengths <= 511).all())
  True
  """
  shortest = min_prefix_tokens(length, density)
  return shortest + seeding.below(seeding.draw(streams, 0), length - shortest)


def random_segmentation(
  num_items: Int64s, num_segments: Int64s, streams: UInt64s
) -> Int64s:
  """Draws compositions: divides items into non-empty runs.

  A uniform subset of `num_segments - 1` of the `num_items - 1` places between
  two items become cuts, so each of the C(num_items - 1, num_segments - 1)
  compositions is equally likely.

  Args:
    num_items: int64 [n], positive.
    num_segments: int64 [n], within [1, num_items].
    streams: uint64 [n].

  Returns:
    int64 [sum(num_segments)]: the runs' lengths, example after example; those
    of example `i` are positive and add up to `num_items[i]`.

  >>> streams = seeding.stream(0, 'noise', np.arange(2, dtype=np.uint64))
  >>> runs = random_segmentation(np.array([9, 4]), np.array([3, 1]), streams)
  >>> int(runs[:3].sum()), int(runs[3])
  (9, 4)
  """
  places, cuts = num_items - 1, num_segments - 1
  # Draw the smaller set, of the cuts or of the other places: distinct draws get
  # rare, and rounds many, as the set comes near to all places.
  inverse = 2 * cuts > places
  rows, chosen = _distinct_places(
    places, np.where(inverse, places - cuts, cuts), streams
  )
  if inverse.any():
    rows, chosen = _complement(places, inverse, rows, chosen)
  bounds = offsets_of(num_segments)
  # A cut ends a run; the last run of an example ends with its items.
  ends = np.empty(bounds[-1], np.int64)
  ends[bounds[1:] - 1] = num_items
  is_cut = np.ones(len(ends), np.bool_)
  is_cut[bounds[1:] - 1] = False
  ends[is_cut] = chosen + 1
  starts = np.empty_like(ends)
  starts[1:] = ends[:-1]
  starts[bounds[:-1]] = 0
  return ends - starts


# A row of the block and a place in it are sorted as one int64: the row in the
# high bits, the place in this many low ones.
_PLACE_BITS = 32


def _distinct_places(
  places: Int64s, wanted: Int64s, streams: UInt64s
) -> tuple[Int64s, Int64s]:
  """Draws a uniform subset of each row's places.

  Draws with replacement until there are enough different places: the first k
  different values of uniform draws form a uniform subset of size k, since all
  values are alike. Each round draws as many as are still missing, so it never
  has too many. As no more than half of the places are wanted, a draw is new
  with a chance of at least a half, and the rounds are about log2(sum(wanted)).

  Args:
    places: int64 [n], how many places there are.
    wanted: int64 [n], how many to draw, at most half of `places`.
    streams: uint64 [n].

  Returns:
    rows and places, int64 [sum(wanted)] each, ascending.
  """
  missing = wanted
  drawn = np.zeros_like(wanted)
  # What each round gave, ascending.
  parts = [np.zeros(0, np.int64)]
  while missing.any():
    rows = np.repeat(np.arange(len(places)), missing)
    counter = np.repeat(drawn - offsets_of(missing)[:-1], missing)
    counter += np.arange(len(counter))
    bits = seeding.draw(streams.take(rows), counter)
    new = np.sort(
      (rows << _PLACE_BITS) + seeding.below(bits, places.take(rows))
    )
    drawn = drawn + missing
    is_again = np.zeros(len(new), np.bool_)
    is_again[1:] = new[1:] == new[:-1]
    for part in filter(len, parts):
      is_again |= part.take(part.searchsorted(new), mode='clip') == new
    repeated = new.take(np.flatnonzero(is_again)) >> _PLACE_BITS
    missing = np.bincount(repeated, minlength=len(places))
    parts.append(new.take(np.flatnonzero(~is_again)))
  # NumPy's stable sort merges sorted runs in linear time.
  chosen = np.concatenate(parts)
  chosen.sort(kind='stable')
  return chosen >> _PLACE_BITS, chosen & ((1 << _PLACE_BITS) - 1)


def _complement(
  places: Int64s, inverse: Bools, rows: Int64s, chosen: Int64s
) -> tuple[Int64s, Int64s]:
  """Replaces the chosen places by all others, in the rows where `inverse`."""
  offsets = offsets_of(places)
  taken = np.zeros(offsets[-1], np.bool_)
  taken[offsets[rows] + chosen] = True
  taken ^= np.repeat(inverse, places)
  index = np.flatnonzero(taken)
  rows = np.searchsorted(offsets, index, side='right') - 1
  return rows, index - offsets[rows]


def spans_mask(noise: Int64s, nonnoise: Int64s) -> Bools:
  """Interleaves runs of text and of noise, text first, into one flat mask.

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
