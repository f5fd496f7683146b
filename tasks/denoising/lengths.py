"""How many raw tokens fill a model's features once they are corrupted.

Corruption changes a segment's length: each noise span leaves the inputs and a
sentinel takes its place. A raw length is right if the corrupted segment, with
its mode token and EOS, just fits. (The code in the UL2 paper, appendix 9.2,
fills the features first and prepends the mode token later, which pushes the
last tokens out.)
"""

import dataclasses

import numpy as np

from ul2_flan.tasks.denoising import noise_masks
from ul2_flan.tasks.denoising.denoiser import Denoiser
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.ragged import Bools, Int64s

MIN_RAW_TOKENS = 2  # one to see and one to predict


@dataclasses.dataclass(frozen=True, slots=True)
class FeatureLengths:
  """The model's feature lengths, in tokens, EOS included.

  Attributes:
    inputs: an encoder's length, or a decoder-only model's share for the prefix.
    targets: a decoder's length, or a decoder-only model's share for the rest.
    decoder_only: whether both sides form one sequence. Then only the sum of
      their lengths is bounded, and EOS ends the targets alone.
  """

  inputs: int
  targets: int
  decoder_only: bool = False

  @property
  def inputs_eos(self) -> int:
    """Tokens that EOS takes in the inputs: 0 or 1."""
    return 0 if self.decoder_only else 1


def span_counts(
  length: Int64s,
  density: float | np.typing.NDArray[np.floating],
  mean_span: float | np.typing.NDArray[np.floating],
  max_spans: int | Int64s,
) -> tuple[Int64s, Int64s]:
  """Counts noise tokens and noise spans of segments, as T5 does.

  For a segment of L tokens with density r and mean span mu:

      noise = clip(round(L r), 1, L - 1)
      spans = min(max(round(noise / mu), 1), noise, L - noise, max_spans)

  The two bounds by tokens are ours: each span of noise, and each of text before
  one, has at least one token. T5 leaves that case undefined.

  Args:
    length: int64 [n], tokens of the segments, at least 2 each.
    density: float, or float [n].
    mean_span: float, or float [n].
    max_spans: int, or int64 [n].

  Returns:
    noise tokens and noise spans, int64 [n] each.

  >>> span_counts(np.array([568, 2]), 0.15, 3.0, max_spans=100)
  (array([85,  1]), array([28,  1]))
  """
  noise = noise_masks.num_noise_tokens(length, density)
  spans = noise_masks.num_noise_spans(noise, mean_span)
  fewest = np.minimum(noise, length - noise)
  return noise, np.minimum(np.minimum(spans, fewest), max_spans)


def corrupted_lengths(
  denoiser: Denoiser,
  length: Int64s,
  lengths: FeatureLengths,
  mode_tokens: int,
  max_spans: int,
) -> tuple[Int64s, Int64s, Int64s]:
  """Bounds the tokens of inputs, of targets and of both, EOS included.

  For spans, with the counts of `span_counts` for L raw tokens:

      inputs  = mode_tokens + L - noise + spans + EOS
      targets = noise + spans + EOS

  These are exact, unless `random_roll` cuts a span in two, which costs one
  token more on one of the sides. For a prefix LM of L raw tokens, whose prefix
  is at least `noise_masks.min_prefix_tokens` and at most L - 1 long:

      inputs  <= mode_tokens + L - 1 + EOS
      targets <= L - min_prefix_tokens + EOS
      both     = mode_tokens + L + EOS of each side

  A causal LM has all L tokens in its targets, and nothing in its inputs.

  Args:
    denoiser: how segments are corrupted.
    length: int64 [n], raw tokens.
    lengths: tells where EOS goes.
    mode_tokens: ids of the mode token.
    max_spans: the most noise spans of a segment.

  Returns:
    int64 [n] each; all three rise with `length`.

  >>> r = Denoiser('r', 'R', 'spans', density=0.15, rate=1, mean_span=3)
  >>> corrupted_lengths(r, np.array([568]), FeatureLengths(512, 512), 0, 100)
  (array([512]), array([114]), array([626]))
  """
  before = mode_tokens + lengths.inputs_eos
  if denoiser.corruption == 'causal':
    return np.full_like(length, before), length + 1, length + before + 1
  if denoiser.corruption == 'prefix':
    shortest = noise_masks.min_prefix_tokens(length, denoiser.density)
    return length - 1 + before, length - shortest + 1, length + before + 1
  noise, spans = span_counts(
    length, denoiser.density, denoiser.mean_span, max_spans
  )
  extra = int(denoiser.random_roll)
  return (
    length - noise + spans + extra + before,
    noise + spans + extra + 1,
    length + 2 * spans + extra + before + 1,
  )


@dataclasses.dataclass(frozen=True, slots=True)
class RawLength:
  """The length of a denoiser's segments before they are corrupted.

  Attributes:
    tokens: raw tokens of a full segment.
    max_spans: the most noise spans that any of its segments gets.
    unlimited_tokens: what `tokens` would be with sentinels enough.
  """

  tokens: int
  max_spans: int
  unlimited_tokens: int


def raw_length(
  denoiser: Denoiser,
  lengths: FeatureLengths,
  mode_tokens: int,
  num_sentinels: int,
  on_sentinel_overflow: str,
) -> RawLength:
  """Finds the largest raw length whose corrupted segment fits the features.

  All bounds of `corrupted_lengths` rise with the raw length, so every shorter
  segment fits too. With sentinels enough and no mode token this is the result
  of T5's `random_spans_helper`, to within a token: T5 rounds doubles there, and
  float32 in its masks.

  Args:
    denoiser: how segments are corrupted.
    lengths: the features to fill.
    mode_tokens: ids of the mode token.
    num_sentinels: how many the vocabulary has.
    on_sentinel_overflow: see `DenoiserTable`.

  Raises:
    UserError: not even two tokens fit, or the sentinels do not suffice and
      `on_sentinel_overflow` is 'refuse'.

  >>> r = Denoiser('r', 'R', 'spans', density=0.15, rate=1, mean_span=3)
  >>> raw_length(r, FeatureLengths(512, 512), 0, 100, 'refuse')
  RawLength(tokens=568, max_spans=28, unlimited_tokens=568)
  """
  # Each raw token lies on one of the two sides, so no more can ever fit.
  candidates = np.arange(MIN_RAW_TOKENS, lengths.inputs + lengths.targets + 1)

  def longest(max_spans: int, allowed: Int64s) -> int:
    sizes = corrupted_lengths(
      denoiser, allowed, lengths, mode_tokens, max_spans
    )
    return int(allowed[_fits(lengths, *sizes)].max(initial=0))

  unlimited = longest(len(candidates), candidates)
  if not unlimited:
    raise UserError(
      f"denoiser '{denoiser.name}': no segment fits inputs of {lengths.inputs} "
      f'and targets of {lengths.targets} with {mode_tokens} ids of mode token '
      'and EOS. Give a larger --inputs_length or --targets_length.'
    )
  if denoiser.corruption != 'spans':
    return RawLength(unlimited, 0, unlimited)
  _, spans = span_counts(
    candidates, denoiser.density, denoiser.mean_span, len(candidates)
  )
  needed = int(spans[unlimited - MIN_RAW_TOKENS])
  # A span that the roll cuts in two needs one sentinel more.
  budget = num_sentinels - int(denoiser.random_roll)
  if needed <= budget:
    return RawLength(unlimited, needed, unlimited)
  if budget < 1 or on_sentinel_overflow == 'refuse':
    raise _too_few_sentinels(denoiser, unlimited, needed, budget, num_sentinels)
  if on_sentinel_overflow == 'shorten':
    candidates = candidates[spans <= budget]
  return RawLength(longest(budget, candidates), budget, unlimited)


def _fits(
  lengths: FeatureLengths, inputs: Int64s, targets: Int64s, both: Int64s
) -> Bools:
  """Tells which of the corrupted lengths fit the features: bool [n]."""
  if lengths.decoder_only:
    return both <= lengths.inputs + lengths.targets
  return (inputs <= lengths.inputs) & (targets <= lengths.targets)


def _too_few_sentinels(
  denoiser: Denoiser, tokens: int, spans: int, budget: int, num_sentinels: int
) -> UserError:
  """The error for a segment with more noise spans than there are sentinels."""
  where = f"denoiser '{denoiser.name}'"
  if budget < 1:
    return UserError(
      f'{where} needs sentinels and the vocabulary has {num_sentinels}. Give '
      'a vocabulary with sentinels, or --extra_ids.'
    )
  return UserError(
    f'{where}: a segment of {tokens} tokens has {spans} noise spans, and '
    f'the vocabulary has {num_sentinels} sentinels. Choose '
    '--on_sentinel_overflow shorten (shorter segments) or merge (fewer, '
    'longer spans), shorter features, or a vocabulary with more sentinels.'
  )
