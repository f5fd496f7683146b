"""Settings and their names."""

import pytest

from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.rendering.templates.setting import SETTINGS, Setting


def test_each_setting_has_a_name_of_its_own_that_finds_it() -> None:
  assert [Setting.parse(str(setting)) for setting in SETTINGS] == [*SETTINGS]
  assert len(set(map(str, SETTINGS))) == len(SETTINGS) == 13


def test_the_four_of_the_collection_come_first() -> None:
  names = [str(setting) for setting in SETTINGS[:4]]
  assert names == ['zs_opt', 'zs_noopt', 'fs_opt', 'fs_noopt']


def test_an_unknown_setting_is_refused() -> None:
  with pytest.raises(UserError, match="Did you mean 'zs_noopt'"):
    Setting.parse('zs_no_opt')
