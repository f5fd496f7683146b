"""Encodes a prompt that may have blanks to fill in and a mode token in front.

Both become the ids that a model is trained on with UL2. A blank,
`<extra_id_0>`, takes the place of words and of the space before them;
SentencePiece alone would keep this space as a piece of its own.
"""

from __future__ import annotations

import re

import seqio

from ul2_flan.tasks.errors import UserError

_BLANK = re.compile(r'\s*<extra_id_(\d+)>')


def encode(
  prompt: str, vocabulary: seqio.SentencePieceVocabulary, mode_token: str = ''
) -> list[int]:
  """Returns the ids of a prompt, without EOS.

  Args:
    prompt: text, in which `<extra_id_k>` is the blank number k, from 0.
    vocabulary: T5's, or another with sentinels.
    mode_token: text before the prompt, such as '[NLU]'; it is encoded by
      itself, as in training: a piece of its own, if there is one.

  Raises:
    UserError: the vocabulary has no sentinel for a blank.
  """
  tokenizer = vocabulary.tokenizer
  space = tokenizer.piece_to_id('▁')
  piece = tokenizer.piece_to_id(mode_token)
  if tokenizer.id_to_piece(piece) == mode_token:
    ids = [piece]
  else:
    ids = list(vocabulary.encode(mode_token)) if mode_token else []
  # Text, number of a blank, text, number, ..., text.
  text, *rest = _BLANK.split(prompt)
  ids += vocabulary.encode(text)
  for blank, after in zip(rest[::2], rest[1::2], strict=True):
    ids.append(_sentinel(int(blank), vocabulary))
    pieces = list(vocabulary.encode(after))
    # SentencePiece puts a space before any text. Text that follows a blank
    # without a space, such as a full stop, must not get one.
    if pieces[:1] == [space] and not after[0].isspace():
      del pieces[0]
    ids += pieces
  return ids


def _sentinel(blank: int, vocabulary: seqio.SentencePieceVocabulary) -> int:
  """Returns the id of a sentinel."""
  count = vocabulary.extra_ids
  if blank < count:
    # T5 counts sentinels down from the end of the vocabulary.
    return int(vocabulary.vocab_size - 1 - blank)
  if not count:
    # The sentinels are pieces of the model itself, as in mT5's.
    for piece in (f'<extra_id_{blank}>', f'▁<extra_id_{blank}>'):
      sentinel = vocabulary.tokenizer.piece_to_id(piece)
      if sentinel != vocabulary.unk_id:
        return int(sentinel)
  raise UserError(
    f'<extra_id_{blank}>: the vocabulary has {count} extra ids. Number the '
    'blanks of a prompt from 0'
  )
