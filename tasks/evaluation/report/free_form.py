"""Answers to prompts that have no reference: what goes wrong by itself.

Models before instruction finetuning repeat the input, say nothing, or do not
know when to stop (arXiv 2210.11416, section 6 and figure 6). These three can be
counted without a judge.
"""

from collections.abc import Sequence
import dataclasses
from typing import NamedTuple

# So often in a row, a stretch at the end is a loop.
_TIMES = 4
# Stretches may have so many words, or so many characters where a script has no
# spaces. Fewer characters are no words: '1000000' is no loop.
_WORDS = range(1, 41)
_CHARACTERS = range(4, 121)


class Answer(NamedTuple):
  """What a model said to a prompt.

  Attributes:
    prompt: what it was given.
    said: what it said.
    is_cut: whether it was stopped because the answer was too long.
  """

  prompt: str
  said: str
  is_cut: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class FreeForm:
  """Shares of answers, in percent; one answer may count more than once.

  Attributes:
    n: how many answers there are.
    empty: have no letter or digit.
    repeats: are a part of the prompt, at least half as long as it, or have all
      of the prompt in them.
    endless: were cut, or repeat their end four times or more.
  """

  n: int
  empty: float
  repeats: float
  endless: float


def free_form(answers: Sequence[Answer]) -> FreeForm:
  """Counts what goes wrong in answers, of which there is at least one."""
  n = len(answers)
  return FreeForm(
    n,
    100 * sum(is_empty(one.said) for one in answers) / n,
    100 * sum(repeats(one.prompt, one.said) for one in answers) / n,
    100 * sum(one.is_cut or is_endless(one.said) for one in answers) / n,
  )


def is_empty(said: str) -> bool:
  """Whether an answer has no letter or digit.

  >>> is_empty(' ⁇ .'), is_empty('5')
  (True, False)
  """
  return not any(c.isalnum() for c in said)


def repeats(prompt: str, said: str) -> bool:
  """Whether an answer is little more than its prompt, or half of it.

  >>> repeats('Who wrote it?', 'who wrote  it? it'), repeats('A or B?', 'B')
  (True, False)
  """
  given, answer = _folded(prompt), _folded(said)
  if not given or not answer:
    return False
  return given in answer or (answer in given and 2 * len(answer) >= len(given))


def is_endless(said: str) -> bool:
  """Whether an answer repeats its end four times or more.

  >>> is_endless('It is, it is, it is, it is, it is, i'), is_endless('No, no!')
  (True, False)
  """
  words = said.casefold().split()
  # A model that is stopped may leave a part of a word.
  return (
    _loops(words, _WORDS)
    or _loops(words[:-1], _WORDS)
    or _loops(said, _CHARACTERS)
  )


def _loops(parts: Sequence[str], lengths: range) -> bool:
  """Whether the end has a period of one of these lengths."""
  for period in lengths:
    end = parts[-_TIMES * period :]
    if len(end) < _TIMES * period:
      return False
    if end[period:] == end[:-period] and any(
      c.isalpha() for part in end[:period] for c in part
    ):
      return True
  return False


def _folded(text: str) -> str:
  return ' '.join(text.casefold().split())
