"""An expression chooses licences, part by part."""

from hypothesis import given
from hypothesis import strategies as st
import pytest

from ul2_flan.tasks.catalog.licences import LicenceExpression
from ul2_flan.tasks.errors import UserError

LICENCES = ('MIT', 'CC-BY-4.0', 'CC-BY-NC-4.0', 'Apache-2.0', '')


@pytest.mark.parametrize(
  ('text', 'chosen'),
  [
    ('mit', ('MIT',)),
    ('CC-BY*', ('CC-BY-4.0', 'CC-BY-NC-4.0')),
    ('cc-by*, !*-nc-*', ('CC-BY-4.0',)),
    ('!unknown', LICENCES[:-1]),
    ('unknown', ('',)),
    ('*', LICENCES),
  ],
)
def test_patterns_choose_or_leave_out(text: str, chosen):
  expression = LicenceExpression(text)
  assert tuple(x for x in LICENCES if expression.fits(x)) == chosen


PARTS = st.lists(st.sampled_from([x for x in LICENCES if x]), min_size=1)


@given(PARTS, st.sampled_from([', ', '; ', ' and ']))
def test_data_of_several_licences_are_under_all_of_them(parts, between: str):
  for text in ('mit,apache-2.0', 'cc*,!cc-by-nc*', '!mit'):
    expression = LicenceExpression(text)
    each = all(expression.fits(part) for part in parts)
    assert expression.fits(between.join(parts)) == each


@pytest.mark.parametrize('text', ['', ',', 'mit,', '!', 'mit,!'])
def test_an_empty_pattern_is_refused(text: str):
  with pytest.raises(UserError, match='give patterns with commas'):
    LicenceExpression(text)
