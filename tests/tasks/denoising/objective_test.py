"""No token is lost in cutting, and grouping does not change an example."""

import dataclasses
import hashlib

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest
from support import objectives

from ul2_flan.tasks.denoising import FeatureLengths, Objective, presets
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.ragged import Ragged

documents_of = st.lists(st.integers(0, 250), min_size=1, max_size=12)


@given(
  documents_of, st.sampled_from(presets()), st.integers(2, 20), st.booleans()
)
def test_cut_uses_every_token_once(
  sizes: list[int], preset: str, min_tokens: int, shifted: bool
):
  objective = objectives.small(preset, min_tokens)
  documents = objectives.words(sizes)
  segments = objective.cut(documents, objectives.keys_of(len(sizes)), shifted)
  assert (np.diff(segments.document) >= 0).all()
  # Each has a key, and so random numbers, of its own.
  assert len(set(segments.keys.tolist())) == len(segments.tokens)
  for i, document in enumerate(objectives.lists(documents)):
    cut = np.flatnonzero(segments.document == i).tolist()
    used = [t for j in cut for t in segments.tokens[j].tolist()]
    assert used == document[: len(used)]
    assert len(document) - len(used) < min_tokens
    for j in cut:
      size = len(segments.tokens[j])
      full = objective.raw[segments.denoiser[j]].tokens
      is_whole = cut[shifted:-1].count(j) > 0
      assert size == full if is_whole else min_tokens <= size <= full


def test_a_shift_moves_all_cuts():
  objective = objectives.small('span_corruption', 2)
  documents, keys = objectives.words([900] * 300), objectives.keys_of(300)
  plain, shifted = (objective.cut(documents, keys, s) for s in (False, True))
  full = objective.raw[0].tokens
  assert (plain.start % full == 0).all()
  # The first segment's length is uniform.
  first = shifted.tokens.lengths[shifted.start == 0]
  assert len(first) == 300
  assert {*first.tolist()} == {*range(2, full + 1)}
  assert first.mean() == pytest.approx((2 + full) / 2, rel=0.1)
  others = shifted.start[shifted.start > 0]
  assert (
    (others - np.repeat(first, np.bincount(shifted.document) - 1)) % full == 0
  ).all()


def test_no_documents_give_no_examples():
  for documents in (objectives.words([]), objectives.words([0, 4, 0])):
    segments = objectives.small().cut(
      documents, objectives.keys_of(len(documents))
    )
    inputs, targets = objectives.small().denoise(segments)
    assert len(segments.tokens) == len(inputs) == len(targets) == 0


Example = tuple[int, int, list[int], list[int]]


def examples(
  objective: Objective, documents: Ragged, keys: np.typing.NDArray[np.uint64]
) -> list[Example]:
  """Cuts and denoises documents: key, denoiser, inputs, targets of each."""
  segments = objective.cut(documents, keys)
  return list(
    zip(
      keys[segments.document].tolist(),
      segments.denoiser.tolist(),
      *map(objectives.lists, objective.denoise(segments)),
      strict=True,
    )
  )


@given(documents_of, st.sampled_from(presets()), st.data())
def test_grouping_changes_nothing(
  sizes: list[int], preset: str, data: st.DataObject
):
  objective = objectives.small(preset)
  n = len(sizes)
  documents, keys = objectives.words(sizes), objectives.keys_of(n, start=77)
  whole = examples(objective, documents, keys)

  inner = sorted(data.draw(st.lists(st.integers(0, n), max_size=4)))
  parts = []
  for start, stop in zip([0, *inner], [*inner, n], strict=True):
    parts += examples(objective, documents.slice(start, stop), keys[start:stop])
  assert parts == whole

  order = data.draw(st.permutations(range(n)))
  permuted = Ragged.of([documents[i] for i in order])
  moved = examples(objective, permuted, keys[np.array(order)])
  assert sorted(moved) == sorted(whole)


@given(documents_of, st.integers(0, 40), st.integers(0, 40))
def test_a_slice_of_segments_is_denoised_alike(
  sizes: list[int], start: int, stop: int
):
  segments = objectives.small().cut(
    objectives.words(sizes), objectives.keys_of(len(sizes))
  )
  whole = objectives.small().denoise(segments)
  stop = min(stop, len(segments.tokens))
  start = min(start, stop)
  part = objectives.small().denoise(segments.slice(start, stop))
  for side, of_whole in zip(part, whole, strict=True):
    assert objectives.lists(side) == objectives.lists(of_whole)[start:stop]


# BLAKE2b of the examples of 199 documents. If one changes, a data set that one
# version made cannot be made again by the next.
KNOWN = {
  'causal_lm': 'cd464d35882ec78f',
  'mt5': '6a90b797a2a23e4a',
  'pile_t5': '510e22f0dd6f4628',
  'prefix_lm': '2f7c27959fdaf238',
  'span_corruption': '5d28cb78839a62c5',
  't5_1_1': '6a90b797a2a23e4a',
  'ul2': '119df776387a2638',
  'ul2_appendix': '20b663dcfbe8f2c2',
  'ul2r': 'b435c8063f9d8ff5',
  'rolled': '930c8c59b89122a6',
}


@pytest.mark.parametrize('name', KNOWN)
def test_known_answers(name: str):
  def found(seed: int) -> list[Example]:
    if name == 'rolled':
      rolled = objectives.shipped_denoisers(rolled=True)
      rolled = [dataclasses.replace(d, rate=1 / len(rolled)) for d in rolled]
      objective = objectives.solved(rolled, FeatureLengths(48, 48), seed=seed)
    else:
      objective = objectives.small(name, seed=seed)
    documents = objectives.numbered(range(199))
    return examples(objective, documents, objectives.keys_of(199))

  text = repr(found(seed=0)).encode()
  assert hashlib.blake2b(text, digest_size=8).hexdigest() == KNOWN[name]
  # Nothing but where to cut is drawn for a causal LM, and that is no choice.
  assert (found(seed=1) == found(seed=0)) == (name == 'causal_lm')


def test_every_preset_has_its_known_answer():
  assert {*presets(), 'rolled'} == set(KNOWN)


@pytest.mark.parametrize('min_tokens', [1, 49])
def test_min_tokens_out_of_range_is_refused(min_tokens: int):
  message = f'--min_tokens is {min_tokens}: .* at least 2 .* segment, 46'
  with pytest.raises(UserError, match=message):
    objectives.small(min_tokens=min_tokens)
