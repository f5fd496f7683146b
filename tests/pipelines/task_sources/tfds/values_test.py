"""Values of examples that are not what a directory's features say."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest

from ul2_flan.pipelines.task_sources.tfds.values import (
  KINDS,
  BadRecordError,
  Leaf,
)

TEXTS = Leaf('t', 'text', (None,), 1)
PAIRS = Leaf('p', 'int', (None, 2))
RAGGED = Leaf('r', 'text', (None, None), 2)
LENGTHS = 'r/ragged_row_lengths_0'
FLAT = 'r/ragged_flat_values'


def ints(*values: int) -> Any:
  return np.array(values, np.int64)


@pytest.mark.parametrize(
  ('leaf', 'features', 'reason'),
  [
    (Leaf('a', 'text'), {}, 'missing_field'),
    (Leaf('a', 'text'), {'a': []}, 'wrong_shape'),
    (Leaf('a', 'text'), {'a': [b'1', b'2']}, 'wrong_shape'),
    (Leaf('a', 'text'), {'a': ints(1)}, 'wrong_type'),
    (Leaf('a', 'text'), {'a': [b'\xff']}, 'invalid_utf8'),
    (Leaf('a', 'int'), {'a': [b'1']}, 'wrong_type'),
    (Leaf('a', 'int'), {'a': np.array([1.5], np.float32)}, 'wrong_type'),
    (Leaf('a', 'float'), {'a': ints(1)}, 'wrong_type'),
    (Leaf('a', 'int', (2,)), {}, 'missing_field'),
    (PAIRS, {'p': ints(1, 2, 3)}, 'wrong_shape'),
    (RAGGED, {FLAT: [b'x'], LENGTHS: ints(2)}, 'wrong_shape'),
    (RAGGED, {FLAT: [b'x'], LENGTHS: ints(2, -1)}, 'wrong_shape'),
    (RAGGED, {FLAT: [b'x'], LENGTHS: [b'1']}, 'wrong_shape'),
    (RAGGED, {FLAT: [b'x']}, 'wrong_shape'),
  ],
)
def test_bad_values_have_a_reason(
  leaf: Leaf, features: dict[str, Any], reason: str
):
  with pytest.raises(BadRecordError, match=leaf.key) as e:
    leaf.read(features)
  assert e.value.reason == reason


@pytest.mark.parametrize(
  ('leaf', 'features', 'value'),
  [
    # As TFDS reads what is not there.
    (TEXTS, {}, []),
    (PAIRS, {}, []),
    (RAGGED, {}, []),
    (Leaf('a', 'text', optional=True), {}, None),
    # A float32 of 3.8 is 3.799999952316284 as a double.
    (Leaf('a', 'float'), {'a': np.array([3.8], np.float32)}, 3.8),
    (Leaf('a', 'bool'), {'a': ints(1)}, True),
    (PAIRS, {'p': ints(1, 2, 3, 4)}, [[1, 2], [3, 4]]),
    (RAGGED, {FLAT: [b'x'], LENGTHS: ints(0, 1)}, [[], ['x']]),
  ],
)
def test_values(leaf: Leaf, features: dict[str, Any], value: Any):
  found = leaf.read(features)
  assert found == value
  assert type(found) is type(value)


FEATURE = st.one_of(
  st.lists(st.binary(max_size=3), max_size=5),
  st.lists(st.integers(-2, 3), max_size=5).map(lambda v: ints(*v)),
  st.lists(st.floats(width=32), max_size=5).map(
    lambda v: np.array(v, np.float32)
  ),
)


@given(
  st.sampled_from(sorted(KINDS)),
  st.sampled_from(
    [
      ((), 0),
      ((None,), 0),
      ((2, None), 0),
      ((None,), 1),
      ((2,), 1),
      ((0, 2), 1),
      ((None, None), 2),
      ((None, None, 2), 2),
    ]
  ),
  st.dictionaries(st.sampled_from(['r', FLAT, LENGTHS]), FEATURE),
)
def test_any_example_is_read_or_rejected(
  kind: str, form: tuple[tuple[int | None, ...], int], features: dict[str, Any]
):
  shape, sequences = form
  try:
    value = Leaf('r', kind, shape, sequences).read(features)
  except BadRecordError:
    return
  for length in shape:
    assert isinstance(value, list)
    assert length in (None, len(value))
    if not value:
      return
    value = value[0]
  python = {'text': str, 'int': int, 'bool': bool, 'float': float}
  assert type(value) is python[kind]
