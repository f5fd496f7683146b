"""Patterns are filled as `str.format` would fill them."""

from hypothesis import given
from hypothesis import strategies as st
import pytest

from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.rendering.templates.pattern import Pattern

PIECES = ('{a}', '{b}', '{{', '}}', '%', '%s', 'word', ' ', '\n', '"')


@given(
  st.lists(st.sampled_from(PIECES)), st.lists(st.tuples(st.text(), st.text()))
)
def test_each_value_is_put_in_its_place(
  pieces: list[str], values: list[tuple[str, str]]
) -> None:
  text = ''.join(pieces)
  pattern = Pattern.of(text)
  columns = {'a': [a for a, _ in values], 'b': [b for _, b in values]}
  filled = pattern.fill(columns, len(values))
  assert filled == [text.format(a=a, b=b) for a, b in values]
  assert pattern.words == text.format(a='', b='')
  assert pattern.fields == tuple(p[1] for p in pieces if p in ('{a}', '{b}'))


@pytest.mark.parametrize('text', ['{a', 'a}', '{a b}', '{}', '{{a}'])
def test_a_single_brace_is_refused(text: str) -> None:
  with pytest.raises(UserError, match='a brace that is meant is doubled'):
    Pattern.of(text)


@pytest.mark.parametrize(
  ('text', 'sides'),
  [('{a}', 0), ('{a} {b}', 0), ('{a}.', 1), ('"{a}"', 2), ('{a}{b}', 2)],
)
def test_sides_that_touch_a_word_are_counted(text: str, sides: int) -> None:
  assert Pattern.of(text).abutting == sides


def test_options_go_with_the_space_before_them() -> None:
  pattern = Pattern.of('{q}\n\n{options}\nSay one.')
  assert pattern.without_options().text == '{q}\nSay one.'
  assert Pattern.of('{q}').without_options() == Pattern.of('{q}')


@pytest.mark.parametrize(
  ('text', 'value', 'filled'),
  [
    ('"{a}"', '"x" y', '"\'x\' y"'),
    ('"{a}, he says', 'x "y"', '"x "y", he says'),
    ('{a}"', 'x "y"', "x 'y'\""),
    ('"{a}"', 'x "y" z', '"x "y" z"'),
    ('{a} "b"', '"x"', '"x" "b"'),
  ],
)
def test_no_mark_of_a_value_is_doubled(
  text: str, value: str, filled: str
) -> None:
  pattern = Pattern.of(text)
  assert pattern.fill({'a': [value]}, 1, nested=True) == [filled]
  assert pattern.fill({'a': [value]}, 1) == [text.format(a=value)]
