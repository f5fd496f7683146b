"""Finds and reads the raw rows of tasks, on any file system.

`find_task.locate` asks `finders` (and those of `tfds` and `promptsource`) for
the files of a task below the folders that a user names, and returns pieces of
them by split. `formats.read` gives a piece to the reader of its format, in
`readers`, `tfds` or `promptsource`, which yields `RowBlock`s. From there,
`tasks.rendering` makes instances of the rows.
"""

from ul2_flan.pipelines.task_sources.find_task import (
  NO_FILE,
  Located,
  locate,
  locators_of,
  why_no_train,
)
from ul2_flan.pipelines.task_sources.finders import hub_places as hub_places
from ul2_flan.pipelines.task_sources.finders.file_index import Index
from ul2_flan.pipelines.task_sources.finders.own_files import by_task
from ul2_flan.pipelines.task_sources.formats import read
from ul2_flan.pipelines.task_sources.looked_for import looked_for, near
from ul2_flan.pipelines.task_sources.row_block import ReadOptions, RowBlock
from ul2_flan.pipelines.task_sources.unlisted_tasks import unlisted
