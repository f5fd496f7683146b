"""Masks and denoisers have the distributions that a table asks for.

Seeds are fixed, so a p-value below `ALPHA` is a fault and not bad luck.
"""

import itertools
import math

import numpy as np
import pytest
from scipy import stats
from support import objectives

from ul2_flan.tasks.denoising import Denoiser, FeatureLengths, load_preset
from ul2_flan.tasks.denoising.lengths import span_counts

ALPHA = 1e-3


def masks(denoiser: Denoiser, length: int, n: int, seed: int = 0) -> list[str]:
  """Draws the masks of `n` segments of one length: '1' at the noise.

  Tokens are their positions, so the targets tell which positions are noise.
  """
  objective = objectives.solved([denoiser], FeatureLengths(99, 99), seed=seed)
  segments = objectives.as_segments(objectives.numbered(np.full(n, length)))
  _, targets = objective.denoise(segments)
  text = ~objective.sentinels.among(targets.values)
  example = np.repeat(np.arange(n), targets.lengths)[text]
  mask = np.zeros((n, length), np.int8)
  mask[example, targets.values[text]] = 1
  return [''.join(map(str, row)) for row in mask.tolist()]


def allowed_masks(length: int, noise: int, runs: int) -> set[str]:
  """Lists the masks of these counts that begin with text and end in noise."""
  found = set()
  for places in itertools.combinations(range(length), noise):
    mask = ''.join('1' if i in places else '0' for i in range(length))
    if mask[0] == '0' and mask[-1] == '1' and mask.count('01') == runs:
      found.add(mask)
  return found


def chi_square(found: list[str], allowed: set[str]) -> float:
  values, counts = np.unique(found, return_counts=True)
  assert set(values.tolist()) == allowed
  return stats.chisquare(counts).pvalue


@pytest.mark.parametrize(
  ('length', 'density', 'mean_span'),
  [
    (4, 0.5, 1), (6, 0.5, 2), (8, 0.5, 2), (10, 0.3, 1), (10, 0.3, 2),
    (12, 0.5, 2), (12, 0.5, 3), (13, 0.3, 2), (9, 0.8, 4),
  ],
)  # fmt: skip
def test_masks_are_uniform(length: int, density: float, mean_span: float):
  counts = span_counts(np.array([length]), density, mean_span, 99)
  noise, runs = (int(count[0]) for count in counts)
  allowed = allowed_masks(length, noise, runs)
  assert len(allowed) == math.comb(noise - 1, runs - 1) * math.comb(
    length - noise - 1, runs - 1
  )
  denoiser = objectives.spans_denoiser(density, mean_span)
  found = masks(denoiser, length, 200 * len(allowed))
  if len(allowed) == 1:
    assert set(found) == allowed
  else:
    assert chi_square(found, allowed) > ALPHA


def test_the_chi_square_would_notice():
  denoiser = objectives.spans_denoiser(0.5, 2)
  allowed = allowed_masks(8, 4, 2)
  found = masks(denoiser, 8, 200 * len(allowed))
  rarest = min(allowed)
  spoilt = [m for i, m in enumerate(found) if m != rarest or i % 3]
  assert chi_square(spoilt, allowed) < ALPHA


def test_a_single_span_is_the_suffix():
  assert set(masks(objectives.spans_denoiser(0.3, 64), 10, 500)) == {
    '0000000111'
  }


@pytest.mark.parametrize(
  ('length', 'density'), [(5, 0.2), (10, 0.3), (12, 0.5)]
)
def test_rolls_are_uniform(length: int, density: float):
  noise = round(length * density)
  suffix = '0' * (length - noise) + '1' * noise
  rotations = {suffix[i:] + suffix[:i] for i in range(length)}
  denoiser = objectives.spans_denoiser(density, 64, random_roll=True)
  found = masks(denoiser, length, 400 * length)
  assert chi_square(found, rotations) > ALPHA


def test_a_roll_is_independent_of_its_mask():
  # Each mask and shift gives a rotation; two masks may give the same one.
  denoiser = objectives.spans_denoiser(0.5, 2, random_roll=True)
  found = masks(denoiser, 8, 8_000)
  expected = [
    mask[i:] + mask[:i] for mask in allowed_masks(8, 4, 2) for i in range(8)
  ]
  values, weights = np.unique(expected, return_counts=True)
  seen, counts = np.unique(found, return_counts=True)
  assert seen.tolist() == values.tolist()
  shares = weights / weights.sum() * counts.sum()
  assert stats.chisquare(counts, shares).pvalue > ALPHA


@pytest.mark.parametrize(
  ('length', 'density'), [(9, 0.5), (17, 0.25), (2, 0.5)]
)
def test_prefixes_are_uniform(length: int, density: float):
  shortest = max(1, round((1 - 2 * density) * (length - 1)))
  allowed = {'0' * n + '1' * (length - n) for n in range(shortest, length)}
  found = masks(objectives.prefix_denoiser(density), length, 4_000)
  if len(allowed) == 1:
    assert set(found) == allowed
  else:
    assert chi_square(found, allowed) > ALPHA


def test_two_seeds_are_independent():
  allowed = sorted(allowed_masks(6, 3, 2))
  denoiser = objectives.spans_denoiser(0.5, 2)
  n = 200 * len(allowed) ** 2
  pairs = [
    f'{a} {b}'
    for a, b in zip(
      masks(denoiser, 6, n), masks(denoiser, 6, n, seed=1), strict=True
    )
  ]
  every = {f'{a} {b}' for a in allowed for b in allowed}
  assert chi_square(pairs, every) > ALPHA


@pytest.mark.parametrize('preset', ['ul2', 'ul2r'])
def test_denoisers_are_drawn_by_rate(preset: str):
  table = load_preset(preset)
  objective = objectives.solved(table, FeatureLengths(512, 512))
  # Documents of one segment, and of four: each place must have these shares.
  for size, most in ((2, 1), (4 * 2048, 4)):
    n = 8_000 // most
    segments = objective.cut(
      objectives.numbered(np.full(n, size)), objectives.keys_of(n)
    )
    place = np.arange(len(segments.tokens)) - np.searchsorted(
      segments.document, segments.document
    )
    for i in range(most):
      drawn = segments.denoiser[place == i]
      counts = np.bincount(drawn, minlength=len(table.denoisers))
      expected = [d.rate * len(drawn) for d in table.denoisers]
      assert stats.chisquare(counts, expected).pvalue > ALPHA
