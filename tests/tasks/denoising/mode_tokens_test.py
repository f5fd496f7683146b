"""Every paradigm has a mode token, and it comes before the inputs."""

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest
from support import objectives

from ul2_flan.tasks.denoising.mode_tokens import MODE_TOKENS, prepend


@pytest.mark.parametrize('tokens', MODE_TOKENS.values())
def test_every_mode_has_a_token(tokens: dict[str, str]):
  assert list(tokens) == ['R', 'S', 'X', 'none']


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 2)), max_size=8))
def test_mode_tokens_come_before_their_inputs(block: list[tuple[int, int]]):
  mode_ids = [(), (1,), (2, 3)]
  inputs = objectives.words([size for size, _ in block])
  which = np.array([i for _, i in block], np.int64)
  expected = [
    [*mode_ids[i], *ids]
    for ids, i in zip(objectives.lists(inputs), which.tolist(), strict=True)
  ]
  assert objectives.lists(prepend(inputs, mode_ids, which)) == expected
