"""The collection's raw records: files on any file system, as blocks.

`locate` finds the files of a task below the folders that a user names, and
`read` reads a piece of one; `rendering.prepare` makes rows of what it yields.
"""

from ul2_flan.pipelines.task_sources.block import ReadOptions as ReadOptions
from ul2_flan.pipelines.task_sources.block import RowBlock as RowBlock
from ul2_flan.pipelines.task_sources.formats import read as read
from ul2_flan.pipelines.task_sources.index import Index as Index
from ul2_flan.pipelines.task_sources.locate import Located as Located
from ul2_flan.pipelines.task_sources.locate import locate as locate
from ul2_flan.pipelines.task_sources.locate import why_no_train as why_no_train
from ul2_flan.pipelines.task_sources.unlisted import unlisted as unlisted
