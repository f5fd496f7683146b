"""A number with its unit, as an answer to BIG-bench's questions of physics."""

import re

from ul2_flan.tasks.evaluation.extraction.extracted import NONE, Extracted

# The task's own `output_regex`.
_QUANTITY = re.compile(r'(?:[0-9]+\.[0-9]+|[0-9]+)\s[a-zA-Z]+(?:/[a-zA-Z]+)*')


def quantity(text: str, language: str = 'en') -> Extracted:
  """Takes the first number that a unit follows.

  >>> quantity('It is 0.26 m/s/s, or 3')
  Extracted(answer='0.26 m/s/s', how='whole')
  """
  match = _QUANTITY.search(text)
  return Extracted(match[0], 'whole') if match else NONE
