"""How many raw tokens fill a model's features once they are corrupted.

The mode token and EOS are counted in from the start: prepended later, as in the
UL2 paper's own code, they would push the last tokens out of the features.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from ul2_flan.tasks.denoising import noise_masks
from ul2_flan.tasks.denoising.denoiser import Denoiser
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.ragged import Int64s

MIN_RAW_TOKENS = 2  # one to see and one to predict


@dataclasses.dataclass(frozen=True, slots=True)
class FeatureLengths:
  """The model's feature lengths, in tokens, EOS included.

  Attributes:
    inputs: an encoder's length, or a decoder-only model's share for the prefix.
    targets: a decoder's length, or a decoder-only model's share for the rest.
    decoder_only: the two sides are one sequence: their sum is bounded, neither
      of them alone, and EOS ends the targets only.
  """

  inputs: int
  targets: int
  decoder_only: bool = False

  @property
  def inputs_eos(self) -> int:
    """Tokens that EOS takes in the inputs."""
    return 0 if self.decoder_only else 1


@dataclasses.dataclass(frozen=True, slots=True)
class SpanCounts:
  """Noise tokens and noise spans of segments: int64 [n] each."""

  noise_tokens: Int64s
  noise_spans: Int64s


def span_counts(
  length: Int64s,
  density: float | np.typing.NDArray[np.floating],
  mean_span: float | np.typing.NDArray[np.floating],
  max_spans: int | Int64s,
) -> SpanCounts:
  """T5's counts; spans are at most `max_spans` and at most the tokens."""
  noise = noise_masks.num_noise_tokens(length, density)
  count = noise_masks.num_noise_spans(noise, mean_span)
  # Every span, of noise or not, has a token; T5 leaves this case undefined.
  fewest = np.minimum(noise, length - noise)
  return SpanCounts(noise, np.minimum(np.minimum(count, fewest), max_spans))


def corrupted_lengths(
  denoiser: Denoiser,
  length: Int64s,
  lengths: FeatureLengths,
  mode_tokens: int,
  max_spans: int,
) -> tuple[Int64s, Int64s, Int64s]:
  """Upper bounds of inputs, targets and their sum, mode token and EOS included.

  Spans, for `length` raw tokens of which `noise` in `spans` spans:

      inputs  = mode_tokens + length - noise + spans + EOS
      targets = noise + spans + EOS

  and with `random_roll` one more on either side (not both), since a rotated
  span may be cut in two. A prefix LM's split is random; its sum is not.

  Args:
    denoiser: how segments are corrupted.
    length: int64 [n], raw tokens.
    lengths: tells where EOS goes.
    mode_tokens: ids of the mode token.
    max_spans: the most noise spans of a segment.
  """
  before = mode_tokens + lengths.inputs_eos
  if denoiser.corruption == 'prefix':
    shortest = noise_masks.min_prefix_tokens(length, denoiser.density)
    return length - 1 + before, length - shortest + 1, length + before + 1
  counts = span_counts(length, denoiser.density, denoiser.mean_span, max_spans)
  noise, runs = counts.noise_tokens, counts.noise_spans
  extra = int(denoiser.random_roll)
  return (
    length - noise + runs + extra + before,
    noise + runs + extra + 1,
    length + 2 * runs + extra + before + 1,
  )


@dataclasses.dataclass(frozen=True, slots=True)
class RawLength:
  """A solved denoiser.

  Attributes:
    tokens: raw tokens of a full segment.
    max_spans: the most noise spans that any of its segments gets.
    unlimited_tokens: what `tokens` would be with sentinels enough.
  """

  tokens: int
  max_spans: int
  unlimited_tokens: int


def solve(
  denoiser: Denoiser,
  lengths: FeatureLengths,
  mode_tokens: int,
  num_sentinels: int,
  on_sentinel_overflow: str,
) -> RawLength:
  """The largest raw length whose corrupted segment fits the features.

  All three bounds of `corrupted_lengths` rise with the raw length, so every
  shorter segment fits too. With sentinels enough and no mode token this is
  T5's `random_spans_helper` (568 tokens for 512 inputs at 3 and 0.15).

  Raises:
    UserError: not even two tokens fit, or the sentinels do not suffice and
      `on_sentinel_overflow` is 'refuse'.
  """
  where = f"denoiser '{denoiser.name}'"
  # Each raw token lies on one of the two sides.
  candidates = np.arange(MIN_RAW_TOKENS, lengths.inputs + lengths.targets + 1)
  budget = num_sentinels - int(denoiser.random_roll)

  def longest(max_spans: int, allowed: Int64s) -> int:
    inputs, targets, both = corrupted_lengths(
      denoiser, allowed, lengths, mode_tokens, max_spans
    )
    if lengths.decoder_only:
      fits = both <= lengths.inputs + lengths.targets
    else:
      fits = (inputs <= lengths.inputs) & (targets <= lengths.targets)
    return int(allowed[fits].max(initial=0))

  unlimited = longest(len(candidates), candidates)
  if not unlimited:
    raise UserError(
      f'{where}: no segment fits inputs of {lengths.inputs} and targets of '
      f'{lengths.targets} with {mode_tokens} ids of mode token and EOS. '
      'Give longer features.'
    )
  if denoiser.corruption == 'prefix':
    return RawLength(unlimited, 0, unlimited)

  def spans_of(length: Int64s) -> Int64s:
    return span_counts(
      length, denoiser.density, denoiser.mean_span, len(candidates)
    ).noise_spans

  needed = int(spans_of(np.array([unlimited]))[0])
  if needed <= budget:
    return RawLength(unlimited, needed, unlimited)
  if budget < 1:
    raise UserError(
      f'{where} needs sentinels and the vocabulary has {num_sentinels}. Give '
      'a vocabulary with sentinels, or --extra_ids.'
    )
  if on_sentinel_overflow == 'refuse':
    raise UserError(
      f'{where}: a segment of {unlimited} tokens has {needed} noise spans, and '
      f'the vocabulary has {num_sentinels} sentinels. Choose '
      '--on_sentinel_overflow shorten (shorter segments) or merge (fewer, '
      'longer spans), shorter features, or a vocabulary with more sentinels.'
    )
  if on_sentinel_overflow == 'merge':
    return RawLength(longest(budget, candidates), budget, unlimited)
  short_enough = candidates[spans_of(candidates) <= budget]
  return RawLength(longest(budget, short_enough), budget, unlimited)
