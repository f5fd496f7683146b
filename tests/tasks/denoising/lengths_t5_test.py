"""Raw lengths are those of T5's `random_spans_helper`, where that applies."""

import numpy as np
import pytest
from support import objectives

from ul2_flan.tasks.denoising import FeatureLengths
from ul2_flan.tasks.denoising.lengths import (
  RawLength,
  corrupted_lengths,
  raw_length,
)

PLENTY = 10**5

# (mean span, density): (raw tokens, noise spans) at inputs of 512, 1,024 and
# 2,048, from T5's `random_spans_helper`. At a density of 0.5 it gives up one
# token, so that the targets are no longer than the inputs.
T5_TABLE = {
  (3, 0.15): [(568, 28), (1137, 57), (2274, 114)],
  (8, 0.15): [(588, 11), (1178, 22), (2357, 44)],
  (3, 0.5): [(766, 128), (1534, 256), (3070, 512)],
  (8, 0.5): [(908, 57), (1818, 114), (3638, 227)],
  (64, 0.15): [(600, 1), (1200, 3), (2401, 6)],
  (64, 0.5): [(1006, 8), (2014, 16), (4030, 31)],
  (32, 0.15): [(598, 3), (1197, 6), (2395, 11)],
  (32, 0.5): [(990, 15), (1984, 31), (3970, 62)],
}


@pytest.mark.parametrize(('setting', 'expected'), T5_TABLE.items())
def test_the_table_of_t5(
  setting: tuple[float, float], expected: list[tuple[int, int]]
):
  mean_span, density = setting
  denoiser = objectives.spans_denoiser(density, mean_span)
  for length, (tokens, runs) in zip((512, 1024, 2048), expected, strict=True):
    lengths = FeatureLengths(length, length)
    solved = raw_length(denoiser, lengths, 0, PLENTY, 'refuse')
    assert solved == RawLength(tokens, runs, tokens)
    inputs, targets, _ = corrupted_lengths(
      denoiser, np.array([tokens]), lengths, 0, PLENTY
    )
    assert targets <= length
    # Giving up that token can leave the inputs one short too.
    assert length - inputs in ((0, 1) if density == 0.5 else (0,))


@pytest.mark.parametrize('setting', [(3, 0.15), (3, 0.5), (8, 0.5)])
def test_t5s_helper_at_many_lengths(setting: tuple[float, float]):
  # At other settings the helper differs by a token at some lengths: it rounds
  # doubles and allows no spans at all, unlike T5's masks and ours.
  from t5.data import preprocessors

  mean_span, density = setting
  denoiser = objectives.spans_denoiser(density, mean_span)
  for length in range(16, 2100, 11):
    expected, _ = preprocessors.random_spans_helper(
      length, density, mean_span, 1, 1
    )
    targets = length if density == 0.5 else PLENTY
    lengths = FeatureLengths(length, targets)
    assert raw_length(denoiser, lengths, 0, PLENTY, 'refuse').tokens == expected
