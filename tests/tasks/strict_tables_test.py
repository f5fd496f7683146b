"""Tables become dataclasses, and nothing in them is passed over."""

import dataclasses

from hypothesis import given
from hypothesis import strategies as st
import pytest

from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.strict_tables import make

VALUES = st.recursive(
  st.integers() | st.text(max_size=3),
  lambda inner: (
    st.lists(inner, max_size=3)
    | st.dictionaries(st.text(max_size=3), inner, max_size=3)
  ),
  max_leaves=8,
)


@dataclasses.dataclass(frozen=True)
class Entry:
  name: str
  value: object = 0

  def __post_init__(self) -> None:
    if self.name == 'wrong':
      raise UserError('a rule of its own')


def lists_in(value: object) -> bool:
  if isinstance(value, dict):
    return any(map(lists_in, value.values()))
  if isinstance(value, tuple):
    return any(map(lists_in, value))
  return isinstance(value, list)


@given(value=VALUES)
def test_what_is_made_has_the_values_and_no_list(value):
  made = make(Entry, {'name': 'a', 'value': value}, 'here')
  assert not lists_in(made.value)
  assert make(Entry, {'name': 'a', 'value': made.value}, 'here') == made


@pytest.mark.parametrize(
  ('entry', 'message'),
  [
    ({}, "f.toml: it has no 'name'"),
    ({'name': 'a', 'valeu': 1}, r"key of a entry 'valeu'. Did .*'value'"),
    ({'name': 'wrong'}, 'f.toml: a rule of its own'),
  ],
)
def test_a_mistake_is_told_with_its_place(entry, message):
  with pytest.raises(UserError, match=message):
    make(Entry, entry, 'f.toml')
