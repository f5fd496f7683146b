"""A prompt: a description, exemplars, and the question."""

from collections.abc import Callable, Sequence
import dataclasses
from typing import NamedTuple

from ul2_flan.tasks.evaluation.reading import Question


class Prompt(NamedTuple):
  """What a model is given.

  Attributes:
    text: all of it.
    exemplars: how many it shows.
    dropped: how many did not fit.
  """

  text: str
  exemplars: int
  dropped: int


@dataclasses.dataclass(frozen=True, slots=True)
class Prompter:
  """Makes the prompts of one task in one variant.

  Attributes:
    head: a description, with the blank line after it; may be empty.
    exemplars: of a question, the first one first.
    ask: from a question to the text that ends the prompt.
    between: what stands between exemplars, and before the question.
  """

  head: str
  exemplars: Callable[[Question], Sequence[str]]
  ask: Callable[[Question], str]
  between: str = '\n\n'

  def __call__(
    self, question: Question, fits: Callable[[str], bool] = lambda text: True
  ) -> Prompt:
    """Makes a prompt with as many exemplars as fit.

    Exemplars are dropped from the end, as in hendrycks/test's `evaluate.py`.

    Args:
      question: to be asked.
      fits: whether a model can take a text. If not even the prompt without
        exemplars fits, it is returned all the same.
    """
    exemplars = self.exemplars(question)
    asked = self.ask(question)
    count = len(exemplars)
    while True:
      text = self.head + self.between.join([*exemplars[:count], asked])
      if count == 0 or fits(text):
        return Prompt(text, count, len(exemplars) - count)
      count -= 1
