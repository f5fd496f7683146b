"""Encodes a prompt that may have blanks to fill in and a mode token in front.

Both become the ids that a model is trained on with UL2. A blank,
`<extra_id_0>`, takes the place of words and of the space before them. What
follows it gets the ids that it has in the middle of a text: alone it would get
a space in front, from SentencePiece for example.
"""

from __future__ import annotations

import re

from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.vocabulary import Vocabulary

_BLANK = re.compile(r'\s*<extra_id_(\d+)>')

# With one of them, hardly any text makes a piece.
_BEFORE = ('a', '1', ')')


def encode(
  prompt: str, vocabulary: Vocabulary, mode_token: str = ''
) -> list[int]:
  """Returns the ids of a prompt, without EOS.

  Args:
    prompt: text, in which `<extra_id_k>` is the blank number k, from 0.
    vocabulary: the model's; it knows which ids are sentinels.
    mode_token: text before the prompt, such as '[NLU]'; it is encoded by
      itself, as in training: a piece of its own, if there is one.

  Raises:
    UserError: the vocabulary has no sentinel for a blank.
  """
  ids = list(vocabulary.encode_mode(mode_token))
  # Text, number of a blank, text, number, ..., text.
  text, *rest = _BLANK.split(prompt)
  ids += vocabulary.encode(text)
  for blank, after in zip(rest[::2], rest[1::2], strict=True):
    ids.append(_sentinel(int(blank), vocabulary))
    ids += _inside(after, vocabulary)
  return ids


def _inside(text: str, vocabulary: Vocabulary) -> tuple[int, ...]:
  """Returns the ids of text that stands behind other text."""
  for before in _BEFORE:
    known, ids = vocabulary.encode(before), vocabulary.encode(before + text)
    if ids[: len(known)] == known:
      return ids[len(known) :]
  return vocabulary.encode(text)


def _sentinel(blank: int, vocabulary: Vocabulary) -> int:
  """Returns the id of a sentinel."""
  sentinels = vocabulary.sentinels
  if blank >= sentinels.count:
    raise UserError(
      f'<extra_id_{blank}>: the vocabulary has {sentinels.count} sentinels. '
      'Number the blanks of a prompt from 0'
    )
  return sentinels.first + sentinels.step * blank
