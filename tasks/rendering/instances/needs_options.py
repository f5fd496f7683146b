"""Answers that lean on the other options, such as "none of the above".

Without options beside them they answer nothing, so such a row is left out where
options are not shown, is not turned round to ask for its question, and is no
exemplar there.
"""

from __future__ import annotations

from collections.abc import Sequence
import re

import numpy as np

from ul2_flan.tasks.ragged import Bools
from ul2_flan.tasks.rendering.instances.instances import Instances
from ul2_flan.tasks.rendering.templates.family import Family

# "None of the above choices.", "all of these", "both A and C".
_LEANING = re.compile(
  r'(?:none|all|both|neither|either|any) of (?:the|these|those|them)'
  r'(?: above)?(?: (?:choices|options|answers))?[.!]?'
  r'|(?:the )?answer is not (?:given|listed|here)[.!]?'
  r'|(?:both |either |neither )?\(?[A-E]\)? (?:and|or|nor) \(?[A-E]\)?[.!]?',
  re.IGNORECASE,
)

# What such an answer starts with: to look is cheaper than to match.
_FIRST = frozenset('NnAaBbCcDdEeTt(')


def leans(answer: str) -> bool:
  """Whether an answer among options makes no sense without them.

  >>> leans('None of the above choices.'), leans('all of the birds')
  (True, False)
  """
  return _LEANING.fullmatch(answer) is not None


def leaning(family: Family, rows: Instances) -> Bools:
  """bool [n], which rows have such an answer; P3's words take care of it."""
  if (
    not family.has_options or family.own_words or 'options' not in rows.columns
  ):
    return np.zeros(len(rows), np.bool_)
  answers: Sequence[str] = rows.columns['answer']
  found = {a for a in set(answers) if a[0] in _FIRST and leans(a)}
  if not found:
    return np.zeros(len(rows), np.bool_)
  return np.array([answer in found for answer in answers], np.bool_)
