"""A prompt's ids: with blanks to fill in, and a mode token in front.

Both become the ids that UL2 trains a model on. A blank, `<extra_id_0>`, takes
the place of words and of the space before them, which SentencePiece alone would
keep as a piece of its own.
"""

from __future__ import annotations

import re

import seqio

from ul2_flan.tasks.errors import UserError

_BLANK = re.compile(r'\s*<extra_id_(\d+)>')


def encode(
  prompt: str, vocabulary: seqio.SentencePieceVocabulary, mode_token: str = ''
) -> list[int]:
  """Ids of a prompt, without EOS.

  Args:
    prompt: text, in which `<extra_id_k>` is the k-th blank.
    vocabulary: T5's or another with sentinels.
    mode_token: in front, in pieces of its own.

  Raises:
    UserError: the vocabulary has no such blank.
  """
  tokenizer = vocabulary.tokenizer
  space = tokenizer.piece_to_id('▁')
  ids = list(vocabulary.encode(mode_token)) if mode_token else []
  # Text, number of a blank, text, number, ..., text.
  text, *rest = _BLANK.split(prompt)
  ids += vocabulary.encode(text)
  for blank, after in zip(rest[::2], rest[1::2], strict=True):
    ids.append(_sentinel(int(blank), vocabulary))
    pieces = list(vocabulary.encode(after))
    # What follows without a space, a full stop say, does not begin a word.
    if pieces[:1] == [space] and not after[0].isspace():
      del pieces[0]
    ids += pieces
  return ids


def _sentinel(blank: int, vocabulary: seqio.SentencePieceVocabulary) -> int:
  count = vocabulary.extra_ids
  if blank < count:
    return int(vocabulary.vocab_size - 1 - blank)
  if not count:  # pieces of the model itself, as in mT5's
    for piece in (f'<extra_id_{blank}>', f'▁<extra_id_{blank}>'):
      found = vocabulary.tokenizer.piece_to_id(piece)
      if found != vocabulary.unk_id:
        return int(found)
  raise UserError(
    f'<extra_id_{blank}>: the vocabulary has {count} extra ids. Number the '
    'blanks of a prompt from 0'
  )
