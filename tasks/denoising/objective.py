"""A table of denoisers, solved for one vocabulary and one pair of lengths.

`cut` divides documents into segments and draws a denoiser for each; `denoise`
turns segments into examples. Both work on a block at once, and both depend on
the seed and the records' keys alone, not on how records are grouped.
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
from ul2_flan.tasks.denoising.sentinels import Sentinels, corrupt
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.ragged import (
  Int64s,
  Ragged,
  UInt64s,
  offsets_of,
  position_in,
)


@dataclasses.dataclass(frozen=True, slots=True)
class Segments:
  """Pieces of documents, each with the denoiser that it will go through.

  Attributes:
    tokens: n segments, in the order of the documents and within them.
    denoiser: int64 [n], indices into `Objective.denoisers`.
    keys: uint64 [n], what their random numbers depend on.
    document: int64 [n], the index of the document that each comes from.
  """

  tokens: Ragged
  denoiser: Int64s
  keys: UInt64s
  document: Int64s

  def slice(self, start: int, stop: int) -> Segments:
    """The segments `start <= i < stop`."""
    return Segments(
      self.tokens.slice(start, stop),
      self.denoiser[start:stop],
      self.keys[start:stop],
      self.document[start:stop],
    )


@dataclasses.dataclass(frozen=True)
class Objective:
  """Denoisers whose raw lengths are solved; made by `solve`.

  Attributes:
    denoisers: the table's, whose rates add up to 1.
    raw: the solved length of each denoiser.
    mode_ids: token ids of each denoiser's mode token.
    sentinels: the vocabulary's.
    seed: of the run.
    min_tokens: shorter documents and remainders give no segment.
  """

  denoisers: tuple[Denoiser, ...]
  raw: tuple[RawLength, ...]
  mode_ids: tuple[tuple[int, ...], ...]
  sentinels: Sentinels
  seed: int
  min_tokens: int

  def cut(self, documents: Ragged, keys: UInt64s) -> Segments:
    """Cuts documents so that every token is in one segment or a remainder.

    From a document's start, a denoiser is drawn by rate and takes its raw
    length, or what is left. What is left but shorter than `min_tokens` is the
    document's remainder and in no segment.

    Args:
      documents: n documents.
      keys: uint64 [n].
    """
    full = np.array([r.tokens for r in self.raw])
    length = documents.lengths
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
    chosen = sizes >= self.min_tokens
    document, denoiser = document[chosen], denoiser[chosen]
    sizes, index = sizes[chosen], index[chosen]
    return Segments(
      _without_remainders(documents, document, sizes),
      denoiser,
      seeding.child_keys(keys[document], index),
      document,
    )

  def denoise(self, segments: Segments) -> tuple[Ragged, Ragged]:
    """Corrupts each segment by its denoiser.

    Returns:
      inputs, with the mode token in front, and targets; neither has EOS, which
      the reader appends, as seqio has it.
    """
    tokens, which = segments.tokens, segments.denoiser
    length = tokens.lengths
    is_prefix = np.array([d.corruption == 'prefix' for d in self.denoisers])
    density = np.array([d.density for d in self.denoisers])
    mean_span = np.array([d.mean_span or 1.0 for d in self.denoisers])
    max_spans = np.array([max(r.max_spans, 1) for r in self.raw])
    counts = lengths_lib.span_counts(
      length, density[which], mean_span[which], max_spans[which]
    )
    noise_tokens, runs = counts.noise_tokens, counts.noise_spans
    prefixes = np.flatnonzero(is_prefix[which])
    if len(prefixes):
      prefix_tokens = noise_masks.random_prefix(
        length[prefixes],
        density[which[prefixes]],
        seeding.stream(self.seed, 'prefix', segments.keys[prefixes]),
      )
      noise_tokens[prefixes] = length[prefixes] - prefix_tokens
      runs[prefixes] = 1
    # Both kinds of run at once: half as many calls for the same numbers.
    lengths = noise_masks.random_segmentation(
      np.concatenate([noise_tokens, length - noise_tokens]),
      np.concatenate([runs, runs]),
      np.concatenate(
        [
          seeding.stream(self.seed, purpose, segments.keys)
          for purpose in ('noise', 'non-noise')
        ]
      ),
    )
    half = len(lengths) // 2
    mask = noise_masks.spans_mask(noise=lengths[:half], nonnoise=lengths[half:])
    rolls = np.array([d.random_roll for d in self.denoisers])[which]
    if rolls.any():
      bits = seeding.draw(seeding.stream(self.seed, 'roll', segments.keys), 0)
      shifts = np.where(rolls, seeding.below(bits, length), 0)
      mask = noise_masks.roll(mask, tokens.offsets, shifts)
    inputs, targets = corrupt(tokens, mask, ~is_prefix[which], self.sentinels)
    return prepend(inputs, self.mode_ids, which), targets


def solve(
  table: DenoiserTable,
  lengths: FeatureLengths,
  mode_ids: Sequence[tuple[int, ...]],
  sentinels: Sentinels,
  seed: int,
  min_tokens: int,
) -> Objective:
  """Solves every denoiser of a table.

  Raises:
    UserError: a denoiser cannot fill the features, or not with so few
      sentinels; or `min_tokens` is more than a full segment.
  """
  raw = tuple(
    lengths_lib.solve(
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


def prepend(
  inputs: Ragged, mode_ids: Sequence[tuple[int, ...]], which: Int64s
) -> Ragged:
  """Puts `mode_ids[which[i]]` in front of sequence `i`.

  >>> prepend(Ragged.of([[7], [8, 9]]), [(1, 2), ()], np.array([0, 1])).values
  array([1, 2, 7, 8, 9], dtype=int32)
  """
  modes = Ragged.of(list(mode_ids))
  added = modes.lengths[which]
  if not added.any():
    return inputs
  offsets = offsets_of(inputs.lengths + added)
  values = np.empty(offsets[-1], np.int32)
  is_text = np.ones(len(values), np.bool_)
  place = position_in(offsets_of(added))
  slots = np.repeat(offsets[:-1], added) + place
  is_text[slots] = False
  values[slots] = modes.values[np.repeat(modes.offsets[which], added) + place]
  values[is_text] = inputs.values
  return Ragged(values, offsets)


def _without_remainders(
  documents: Ragged, document: Int64s, sizes: Int64s
) -> Ragged:
  """The segments' tokens: of each document a stretch from its start."""
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
