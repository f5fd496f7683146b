"""Decides whether enough text is to come to learn a model's rules.

Learning takes a process longer than the first texts can pay back. So it learns
at once if much is to come, and never if little is. Whoever has a plan tells it
how much; otherwise, what came tells what is to come.
"""

from collections.abc import Sequence

from ul2_flan.tasks.vocabulary.word_cache.documents import (
  cacheable_chars,
  repeats_words,
)

# Learning takes 0.06 s for the 32,000 pieces of T5's model, and 0.4 s for the
# 250,000 of mT5's; each new word comes on top. Runs had this back after 5 and
# 17 million characters of English, and after 8 and 25 of Python code; those of
# Flan, which tokenise each row several times, after 2 and 12.
CHARS_PER_PIECE, CHARS_OF_NEW_WORDS = 70, 6_000_000

# Where words recur little, as in text of many languages, so many times as much
# must come.
FEW_RECUR = 4


class Prospect:
  """What a process knows of the text that it is yet to encode."""

  def __init__(self, pieces: int):
    """Knows nothing yet.

    Args:
      pieces: how many the model has.
    """
    self._pieces = pieces
    self._enough = self._enough_if(1)
    # Characters so far that a cache would have looked up, and all tokens.
    self._came = 0
    self._tokens = 0
    self._expected: float | None = None
    # When so many have come, it looks whether words recur.
    self._next_look = 0

  def expect(self, tokens: float, times: float = 1) -> bool:
    """Says about how many tokens are to come, of text like that which came.

    Args:
      tokens: how many.
      times: how often each text comes, at least 1.

    Returns:
      whether that is enough to learn, however few words recur.
    """
    if self._tokens:
      self._expected = self._came * (1 + tokens / self._tokens)
      self._enough = self._enough_if(times)
    return self._to_come() >= FEW_RECUR * self._enough

  def pays(self, texts: Sequence[str]) -> bool:
    """Returns whether to learn now, before these texts are encoded."""
    to_come = self._to_come()
    if to_come < self._enough or self._came < self._next_look:
      return False
    if to_come >= FEW_RECUR * self._enough or repeats_words(texts):
      return True
    # A look costs a little.
    self._next_look = 2 * self._came + 1
    return False

  def saw(self, texts: Sequence[str], tokens: int) -> None:
    """Says which texts came, and how many tokens they were."""
    self._came += cacheable_chars(texts)
    self._tokens += tokens

  def _enough_if(self, times: float) -> float:
    """Returns how much must be to come if each text comes so many times."""
    return CHARS_PER_PIECE * self._pieces + CHARS_OF_NEW_WORDS / times

  def _to_come(self) -> float:
    """Returns how many characters are to come that a cache would look up."""
    if self._expected is None:
      return 2 * self._came
    # What came beyond the expected promises as much again.
    return abs(self._expected - self._came)
