"""Both sides equal T5's token by token, and together restore the segment."""

from types import SimpleNamespace

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest
from support import objectives

from ul2_flan.tasks.denoising.sentinels import Sentinels, corrupt, restore
from ul2_flan.tasks.ragged import Ragged

# More than the runs of any mask below.
SENTINELS = Sentinels(40_000, 600)
BOTH_WAYS = st.sampled_from([SENTINELS, Sentinels(40_000, 600, step=1)])

masks_of_segments = st.lists(st.lists(st.booleans(), max_size=40), max_size=8)


def flat(masks: list[list[bool]]) -> np.typing.NDArray[np.bool_]:
  return np.array([bit for mask in masks for bit in mask], np.bool_)


def reference(
  tokens: list[int], mask: list[bool], sentinels: Sentinels
) -> tuple[list[int], list[int]]:
  """Makes inputs and targets from the definition, a token at a time."""
  sides: dict[bool, list[int]] = {False: [], True: []}
  used = {False: 0, True: 0}
  for i, (token, noise) in enumerate(zip(tokens, mask, strict=True)):
    sides[noise].append(token)
    if i == 0 or mask[i - 1] != noise:
      place = sentinels.step * used[noise]
      sides[not noise].append(sentinels.first + place)
      used[noise] += 1
  return sides[False], sides[True]


@given(masks_of_segments, BOTH_WAYS)
def test_sides_are_as_defined(masks: list[list[bool]], sentinels: Sentinels):
  tokens = objectives.words([len(mask) for mask in masks])
  marked = np.ones(len(masks), np.bool_)
  inputs, targets = corrupt(tokens, flat(masks), marked, sentinels)
  expected = [
    reference(sequence.tolist(), mask, sentinels)
    for sequence, mask in zip(tokens, masks, strict=True)
  ]
  assert objectives.lists(inputs) == [given for given, _ in expected]
  assert objectives.lists(targets) == [wanted for _, wanted in expected]


@given(masks_of_segments, BOTH_WAYS)
def test_restore_inverts_any_mask(
  masks: list[list[bool]], sentinels: Sentinels
):
  tokens = objectives.words([len(mask) for mask in masks])
  marked = np.ones(len(masks), np.bool_)
  sides = corrupt(tokens, flat(masks), marked, sentinels)
  assert objectives.lists(restore(*sides, sentinels)) == objectives.lists(
    tokens
  )


@given(st.lists(st.tuples(st.integers(0, 30), st.data()), max_size=8))
def test_restore_inverts_blocks_with_prefixes(
  segments: list[tuple[int, st.DataObject]],
):
  masks = []
  marked = []
  for length, data in segments:
    marked.append(data.draw(st.booleans()))
    if marked[-1]:
      masks.append(
        data.draw(st.lists(st.booleans(), min_size=length, max_size=length))
      )
    else:
      prefix = data.draw(st.integers(0, length))
      masks.append([False] * prefix + [True] * (length - prefix))
  tokens = objectives.words([len(mask) for mask in masks])
  inputs, targets = corrupt(
    tokens, flat(masks), np.array(marked, np.bool_), SENTINELS
  )
  restored = restore(inputs, targets, SENTINELS)
  assert objectives.lists(restored) == objectives.lists(tokens)
  for i in np.flatnonzero(~np.array(marked, np.bool_)).tolist():
    # No sentinel: the two sides are the segment cut in two.
    assert [*inputs[i], *targets[i]] == tokens[i].tolist()


def test_long_segments_come_back():
  rng = np.random.default_rng(0)
  tokens = objectives.words(rng.integers(0, 1000, 300))
  noise = rng.random(len(tokens.values)) < rng.random(len(tokens.values))
  sides = corrupt(tokens, noise, np.ones(300, np.bool_), SENTINELS)
  assert objectives.lists(restore(*sides, SENTINELS)) == objectives.lists(
    tokens
  )


def random_masks() -> list[np.typing.NDArray[np.bool_]]:
  """Masks of many shapes; half of them begin with noise."""
  rng = np.random.default_rng(1)
  masks = []
  for i in range(400):
    length = int(rng.integers(1, 300))
    runs = np.repeat(
      np.arange(length) % 2 == i % 2, rng.integers(1, 1 + i % 9 + 1, length)
    )
    masks.append(runs[:length])
  return masks


@pytest.mark.parametrize('marked', [True, False])
def test_parity_with_t5(marked: bool):
  from t5.data import preprocessors as t5
  import tensorflow as tf

  masks = random_masks()
  assert 100 < sum(mask[0] for mask in masks) < 300
  tokens = objectives.words([len(mask) for mask in masks])
  noise = np.concatenate(masks)
  vocabulary = SimpleNamespace(vocab_size=SENTINELS.first + 1)
  functions = (
    (t5.noise_span_to_unique_sentinel, t5.nonnoise_span_to_unique_sentinel)
    if marked
    else (t5.drop_noise_tokens, t5.drop_nonnoise_tokens)
  )
  block = tf.data.Dataset.from_tensor_slices(
    tuple(
      tf.RaggedTensor.from_row_splits(values, tokens.offsets)
      for values in (tokens.values, noise)
    )
  )
  sides = block.map(
    lambda ids, mask: [f(ids, mask, vocabulary, None) for f in functions]
  )
  expected = [(a.tolist(), b.tolist()) for a, b in sides.as_numpy_iterator()]
  ours = corrupt(tokens, noise, np.full(len(masks), marked), SENTINELS)
  assert list(zip(*map(objectives.lists, ours), strict=True)) == expected


def test_too_few_sentinels_are_refused():
  tokens = Ragged.of([[1, 2, 3, 4, 5]])
  noise = np.array([0, 1, 0, 1, 0]) > 0
  marked = np.array([True])
  # Three runs of text need three sentinels in the targets.
  corrupt(tokens, noise, marked, Sentinels(99, 3))
  with pytest.raises(ValueError, match='3 spans in a segment, 2 sentinels'):
    corrupt(tokens, noise, marked, Sentinels(99, 2))
  # A prefix LM needs none.
  corrupt(tokens, noise, ~marked, Sentinels(99, 0))


def test_among_knows_both_ends():
  ids = np.array([9, 10, 11, 12, 13])
  assert Sentinels(12, 3).among(ids).tolist() == [0, 1, 1, 1, 0]
  assert Sentinels(10, 3, step=1).among(ids).tolist() == [0, 1, 1, 1, 0]
  assert not Sentinels(12, 0).among(ids).any()
