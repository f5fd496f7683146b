"""A raw length is the longest that fits with the sentinels at hand."""

from hypothesis import assume, given
from hypothesis import strategies as st
import numpy as np
import pytest
from support import objectives

from ul2_flan.tasks.denoising import Denoiser, FeatureLengths
from ul2_flan.tasks.denoising.lengths import (
  RawLength,
  corrupted_lengths,
  raw_length,
  span_counts,
)
from ul2_flan.tasks.errors import UserError

PLENTY = 10**5
POLICIES = ['refuse', 'shorten', 'merge']

features = st.builds(
  FeatureLengths, st.integers(8, 400), st.integers(8, 400), st.booleans()
)


def bounds(
  denoiser: Denoiser, tokens: int, lengths: FeatureLengths, mode: int, most: int
) -> list[int]:
  """Returns the bounds of inputs, targets and both for one segment."""
  bounds = corrupted_lengths(denoiser, np.array([tokens]), lengths, mode, most)
  return [int(bound[0]) for bound in bounds]


def fits(
  denoiser: Denoiser, tokens: int, lengths: FeatureLengths, mode: int, most: int
) -> bool:
  inputs, targets, both = bounds(denoiser, tokens, lengths, mode, most)
  if lengths.decoder_only:
    return both <= lengths.inputs + lengths.targets
  return inputs <= lengths.inputs and targets <= lengths.targets


def noise_spans(denoiser: Denoiser, tokens: int) -> int:
  _, spans = span_counts(
    np.array([tokens]), denoiser.density, denoiser.mean_span, PLENTY
  )
  return int(spans[0])


@pytest.mark.parametrize(
  ('density', 'lengths', 'expected'),
  [
    # A prefix of L - 1 tokens and EOS; a target of L - 1 or L/2, and EOS.
    (0.5, FeatureLengths(512, 512), 512),
    (0.25, FeatureLengths(512, 512), 512),
    (0.5, FeatureLengths(512, 100), 100),
    (0.25, FeatureLengths(512, 100), 197),
    (0.5, FeatureLengths(512, 512, decoder_only=True), 1023),
    (0.25, FeatureLengths(1024, 0, decoder_only=True), 1023),
  ],
)
def test_prefix_lms(density: float, lengths: FeatureLengths, expected: int):
  denoiser = objectives.prefix_denoiser(density)
  assert raw_length(denoiser, lengths, 0, 0, 'refuse').tokens == expected
  if lengths.decoder_only or lengths.targets == 512:
    assert raw_length(denoiser, lengths, 3, 0, 'refuse').tokens == expected - 3


@given(
  objectives.any_denoiser(), features, st.integers(0, 3), st.integers(1, 500)
)
def test_bounds_rise_with_the_raw_length(
  denoiser: Denoiser, lengths: FeatureLengths, mode: int, most: int
):
  for bound in corrupted_lengths(
    denoiser, np.arange(2, 2000), lengths, mode, most
  ):
    steps = np.diff(bound)
    assert steps.min() >= 0
    assert steps.max() <= 3


@given(
  objectives.any_denoiser(),
  features,
  st.integers(0, 3),
  st.integers(2, 150),
  st.sampled_from(POLICIES),
)
def test_a_solution_fits_and_one_token_more_does_not(
  denoiser: Denoiser,
  lengths: FeatureLengths,
  mode: int,
  sentinels: int,
  policy: str,
):
  try:
    raw = raw_length(denoiser, lengths, mode, sentinels, policy)
  except UserError:
    assume(False)
  # One sentinel is for the span that the roll may cut in two.
  budget = sentinels - denoiser.random_roll
  if denoiser.corruption == 'spans':
    assert 1 <= raw.max_spans <= budget
  for tokens in range(2, raw.tokens + 1):
    assert fits(denoiser, tokens, lengths, mode, raw.max_spans)
    if policy != 'merge' and denoiser.corruption == 'spans':
      # No spans were merged, so they have their mean length.
      assert noise_spans(denoiser, tokens) <= raw.max_spans
  if raw.tokens < raw.unlimited_tokens:
    assert policy == 'shorten'
    assert noise_spans(denoiser, raw.tokens + 1) > budget
  elif raw.tokens > raw.unlimited_tokens:
    assert policy == 'merge'
    assert not fits(denoiser, raw.tokens + 1, lengths, mode, budget)
  assert fits(denoiser, raw.unlimited_tokens, lengths, mode, PLENTY)
  assert not fits(denoiser, raw.unlimited_tokens + 1, lengths, mode, PLENTY)


@given(objectives.any_denoiser(), features, st.integers(0, 3))
def test_a_full_segment_fills_the_features(
  denoiser: Denoiser, lengths: FeatureLengths, mode: int
):
  try:
    raw = raw_length(denoiser, lengths, mode, PLENTY, 'refuse')
  except UserError:
    assume(False)
  most = max(raw.max_spans, 1)
  inputs, targets, both = bounds(denoiser, raw.tokens, lengths, mode, most)
  # One more token brings one more span at most: two ids on one side, three in
  # all. A prefix LM has no spans, so nothing is left over on its tighter side.
  spare = int(denoiser.corruption == 'spans')
  if lengths.decoder_only:
    assert 0 <= lengths.inputs + lengths.targets - both <= 2 * spare
  else:
    left = min(lengths.inputs - inputs, lengths.targets - targets)
    assert 0 <= left <= spare


@pytest.mark.parametrize(
  ('policy', 'roll', 'expected'),
  [
    # 301 noise tokens are 100 spans of 3, and 302 would be 101; with the roll,
    # a sentinel is kept for the span that it may cut in two.
    ('shorten', False, RawLength(602, 100, 766)),
    ('shorten', True, RawLength(597, 99, 765)),
    # 411 tokens to see, 100 sentinels and EOS.
    ('merge', False, RawLength(822, 100, 766)),
    ('merge', True, RawLength(822, 99, 765)),
  ],
)
def test_too_few_sentinels(policy: str, roll: bool, expected: RawLength):
  denoiser = objectives.spans_denoiser(0.5, 3, random_roll=roll)
  lengths = FeatureLengths(512, 512)
  assert raw_length(denoiser, lengths, 0, 100, policy) == expected


@pytest.mark.parametrize(
  ('lengths', 'sentinels', 'policy', 'message'),
  [
    (
      FeatureLengths(512, 512),
      100,
      'refuse',
      "denoiser 'd': a segment of 766 tokens has 128 noise spans, and the "
      'vocabulary has 100 sentinels. Choose --on_sentinel_overflow shorten',
    ),
    (FeatureLengths(512, 512), 0, 'merge', 'the vocabulary has 0. Give a'),
    (FeatureLengths(512, 512), 0, 'shorten', 'or --extra_ids'),
    (FeatureLengths(2, 512), 100, 'merge', 'no segment fits inputs of 2'),
    (FeatureLengths(512, 2), 100, 'merge', 'or --targets_length'),
  ],
)
def test_refusals_name_the_remedy(
  lengths: FeatureLengths, sentinels: int, policy: str, message: str
):
  with pytest.raises(UserError) as error:
    raw_length(objectives.spans_denoiser(0.5, 3), lengths, 0, sentinels, policy)
  assert message in str(error.value)


def test_as_many_sentinels_as_spans_are_enough():
  denoiser = objectives.spans_denoiser(0.5, 3)
  lengths = FeatureLengths(512, 512)
  assert raw_length(denoiser, lengths, 0, 128, 'refuse').tokens == 766
  with pytest.raises(UserError, match='128 noise spans'):
    raw_length(denoiser, lengths, 0, 127, 'refuse')
