"""An answer, and how it was found."""

from typing import Literal, NamedTuple

# 'whole': all of the text is the answer. 'cue': it follows words that announce
# it. 'fallback': nothing announces it, and a guess was made. 'none': no answer.
How = Literal['whole', 'cue', 'fallback', 'none']


class Extracted(NamedTuple):
  """An answer, and how it was found.

  Attributes:
    answer: as the suite's rule compares it; empty if there is none.
    how: see `How`.
  """

  answer: str
  how: How


NONE = Extracted('', 'none')
