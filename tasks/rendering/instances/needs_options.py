"""Finds answers that make no sense alone, such as "none of the above".

Without options beside it, such an answer answers nothing. Where a setting hides
options, we leave its instance out, as a question and as an exemplar. No setting
turns it round to ask for its question.
"""

from collections.abc import Sequence
import re

import numpy as np

from ul2_flan.tasks.ragged import Bools
from ul2_flan.tasks.rendering.instances.instances import Instances
from ul2_flan.tasks.rendering.templates.family import Family

# "None of the above choices.", "all of these", "both A and C".
_NEEDS_OPTIONS = re.compile(
  r'(?:none|all|both|neither|either|any) of (?:the|these|those|them)'
  r'(?: above)?(?: (?:choices|options|answers))?[.!]?'
  r'|(?:the )?answer is not (?:given|listed|here)[.!]?'
  r'|(?:both |either |neither )?\(?[A-E]\)? (?:and|or|nor) \(?[A-E]\)?[.!]?',
  re.IGNORECASE,
)

# The first two characters of such answers: a look at them costs less than a
# match. To a match without regard to case, an I may be Turkish.
_STARTS = frozenset(
  one + two
  for ones, twos in (
    ('Nn', 'OoEe'),
    ('Aa', 'LlNn'),
    ('Bb', 'Oo'),
    ('Ee', 'Iiıİ'),
    ('Tt', 'Hh'),
    ('AaBbCcDdEe', ' )'),
    ('(', 'AaBbCcDdEe'),
  )
  for one in ones
  for two in twos
)


def needs_options(answer: str) -> bool:
  """Whether an answer makes no sense without the other options.

  >>> needs_options('None of the above choices.')
  True
  >>> needs_options('all of the birds')
  False
  """
  return _NEEDS_OPTIONS.fullmatch(answer) is not None


def which_need_options(family: Family, instances: Instances) -> Bools:
  """Returns bool [n], the instances whose answers need their options.

  P3's instances (`Family.own_words`) are never among them: their prompts say
  what there is to choose from.
  """
  if (
    not family.has_options
    or family.own_words
    or 'options' not in instances.columns
  ):
    return np.zeros(len(instances), np.bool_)
  # Answers recur where options are labels: each is looked at once.
  answers: Sequence[str] = instances.columns['answer']
  needing = {a for a in set(answers) if a[:2] in _STARTS and needs_options(a)}
  if not needing:
    return np.zeros(len(instances), np.bool_)
  return np.array([answer in needing for answer in answers], np.bool_)
