"""The objective: a table of denoisers, solved for a vocabulary and lengths.

`Objective.cut` divides documents into segments and draws a denoiser for each;
`Objective.denoise` turns segments into examples. Both work on a block at once.
What they give depends on the seed and on each document's key alone, never on
which documents share a block, so a run gives the same bytes however it is
divided among workers.
"""

from __future__ import annotations

from collections.abc import Sequence
import dataclasses

import numpy as np

from ul2_flan.tasks import seeding
from ul2_flan.tasks.denoising import lengths as lengths_lib
from ul2_flan.tasks.denoising import noise_masks
from ul2_flan.tasks.denoising.denoiser import Denoiser, DenoiserTable
from ul2_flan.tasks.denoising.lengths import FeatureLengths, RawLength
from ul2_flan.tasks.denoising.mode_tokens import prepend
from ul2_flan.tasks.denoising.sentinels import Sentinels, corrupt
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.ragged import (
  Bools,
  Int64s,
  Ragged,
  UInt64s,
  offsets_of,
  position_in,
)


@dataclasses.dataclass(frozen=True, slots=True)
class Segments:
  """Stretches of documents, each with the denoiser that will corrupt it.

  Attributes:
    tokens: n segments, in the order in which they stand in the documents.
    denoiser: int64 [n], indices into `Objective.denoisers`.
    keys: uint64 [n], one for each segment; its random numbers depend on it.
    document: int64 [n], the index of the document that each comes from.
    start: int64 [n], the place of its first token in that document.
  """

  tokens: Ragged
  denoiser: Int64s
  keys: UInt64s
  document: Int64s
  start: Int64s

  def slice(self, start: int, stop: int) -> Segments:
    """The segments `start <= i < stop`."""
    return Segments(
      self.tokens.slice(start, stop),
      self.denoiser[start:stop],
      self.keys[start:stop],
      self.document[start:stop],
      self.start[start:stop],
    )


@dataclasses.dataclass(frozen=True)
class Objective:
  """Denoisers with their raw lengths; made by `solve`.

  Attributes:
    denoisers: the table's; their rates add up to 1.
    raw: the raw length of each denoiser.
    mode_ids: the token ids of each denoiser's mode token.
    sentinels: the vocabulary's.
    seed: of the run.
    min_tokens: documents and remainders with fewer tokens give no segment.

  >>> from ul2_flan.tasks import denoising
  >>> objective = denoising.solve(
  ...   denoising.load_preset('span_corruption'),
  ...   denoising.FeatureLengths(16, 16),
  ...   mode_ids=[(7,)],
  ...   sentinels=denoising.Sentinels(99, 10),
  ...   seed=0,
  ...   min_tokens=2,
  ... )
  >>> documents = Ragged.of([range(10, 50)])  # one of 40 tokens
  >>> segments = objective.cut(documents, np.array([1], np.uint64))
  >>> segments.tokens.lengths.tolist()
  [15, 15, 10]
  >>> inputs, targets = objective.denoise(segments)
  >>> inputs[2].tolist(), targets[2].tolist()
  ([7, 40, 41, 42, 43, 44, 45, 46, 47, 99], [99, 48, 49])
  """

  denoisers: tuple[Denoiser, ...]
  raw: tuple[RawLength, ...]
  mode_ids: tuple[tuple[int, ...], ...]
  sentinels: Sentinels
  seed: int
  min_tokens: int

  def cut(
    self, documents: Ragged, keys: UInt64s, shifted: bool = False
  ) -> Segments:
    """Cuts documents so that every token is in one segment or a remainder.

    From a document's start on, `cut` draws a denoiser by rate, gives it the
    next `raw` tokens or what is left, and goes on. If fewer than `min_tokens`
    are left, they are the document's remainder and in no segment.

    Args:
      documents: n documents, as token ids.
      keys: uint64 [n], one for each document.
      shifted: whether to cut as if tokens that are not there stood before each
        document, so that a second pass over it has other cuts. Their number is
        uniform on what leaves the first segment `min_tokens`, if possible.
    """
    full = np.array([r.tokens for r in self.raw])
    absent = np.zeros(len(documents), np.int64)
    if shifted:
      bits = seeding.draw(seeding.stream(self.seed, 'shift', keys), 0)
      absent = seeding.below(bits, full.min() - self.min_tokens + 1)
    length = documents.lengths + absent
    # Draw as many denoisers as the shortest could fill; those that would begin
    # behind the document's end are left out below.
    most = -(-length // full.min())
    offsets = offsets_of(most)
    document = np.repeat(np.arange(len(documents)), most)
    index = position_in(offsets)
    streams = seeding.stream(self.seed, 'denoiser', keys)
    drawn = seeding.unit(seeding.draw(streams[document], index))
    bounds = np.cumsum([d.rate for d in self.denoisers])[:-1]
    denoiser = np.searchsorted(bounds, drawn, side='right')
    ends = np.cumsum(full[denoiser])
    before = np.concatenate([[0], ends])[offsets[:-1]]
    starts = ends - full[denoiser] - before[document]
    sizes = np.minimum(full[denoiser], length[document] - starts)
    if shifted:
      starts = starts - absent[document]
      sizes, starts = sizes + np.minimum(starts, 0), np.maximum(starts, 0)
    chosen = sizes >= self.min_tokens
    document, denoiser = document[chosen], denoiser[chosen]
    sizes, index, starts = sizes[chosen], index[chosen], starts[chosen]
    return Segments(
      _without_remainders(documents, document, sizes),
      denoiser,
      seeding.child_keys(keys[document], index),
      document,
      starts,
    )

  def denoise(self, segments: Segments) -> tuple[Ragged, Ragged]:
    """Corrupts each segment by its denoiser.

    Returns:
      n inputs, with the mode token in front, and n targets. Neither has EOS:
      the reader appends it, as with all of seqio's cached tasks.
    """
    which = segments.denoiser
    corruption = np.array([d.corruption for d in self.denoisers])[which]
    counts = self._span_counts(segments, np.flatnonzero(corruption == 'prefix'))
    mask = self._noise_mask(segments, *counts)
    is_causal = corruption == 'causal'
    if is_causal.any():
      mask |= np.repeat(is_causal, segments.tokens.lengths)
    inputs, targets = corrupt(
      segments.tokens, mask, corruption == 'spans', self.sentinels
    )
    return prepend(inputs, self.mode_ids, which), targets

  def _span_counts(
    self, segments: Segments, prefixes: Int64s
  ) -> tuple[Int64s, Int64s]:
    """Counts the noise of each segment; for those of prefix LMs, draws it.

    Args:
      segments: n of them.
      prefixes: int64, ascending, the segments that go through a prefix LM.

    Returns:
      noise tokens and noise spans, int64 [n] each.
    """
    which, length = segments.denoiser, segments.tokens.lengths
    density = np.array([d.density for d in self.denoisers])
    mean_span = np.array([d.mean_span or 1.0 for d in self.denoisers])
    max_spans = np.array([max(r.max_spans, 1) for r in self.raw])
    noise, spans = lengths_lib.span_counts(
      length, density[which], mean_span[which], max_spans[which]
    )
    if len(prefixes):
      # A prefix LM's mask is one noise span at the end: all that is random
      # about it is where the prefix ends.
      prefix_tokens = noise_masks.random_prefix(
        length[prefixes],
        density[which[prefixes]],
        seeding.stream(self.seed, 'prefix', segments.keys[prefixes]),
      )
      noise[prefixes] = length[prefixes] - prefix_tokens
      spans[prefixes] = 1
    return noise, spans

  def _noise_mask(
    self, segments: Segments, noise: Int64s, spans: Int64s
  ) -> Bools:
    """Draws the noise masks of n segments.

    Args:
      segments: n of them.
      noise: int64 [n], the noise tokens of each.
      spans: int64 [n], its noise spans.

    Returns:
      bool [total tokens], true at noise.
    """
    tokens, keys = segments.tokens, segments.keys
    purposes = ('noise', 'non-noise')
    streams = [seeding.stream(self.seed, purpose, keys) for purpose in purposes]
    # Both kinds of run at once: half as many calls for the same numbers.
    runs = noise_masks.random_segmentation(
      np.concatenate([noise, tokens.lengths - noise]),
      np.concatenate([spans, spans]),
      np.concatenate(streams),
    )
    half = len(runs) // 2
    mask = noise_masks.spans_mask(noise=runs[:half], nonnoise=runs[half:])
    rolls = np.array([d.random_roll for d in self.denoisers])
    is_rolled = rolls[segments.denoiser]
    if not is_rolled.any():
      return mask
    bits = seeding.draw(seeding.stream(self.seed, 'roll', keys), 0)
    shifts = np.where(is_rolled, seeding.below(bits, tokens.lengths), 0)
    return noise_masks.roll(mask, tokens.offsets, shifts)


def solve(
  table: DenoiserTable,
  lengths: FeatureLengths,
  mode_ids: Sequence[tuple[int, ...]],
  sentinels: Sentinels,
  seed: int,
  min_tokens: int,
) -> Objective:
  """Finds the raw length of every denoiser of a table.

  Args:
    table: the denoisers.
    lengths: the model's features, which full segments fill.
    mode_ids: the token ids of each denoiser's mode token, in the table's order.
    sentinels: the vocabulary's.
    seed: of the run.
    min_tokens: documents and remainders with fewer tokens give no segment.

  Raises:
    UserError: a denoiser cannot fill the features, or not with so few
      sentinels; or `min_tokens` is more than a full segment.
  """
  raw = tuple(
    lengths_lib.raw_length(
      d, lengths, len(ids), sentinels.count, table.on_sentinel_overflow
    )
    for d, ids in zip(table.denoisers, mode_ids, strict=True)
  )
  if not lengths_lib.MIN_RAW_TOKENS <= min_tokens <= min(r.tokens for r in raw):
    raise UserError(
      f'--min_tokens is {min_tokens}: it must be at least '
      f'{lengths_lib.MIN_RAW_TOKENS} and at most the shortest full segment, '
      f'{min(r.tokens for r in raw)}'
    )
  return Objective(
    table.denoisers, raw, tuple(mode_ids), sentinels, seed, min_tokens
  )


def _without_remainders(
  documents: Ragged, document: Int64s, sizes: Int64s
) -> Ragged:
  """Returns the segments' tokens: each document's, without its remainder.

  Args:
    documents: n documents.
    document: int64 [segments], the document of each.
    sizes: int64 [segments], tokens of each.
  """
  used = np.bincount(document, weights=sizes, minlength=len(documents))
  used = used.astype(np.int64)
  offsets = offsets_of(sizes)
  if offsets[-1] == documents.offsets[-1]:
    return Ragged(documents.values, offsets)
  pieces = [
    documents.values[start : start + count]
    for start, count in zip(
      documents.offsets[:-1].tolist(), used.tolist(), strict=True
    )
  ]
  return Ragged(np.concatenate(pieces), offsets)
