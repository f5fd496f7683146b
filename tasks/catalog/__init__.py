"""The Flan collection as data: its tasks, and where their files lie."""

from ul2_flan.tasks.catalog.files import languages, suites
from ul2_flan.tasks.catalog.index import load, tasks, unlisted
from ul2_flan.tasks.catalog.schema import Columns, Source, Task
