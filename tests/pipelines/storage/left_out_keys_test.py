"""Keys of what a run leaves out are read from lines of any form."""

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest

from ul2_flan.pipelines.storage import left_out_keys
from ul2_flan.tasks.errors import UserError

LINES = """00000000000000ff

{"key": "0000000000000003", "task": "a"}
00000000000000ff
"""


def test_lines_are_keys_or_json(tmp_path):
  path = tmp_path / 'keys.txt'
  path.write_text(LINES)
  assert left_out_keys.read(str(path)).tolist() == [3, 255]
  known = left_out_keys.described(str(path))
  assert known['without_keys']['keys'] == 2
  assert left_out_keys.load_planned(known).tolist() == [3, 255]
  path.write_text(LINES + 'f' * 16)
  with pytest.raises(UserError, match='does not hold the keys that the run'):
    left_out_keys.load_planned(known)


def test_no_path_is_no_key():
  assert left_out_keys.described('') == {}
  assert len(left_out_keys.load_planned({})) == 0


@pytest.mark.parametrize(
  'line', ['ff', 'x' * 16, '{"key": 3}', '{"task": "a"}', '{', 'F' * 16]
)
def test_another_line_is_told_with_its_number(tmp_path, line: str):
  path = tmp_path / 'keys.txt'
  path.write_text(f'{"0" * 16}\n{line}\n')
  with pytest.raises(
    UserError, match=r"--without_keys '.*': line 2 has no key"
  ):
    left_out_keys.read(str(path))


def test_a_folder_is_that_of_a_report(tmp_path):
  with pytest.raises(UserError, match=r"--without_keys '.*no'"):
    left_out_keys.read(str(tmp_path / 'no'))


numbers = st.sets(st.integers(0, 2**64 - 1), max_size=20)


@given(numbers, numbers)
def test_keys_are_told_apart(some: set[int], out: set[int]):
  keys = np.array([*some, *out], np.uint64)
  found = left_out_keys.among(keys, np.array(sorted(out), np.uint64))
  assert found.tolist() == [key in out for key in keys.tolist()]
