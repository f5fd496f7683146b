"""The Flan collection as data: which tasks there are, and where they lie."""

from ul2_flan.tasks.catalog.files import languages as languages
from ul2_flan.tasks.catalog.files import mixtures as mixtures
from ul2_flan.tasks.catalog.files import suites as suites
from ul2_flan.tasks.catalog.index import load as load
from ul2_flan.tasks.catalog.index import names as names
from ul2_flan.tasks.catalog.index import tasks as tasks
from ul2_flan.tasks.catalog.index import unlisted as unlisted
from ul2_flan.tasks.catalog.schema import Mixture as Mixture
from ul2_flan.tasks.catalog.schema import Source as Source
from ul2_flan.tasks.catalog.schema import Suite as Suite
from ul2_flan.tasks.catalog.schema import Task as Task
