"""The Flan collection as data: its tasks, and where their files lie."""

from ul2_flan.tasks.catalog.files import languages as languages
from ul2_flan.tasks.catalog.files import suites as suites
from ul2_flan.tasks.catalog.index import load as load
from ul2_flan.tasks.catalog.index import tasks as tasks
from ul2_flan.tasks.catalog.index import unlisted as unlisted
from ul2_flan.tasks.catalog.schema import Source as Source
from ul2_flan.tasks.catalog.schema import Suite as Suite
from ul2_flan.tasks.catalog.schema import Task as Task
