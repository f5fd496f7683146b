"""Counts follow T5's formulas; masks are uniform over all they allow."""

import ctypes
import itertools
import math

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest
from scipy import stats

from ul2_flan.tasks import seeding
from ul2_flan.tasks.denoising import lengths as lengths_lib
from ul2_flan.tasks.denoising import noise_masks

# Density and mean span of UL2's Table 1, of UL2R and of T5.
SETTINGS = [
  (0.15, 3), (0.15, 8), (0.5, 3), (0.5, 8), (0.15, 64), (0.5, 64), (0.15, 32)
]  # fmt: skip
LENGTHS = np.arange(2, 2001)
ALPHA = 1e-3


def float32(x: float) -> float:
  return ctypes.c_float(x).value


def t5_counts(length: int, density: float, mean_span: float) -> tuple[int, int]:
  """The formulas of `random_spans_noise_mask`; round() is banker's too."""
  noise = round(float32(length * float32(density)))
  noise = min(max(noise, 1), length - 1)
  return noise, max(round(float32(noise / mean_span)), 1)


def streams(n: int, purpose: str = 'noise') -> np.typing.NDArray[np.uint64]:
  return seeding.stream(0, purpose, np.arange(n, dtype=np.uint64))


@pytest.mark.parametrize(('density', 'mean_span'), SETTINGS)
def test_counts_are_t5s_formulas(density: float, mean_span: float):
  expected = [t5_counts(n, density, mean_span) for n in LENGTHS.tolist()]
  noise = noise_masks.num_noise_tokens(LENGTHS, density)
  assert noise.tolist() == [tokens for tokens, _ in expected]
  count = noise_masks.num_noise_spans(noise, mean_span)
  assert count.tolist() == [runs for _, runs in expected]


@pytest.mark.parametrize(('density', 'mean_span'), SETTINGS)
def test_counts_are_those_of_t5s_masks(density: float, mean_span: float):
  from t5.data import preprocessors
  import tensorflow as tf

  def count(length):
    mask = preprocessors.random_spans_noise_mask(
      length, density, tf.constant([[1, 2], [3, 4]]), float(mean_span)
    )
    starts = tf.logical_and(mask[1:], tf.logical_not(mask[:-1]))
    return tf.math.count_nonzero(mask), tf.math.count_nonzero(starts)

  sample = LENGTHS[::3].astype(np.int32)
  counts = tf.data.Dataset.from_tensor_slices(sample).map(count)
  noise, runs = np.array(list(counts.as_numpy_iterator())).T
  our_noise, our_spans = lengths_lib.span_counts(
    sample.astype(np.int64), density, mean_span, 2000
  )
  assert our_noise.tolist() == noise.tolist()
  assert our_spans.tolist() == runs.tolist()


@pytest.mark.parametrize('density', [0.25, 0.5])
def test_shortest_prefix_is_t5s_formula(density: float):
  share = float32(1 - 2 * density)
  expected = [
    min(n - 1, max(1, round(float32(share * (n - 1)))))
    for n in LENGTHS.tolist()
  ]
  assert noise_masks.min_prefix_tokens(LENGTHS, density).tolist() == expected


items_and_segments = st.integers(1, 300).flatmap(
  lambda items: st.tuples(st.just(items), st.integers(1, items))
)


@given(st.lists(items_and_segments, max_size=12))
def test_runs_divide_the_items(block: list[tuple[int, int]]):
  items, segments = np.array(block, np.int64).reshape(-1, 2).T
  runs = noise_masks.random_segmentation(items, segments, streams(len(block)))
  assert (runs > 0).all()
  assert len(runs) == segments.sum()
  ends = np.cumsum(segments)
  for (total, count), end in zip(block, ends.tolist(), strict=True):
    assert runs[end - count : end].sum() == total


@given(st.lists(items_and_segments, min_size=1, max_size=12))
def test_runs_do_not_depend_on_the_block(block: list[tuple[int, int]]):
  items, segments = np.array(block, np.int64).T
  all_streams = streams(len(block))
  together = noise_masks.random_segmentation(items, segments, all_streams)
  alone = [
    noise_masks.random_segmentation(
      items[i : i + 1], segments[i : i + 1], all_streams[i : i + 1]
    )
    for i in range(len(block))
  ]
  assert together.tolist() == np.concatenate(alone).tolist()


def compositions(items: int, segments: int) -> list[tuple[int, ...]]:
  bounds = itertools.combinations(range(1, items), segments - 1)
  return [tuple(np.diff([0, *cuts, items]).tolist()) for cuts in bounds]


@pytest.mark.parametrize(
  ('items', 'segments'), [(2, 1), (2, 2), (5, 2), (6, 5), (8, 4), (10, 3)]
)
def test_every_division_is_equally_likely(items: int, segments: int):
  allowed = compositions(items, segments)
  assert len(allowed) == math.comb(items - 1, segments - 1)
  n = 300 * len(allowed)
  # Put a larger neighbour between them: nothing of it may leak in.
  both = np.tile([items, items + 1], n)
  runs = noise_masks.random_segmentation(
    both, np.full(2 * n, segments), streams(2 * n)
  ).reshape(2 * n, segments)[::2]
  found, counts = np.unique(runs, axis=0, return_counts=True)
  assert {tuple(run) for run in found.tolist()} == set(allowed)
  if len(allowed) > 1:
    assert stats.chisquare(counts).pvalue > ALPHA


@pytest.mark.parametrize(
  ('length', 'density', 'shortest'),
  [(2, 0.5, 1), (12, 0.5, 1), (13, 0.25, 6), (21, 0.1, 16)],
)
def test_prefixes_are_uniform(length: int, density: float, shortest: int):
  n = 20_000
  drawn = noise_masks.random_prefix(
    np.full(n, length), np.full(n, density), streams(n)
  )
  counts = np.bincount(drawn, minlength=length)
  assert counts[:shortest].sum() == 0
  assert len(counts) == length
  if length - shortest > 1:
    assert stats.chisquare(counts[shortest:]).pvalue > ALPHA


runs_of_both = st.lists(
  st.tuples(st.integers(1, 5), st.integers(1, 5)), max_size=6
)


@given(runs_of_both)
def test_masks_interleave_and_begin_with_text(runs: list[tuple[int, int]]):
  nonnoise, noise = np.array(runs, np.int64).reshape(-1, 2).T
  mask = noise_masks.spans_mask(noise, nonnoise)
  expected = [b for text, hidden in runs for b in [0] * text + [1] * hidden]
  assert mask.astype(int).tolist() == expected


@given(st.lists(st.lists(st.booleans(), min_size=1), max_size=6), st.data())
def test_roll_is_numpys(masks: list[list[bool]], data: st.DataObject):
  shifts = [data.draw(st.integers(0, len(mask) - 1)) for mask in masks]
  offsets = np.cumsum([0, *map(len, masks)])
  flat = np.array(list(itertools.chain(*masks)), np.bool_)
  rolled = noise_masks.roll(flat, offsets, np.array(shifts, np.int64))
  expected = [
    np.roll(m, s).tolist() for m, s in zip(masks, shifts, strict=True)
  ]
  assert rolled.tolist() == list(itertools.chain(*expected))
