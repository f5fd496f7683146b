"""The evaluation suites, as data: no task of these is ever trained on.

`<suite>.toml` has a suite's tasks with their random baselines, and how their
answers are found and compared. They are not in the catalog of tasks, so that no
mixture can have one.
"""

from ul2_flan.tasks.evaluation.suites.benchmarks import (
  licence_of,
  sources_of,
  trained_on,
)
from ul2_flan.tasks.evaluation.suites.suite import (
  Suite,
  Variant,
  load,
  names,
  variants,
)
from ul2_flan.tasks.evaluation.suites.suite_task import Form, SuiteTask
