"""Lists of styles are read from Python files, and nothing there is run."""

import pytest
from support.flan_checkout import V2

from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.flan_import.lists import read_lists


def test_lists_are_what_python_makes_of_them() -> None:
  names = [
    *('ROMAN_NUMS', 'OPT_ITEM_NAME_CANDIDATES', 'OPT_ITEM_END_STR_CANDIDATES'),
    *('DIALOG_START_STRING_CANDIDATES', 'DIALOG_ITEM_NAME_CANDIDATES'),
  ]
  text = V2[V2.index('OPT_START_STRING') :]
  made: dict[str, object] = {}
  exec(text, made)
  assert read_lists(text, 'a.py', names) == {name: made[name] for name in names}


@pytest.mark.parametrize(
  ('text', 'words'),
  [
    ('B = []', 'a.py: it has no list A'),
    ('\nA = [open("x")]', 'a.py, line 2: A is no list of texts'),
    ('A = [x for x in range(9) if x]', 'if x'),
    ('A = [x]', 'A is no list'),
    ('A = ["a".join("b")]', 'A is no list'),
    ('A = ["a" + 1]', 'A is no list'),
    ('A = [chr(-1)]', 'A is no list'),
  ],
)
def test_what_else_code_can_do_is_an_error(text: str, words: str) -> None:
  with pytest.raises(UserError) as e:
    read_lists(text, 'a.py', ['A'])
  assert words in str(e.value)
