"""A budget counts files, and an error names each of them, within reason."""

from hypothesis import given
from hypothesis import strategies as st
import pytest

from ul2_flan.pipelines.launch.manifest import damage
from ul2_flan.pipelines.run import Budget
from ul2_flan.tasks.errors import UserError


@given(count=st.integers(0, 40), most=st.integers(0, 40))
def test_more_damaged_files_than_the_budget_fail_the_run(count: int, most: int):
  damaged = {f'in/{i:02}.gz': 'at 7: it ends early' for i in range(count)}
  budget = Budget(max_damaged_files=most)
  if count <= most:
    damage.refuse(damaged, budget)
    return
  with pytest.raises(UserError) as error:
    damage.refuse(damaged, budget)
  said = str(error.value)
  assert f'--max_damaged_files {most} allows' in said
  assert f'--max_damaged_files {count} to' in said
  assert said.count(', at 7: it ends early') == min(count, 20)
  assert ('and' in said.split('That')[0]) == (count > 20)
