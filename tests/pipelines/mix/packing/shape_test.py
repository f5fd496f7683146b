"""A shape of packed sequences is checked, and comes back from a plan."""

import json

from hypothesis import given
from hypothesis import strategies as st
import pytest

from ul2_flan.pipelines.mix.packing import ARCHITECTURES, PackedShape
from ul2_flan.pipelines.mix.packing.shape import as_written, shape_of
from ul2_flan.tasks.errors import UserError

SHAPES = st.builds(
  PackedShape,
  st.sampled_from(ARCHITECTURES),
  st.integers(1, 4096),
  st.integers(1, 4096),
  inputs_eos=st.booleans(),
  targets_eos=st.booleans(),
  eos_id=st.integers(0, 9),
)


@given(SHAPES)
def test_a_shape_comes_back_from_a_plan(shape):
  raw = json.loads(json.dumps(as_written(shape)))
  # The name that plans on disk have for it.
  assert raw['layout'] == shape.architecture
  assert shape_of(raw) == shape


@given(SHAPES)
def test_a_sequence_has_the_same_room_for_every_architecture(shape):
  assert sum(shape.room().values()) == shape.inputs + shape.targets


def test_an_unknown_architecture_is_refused():
  with pytest.raises(
    UserError, match=r"unknown architecture 'prefixlm'.*prefix_lm"
  ):
    PackedShape('prefixlm', 8, 8)
