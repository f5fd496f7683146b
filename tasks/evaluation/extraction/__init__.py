"""Finds the answer in what a model says, and tells how it was found."""

from collections.abc import Callable, Mapping

from ul2_flan.tasks.evaluation.extraction.answer_line import answer_line, whole
from ul2_flan.tasks.evaluation.extraction.extracted import NONE, Extracted
from ul2_flan.tasks.evaluation.extraction.number import number, only_number
from ul2_flan.tasks.evaluation.extraction.option_letter import (
  option_after_cue,
  option_letter,
)
from ul2_flan.tasks.evaluation.extraction.quantity import quantity

# By the names that `suites/*.toml` use: from a text and its language (ISO 639)
# to the answer.
EXTRACTORS: Mapping[str, Callable[[str, str], Extracted]] = {
  'answer_line': answer_line,
  'number': number,
  'option_after_cue': option_after_cue,
  'option_letter': option_letter,
  'quantity': quantity,
  'whole': whole,
}
