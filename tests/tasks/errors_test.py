"""The error for an unknown name says what was given and what there is."""

import pytest

from ul2_flan.tasks.errors import UserError, nearest, unknown


@pytest.mark.parametrize(
  ('given', 'known', 'message'),
  [
    ('ul2R', ['ul2r', 't5'], "Did you mean 'ul2r'? Known: t5, ul2r"),
    ('DENSITY', ['rate', 'density'], "Did you mean 'density'?"),
    ('densty', ['rate', 'density'], "Did you mean 'density'?"),
    ('zzz', ['ul2r', 't5'], "unknown preset 'zzz'. Known: t5, ul2r"),
    ('ul2', [], "unknown preset 'ul2'. Known: none"),
  ],
)
def test_the_message_names_what_is_near(
  given: str, known: list[str], message: str
):
  assert message in str(unknown('preset', given, known))


def test_nothing_is_guessed_from_afar():
  assert 'Did you mean' not in str(unknown('preset', 'zzz', ['ul2r', 't5']))


def test_a_long_list_is_cut():
  names = [f'name_{i:02d}' for i in range(30)]
  message = str(unknown('preset', 'x', names))
  assert 'name_19, …' in message
  assert 'name_20' not in message


def test_is_a_user_error():
  assert isinstance(unknown('preset', 'x', []), UserError)
  assert issubclass(UserError, ValueError)


def test_the_meaning_of_the_nearest_name():
  known = {'bool_q': 'flan2021:bool_q', 'BoolQ': 'other', 'rte': 'flan2021:rte'}
  assert nearest('Boolq', known) == 'other'
  assert nearest('RTE', known) == 'flan2021:rte'
  assert nearest('winogrande', known) == ''
  assert nearest('x', {}) == ''
