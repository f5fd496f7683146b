"""A run whose configuration changed is refused, with what changed."""

from hypothesis import given
from hypothesis import strategies as st
import pytest

from ul2_flan.pipelines.run import changes
from ul2_flan.tasks.errors import UserError

JSON = st.recursive(
  st.integers(-(2**63), 2**63 - 1) | st.text(max_size=5),
  lambda inner: (
    st.dictionaries(st.text(max_size=3), inner, max_size=3)
    | st.lists(inner, max_size=3)
  ),
  max_leaves=8,
)


@given(old=JSON, new=JSON)
def test_differences_are_none_if_and_only_if_equal(old, new):
  assert changes.differences(old, old) == []
  assert bool(changes.differences(old, new)) == (old != new)


@pytest.mark.parametrize(
  ('old', 'new', 'lines'),
  [
    ({'a': 1}, {'a': 1}, []),
    ({'a': 1}, {'a': 2}, ['a: 1 -> 2']),
    ({'a': 1}, {}, ['a: 1 -> null']),
    ({'a': {'b': 'x'}}, {'a': {'b': 'y'}}, ['a.b: "x" -> "y"']),
    ({'a': {'b': 1}}, {'a': 3}, ['a: {"b": 1} -> 3']),
    ({'b': 1, 'a': 1}, {'b': 2, 'a': 2}, ['a: 1 -> 2', 'b: 1 -> 2']),
    ([1], [2], [': [1] -> [2]']),
    (
      {'shard_bytes': 1},
      {'shard_bytes': 2},
      ['shard_bytes (--shard_mb): 1 -> 2'],
    ),
  ],
)
def test_differences_name_the_path(old, new, lines):
  assert changes.differences(old, new) == lines


def test_long_values_are_cut():
  (line,) = changes.differences({'table': 'x' * 999}, {'table': 'y'})
  assert len(line) < 250
  assert '... -> "y"' in line


def test_a_change_is_refused_with_what_changed_and_what_to_do():
  changes.refuse_change({'seed': 0}, {'seed': 0}, 'OUT')
  with pytest.raises(UserError, match='OUT was made') as error:
    changes.refuse_change({'seed': 0}, {'seed': 1}, 'OUT')
  assert '\n  seed: 0 -> 1\n' in str(error.value)
  assert '--overwrite' in str(error.value)
