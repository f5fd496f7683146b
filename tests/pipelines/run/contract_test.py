"""A budget is a share."""

from hypothesis import given
from hypothesis import strategies as st
import pytest

from ul2_flan.pipelines.run import Budget
from ul2_flan.tasks.errors import UserError


def test_fewer_than_no_file_cannot_be_damaged():
  with pytest.raises(UserError, match=r'--max_damaged_files is -1: .* least 0'):
    Budget(max_damaged_files=-1)


@given(fraction=st.floats())
def test_a_budget_is_a_share_of_the_records(fraction: float):
  if 0 <= fraction <= 1:
    assert Budget(fraction).max_reject_fraction == fraction
  else:
    with pytest.raises(UserError, match=r'--max_reject_fraction is .*\[0, 1\]'):
      Budget(fraction)
