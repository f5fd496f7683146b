"""A checkout's lists become the styles of runs as FLAN's released code."""

from pathlib import Path

import pytest
from support.flan_checkout import V2, write_checkout

from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.flan_import.released import released_toml
from ul2_flan.tasks.rendering.styles.released_styles import parse_released


def test_the_file_has_the_lists_of_the_checkout(tmp_path: Path) -> None:
  write_checkout(tmp_path)
  styles = parse_released(released_toml(tmp_path), 'released.toml')
  bullet, letters, roman = styles.option_items
  # What stands before all options stands there once.
  assert bullet == ('\n~ ',)
  assert letters[:2] == ('\n<a> ', '\n<b> ')
  assert roman[::25] == (' i) ', ' 26) ')
  assert styles.option_endings == ('', ';')
  assert styles.dialog_items == (('\nA: ', '\nB: '),)
  assert styles.exemplars == (2, 3)
  assert styles.bullets == (0,)


def test_a_checkout_without_lists_has_no_styles(tmp_path: Path) -> None:
  v2 = V2[: V2.index('OPT_START_STRING')]
  write_checkout(tmp_path, v2)
  assert released_toml(tmp_path) == ''


def test_endings_are_the_same_behind_all_items(tmp_path: Path) -> None:
  v2 = V2.replace('[";" for _ in range(26)]', '[chr(65 + x) for x in range(9)]')
  write_checkout(tmp_path, v2)
  with pytest.raises(UserError, match='option_endings differ within a style'):
    released_toml(tmp_path)
