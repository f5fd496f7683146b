"""Deletes an earlier run of an output, and nothing that is not of it.

`listed` reads what the run's marks say that it wrote. `delete` compares this
with what there is, and deletes all of it or nothing.
"""

from ul2_flan.pipelines.launch.overwrite.delete import delete_group, delete_run
from ul2_flan.pipelines.launch.overwrite.listed import (
  is_damaged,
  is_of_progress,
)
