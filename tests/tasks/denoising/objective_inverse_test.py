"""Segments of every length are restored exactly, and fit the features."""

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest
from support import objectives

from ul2_flan.tasks.denoising import (
  Denoiser,
  FeatureLengths,
  Objective,
  Segments,
  presets,
  restore,
)
from ul2_flan.tasks.denoising.lengths import corrupted_lengths
from ul2_flan.tasks.ragged import Ragged

DENOISERS = objectives.shipped_denoisers(rolled=True)
LENGTHS = [FeatureLengths(512, 512), FeatureLengths(512, 512, True)]
POLICIES = ['shorten', 'merge']


def restored(objective: Objective, segments: Segments) -> Ragged:
  inputs, targets = objective.denoise(segments)
  bare = objectives.without_modes(inputs, objective.mode_ids, segments.denoiser)
  return restore(bare, targets, objective.sentinels)


@pytest.mark.parametrize('mode_ids', [None, objectives.MODE_IDS])
@pytest.mark.parametrize('lengths', LENGTHS)
@pytest.mark.parametrize('denoiser', DENOISERS, ids=lambda d: d.name)
def test_every_length_comes_back_and_fits(
  denoiser: Denoiser,
  lengths: FeatureLengths,
  mode_ids: dict[str, tuple[int, ...]] | None,
):
  shortened, merged = (
    objectives.solved(
      [denoiser],
      lengths,
      mode_ids=mode_ids,
      sentinels=objectives.T5_SENTINELS,
      on_sentinel_overflow=policy,
    )
    for policy in POLICIES
  )
  check_every_length(shortened, lengths)
  # Where the sentinels suffice, there is nothing to choose.
  if merged.raw != shortened.raw:
    check_every_length(merged, lengths)


def check_every_length(objective: Objective, lengths: FeatureLengths) -> None:
  (denoiser,) = objective.denoisers
  (raw,), (mode,) = objective.raw, objective.mode_ids
  tokens = objectives.words(np.arange(2, raw.tokens + 1))
  segments = objectives.as_segments(tokens)
  assert objectives.lists(restored(objective, segments)) == objectives.lists(
    tokens
  )

  inputs, targets = objective.denoise(segments)
  sizes = [inputs.lengths + lengths.inputs_eos, targets.lengths + 1]
  sizes.append(sizes[0] + sizes[1])
  most = [lengths.inputs, lengths.targets, lengths.inputs + lengths.targets]
  for size, bound in list(zip(sizes, most, strict=True))[
    2 if lengths.decoder_only else 0 :
  ]:
    assert size.max() <= bound
  bounds = corrupted_lengths(
    denoiser, tokens.lengths, lengths, len(mode), raw.max_spans
  )
  for size, bound in zip(sizes, bounds, strict=True):
    assert (size <= bound).all()
  # The bounds are exact where only the places of spans are random.
  if denoiser.corruption == 'prefix':
    assert sizes[2].tolist() == bounds[2].tolist()
  elif not denoiser.random_roll:
    assert [size.tolist() for size in sizes] == [b.tolist() for b in bounds]
  else:
    assert (bounds[2] - sizes[2] <= 1).all()


@given(
  objectives.any_denoiser(),
  st.builds(
    FeatureLengths, st.integers(12, 99), st.integers(12, 99), st.booleans()
  ),
  st.lists(st.integers(0, 10**6), min_size=1, max_size=6),
  st.sampled_from(POLICIES),
  st.integers(4, 60),
)
def test_any_denoiser_is_inverted(
  denoiser: Denoiser,
  lengths: FeatureLengths,
  sizes: list[int],
  policy: str,
  sentinels: int,
):
  objective = objectives.solved(
    [denoiser],
    lengths,
    mode_ids=objectives.MODE_IDS,
    sentinels=objectives.Sentinels(32_000, sentinels),
    on_sentinel_overflow=policy,
  )
  longest = objective.raw[0].tokens
  tokens = objectives.words([longest, *(2 + n % (longest - 1) for n in sizes)])
  segments = objectives.as_segments(tokens)
  assert objectives.lists(restored(objective, segments)) == objectives.lists(
    tokens
  )


@pytest.mark.parametrize('preset', presets())
def test_denoisers_of_a_table_share_a_block(preset: str):
  objective = objectives.small(preset)
  documents = objectives.words(np.arange(200))
  segments = objective.cut(documents, objectives.keys_of(200))
  assert set(segments.denoiser.tolist()) == set(range(len(objective.raw)))
  back = restored(objective, segments)
  assert objectives.lists(back) == objectives.lists(segments.tokens)
