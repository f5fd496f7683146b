"""Reads the suites' own files: which are there, and the questions in them.

Nothing here opens a file: callers list paths and hand over bytes, or rows of
formats that others read.
"""

from ul2_flan.tasks.evaluation.reading.find import Found, find
from ul2_flan.tasks.evaluation.reading.material import (
  Material,
  material_of,
  with_rows,
)
from ul2_flan.tasks.evaluation.reading.question import NoQuestion, Question
from ul2_flan.tasks.evaluation.reading.rows import questions_of
