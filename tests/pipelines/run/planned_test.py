"""A planned run says what it lacks before any work is done."""

import pytest
from support.tiny_plans import plan_of_sizes

from ul2_flan.pipelines.run import Budget, Planned
from ul2_flan.tasks.errors import UserError

PLAN = plan_of_sizes([1])


def test_a_run_may_lack_tasks_unless_it_is_strict():
  planned = Planned(PLAN, missing={'niv2:a': 'no file'})
  planned.refuse_missing(Budget())
  with pytest.raises(UserError, match=r'^1 task is missing.*--strict: give'):
    planned.refuse_missing(Budget(strict=True))
  Planned(PLAN).refuse_missing(Budget(strict=True))


def test_many_missing_tasks_are_counted():
  planned = Planned(PLAN, missing={f'niv2:{i}': '' for i in range(1836)})
  with pytest.raises(UserError, match=r'^1,836 tasks are missing'):
    planned.refuse_missing(Budget(strict=True))


def test_a_run_needs_an_output():
  Planned(PLAN, output='out').refuse_no_output()
  with pytest.raises(UserError, match='--output is empty: name a folder'):
    Planned(PLAN).refuse_no_output()
