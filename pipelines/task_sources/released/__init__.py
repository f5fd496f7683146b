"""Reads frozen dumps of the collection, rendered by google-research/FLAN.

`layouts` knows the columns and names of files of the four public dumps, `find`
their files, with those that were cut into chunks, and `read_rows` their rows.
"""

from ul2_flan.pipelines.task_sources.released.find import Dump, find
from ul2_flan.pipelines.task_sources.released.read_rows import Rows, read

# What provenance says in the place of a template.
TEMPLATE = 'google-research/FLAN'
