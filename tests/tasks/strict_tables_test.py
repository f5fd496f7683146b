"""Tables become dataclasses, and nothing in them is passed over."""

from collections.abc import Mapping
import dataclasses
import tomllib

from hypothesis import given
from hypothesis import strategies as st
import pytest

from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.strict_tables import make, parse, tables_of

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


@dataclasses.dataclass
class Typed:
  text: str = ''
  count: int = 0
  share: float = 0.0
  flag: bool = False
  maybe: int | None = None
  texts: tuple[str, ...] = ()
  table: Mapping[str, str | tuple[str, ...]] = dataclasses.field(
    default_factory=dict
  )


# A value of each kind that TOML has, and the fields that may have it.
MAY_HAVE = {
  '"a"': {'text'},
  '1': {'count', 'share', 'maybe'},
  '1.5': {'share'},
  'true': {'flag'},
  '["a", "b"]': {'texts'},
  '[1]': set(),
  '[]': {'texts'},
  '{ a = "b", c = ["d"] }': {'table'},
  '{ a = 1 }': set(),
  '{}': {'table'},
  '2026-11-26': set(),
}


@pytest.mark.parametrize('value', MAY_HAVE)
@pytest.mark.parametrize('field', [f.name for f in dataclasses.fields(Typed)])
def test_a_value_is_of_its_fields_type(field: str, value: str):
  entry = tomllib.loads(f'{field} = {value}')
  if field in MAY_HAVE[value]:
    assert getattr(make(Typed, entry, 'f.toml'), field) is not None
  else:
    with pytest.raises(UserError) as error:
      make(Typed, entry, 'f.toml')
    said = f"f.toml: '{field}' is {entry[field]!r}, not "
    assert str(error.value).startswith(said)


@pytest.mark.parametrize('value', ['3', '"a"', '[3]', '{ a = 1 }'])
def test_what_is_no_list_of_tables_is_told(value: str):
  with pytest.raises(
    UserError, match=r"^f\.toml: 'cats' is not .*\[\[cats\]\]"
  ):
    tables_of(tomllib.loads(f'cats = {value}'), 'cats', 'f.toml')


def test_nesting_without_end_is_one_line():
  with pytest.raises(UserError, match=r'^f\.toml is not TOML: '):
    parse('x = ' + '[' * 100_000, 'f.toml')
