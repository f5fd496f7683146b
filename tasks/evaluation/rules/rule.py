"""When an answer is right, and when two answers are the same."""

from collections.abc import Callable
from typing import NamedTuple

from ul2_flan.tasks.evaluation.extraction.number import only_number
from ul2_flan.tasks.evaluation.extraction.option_letter import option_letter


class Rule(NamedTuple):
  """How answers are compared.

  Attributes:
    form: from a reference and its language (ISO 639) to the form in which it is
      compared with an answer; empty for a reference that no answer can match.
    answer_form: the same for an answer that was extracted.
    vote: what makes two answers one vote, from the answer's form.
    f1: the overlap of an answer's form with a reference's, from 0 to 1; None
      for rules that only know right and wrong.
  """

  form: Callable[[str, str], str]
  answer_form: Callable[[str, str], str]
  vote: Callable[[str], str]
  f1: Callable[[str, str], float] | None = None


def _stripped(text: str, language: str) -> str:
  return text.strip()


def _as_it_is(text: str, language: str) -> str:
  return text


def _folded(text: str) -> str:
  """Samples that differ in case or white space vote for the same answer."""
  return ' '.join(text.casefold().split())


# BIG-Bench-Hard compares strings, with case and punctuation.
EXACT = Rule(_stripped, _as_it_is, _folded)

# BIG-bench has an example whose question and answer are empty.
_NOTHING = '(nothing)'
EXACT_OR_NOTHING = Rule(
  lambda text, language: text or _NOTHING,
  lambda text, language: text or _NOTHING,
  str,
)

OPTION = Rule(lambda text, language: option_letter(text).answer, _as_it_is, str)

NUMBER = Rule(only_number, _as_it_is, str)
