"""Which models the word cache is exact for, and what it needs of them.

All of this is about how SentencePiece works inside, so it holds for one version
of it. Where anything is not as expected there are no rules, and no cache.
"""

from __future__ import annotations

from collections.abc import Sequence
import dataclasses
import itertools
import re
from typing import Any

import numpy as np
import sentencepiece

from ul2_flan.tasks.vocabulary.word_cache.lattice import Lattice
from ul2_flan.tasks.vocabulary.word_cache.trie import Trie
from ul2_flan.tasks.vocabulary.word_cache.units import (
  LETTER,
  MARK,
  OTHER,
  SPACE,
)

# Earlier versions break ties otherwise, and later ones are not known.
KNOWN_VERSION = '0.2.2'

WORD_MARK = '▁'

_NORMAL, _USER_DEFINED = 1, 4  # types of pieces

_BESIDE_LETTER = re.compile(r'[A-Za-z][!-@\[-`{-~]|[!-@\[-`{-~][A-Za-z]')


@dataclasses.dataclass(frozen=True, slots=True)
class Rules:
  """What the cache knows of a model.

  Attributes:
    lattice: segments strings, in which a space stands for `WORD_MARK`.
    kinds: 256 bytes: the kind of each byte, for `units.split`.
    user_defined: what all user-defined pieces begin with, or ''. Text with it
      is not for the cache.
    bytes_of_unknown: whether unknown characters become the ids of their bytes.
  """

  lattice: Lattice
  kinds: bytes
  user_defined: str
  bytes_of_unknown: bool


def rules_of(
  model: bytes, processor: sentencepiece.SentencePieceProcessor
) -> Rules | None:
  """The rules of a model, or None if the cache would not be exact for it."""
  if sentencepiece.__version__ != KNOWN_VERSION:
    return None
  # Here, because small runs do without it. Its classes are made at run time.
  from sentencepiece import sentencepiece_model_pb2

  proto: Any = sentencepiece_model_pb2.ModelProto()  # type: ignore[attr-defined]
  proto.ParseFromString(model)
  trainer, normaliser = proto.trainer_spec, proto.normalizer_spec
  if not (
    trainer.model_type == trainer.UNIGRAM
    and not trainer.treat_whitespace_as_suffix
    and normaliser.add_dummy_prefix
    and normaliser.remove_extra_whitespaces
    and normaliser.escape_whitespaces
    and _maps_stay_in_words(normaliser.precompiled_charsmap)
  ):
    return None
  scores = np.array([p.score for p in proto.pieces], np.float32)
  types = np.array([p.type for p in proto.pieces])
  ids = np.flatnonzero(types == _NORMAL)
  pieces = [proto.pieces[i].piece for i in ids.tolist()]
  every = '\n'.join(['', *pieces, ''])
  user = [p.piece for p in proto.pieces if p.type == _USER_DEFINED]
  user = [piece.removeprefix(WORD_MARK) for piece in user]
  user_defined = _common_beginning(user)
  kinds = _kinds(processor, cuts=not _BESIDE_LETTER.search(every))
  if (
    every.count('\n') != len(pieces) + 1
    or every.count(WORD_MARK) != every.count('\n' + WORD_MARK)
    or f'\n{WORD_MARK}\n' not in every
    or scores[ids].max() > 0
    or set(every) & {' ', '\0'}
    or any(WORD_MARK in piece for piece in user)
    or (user and len(user_defined) < 2)
    or kinds[ord('\n')] != SPACE
  ):
    return None
  unknown = processor.unk_id()
  # SentencePiece makes an unknown character dearer than any piece.
  scores[unknown] = scores[ids].min() - np.float32(10)
  encoded = every.replace(WORD_MARK, ' ').encode().split(b'\n')[1:-1]
  return Rules(
    Lattice(Trie(encoded, ids), scores, unknown),
    kinds,
    user_defined,
    trainer.byte_fallback,
  )


def _kinds(
  processor: sentencepiece.SentencePieceProcessor, cuts: bool
) -> bytes:
  """The kind of each byte, as the normaliser treats the ASCII characters.

  Args:
    cuts: whether letters are cut from other printable characters.
  """
  kinds = bytearray([OTHER]) * 256
  kinds[0] = SPACE  # only ever padding
  for code in range(1, 128):
    character = chr(code)
    became = processor.normalize(f'a{character}b').removeprefix(WORD_MARK)
    if became == f'a{WORD_MARK}b':
      kinds[code] = SPACE
    elif became == f'a{character}b' and character.isprintable():
      kinds[code] = MARK if cuts and not character.isalpha() else LETTER
  return bytes(kinds)


def _common_beginning(strings: Sequence[str]) -> str:
  """What all of some strings begin with; '' for none."""
  low, high = min(strings, default=''), max(strings, default='')
  same = itertools.takewhile(
    lambda pair: pair[0] == pair[1], zip(low, high, strict=False)
  )
  return ''.join(character for character, _ in same)


def _maps_stay_in_words(charsmap: bytes) -> bool:
  """Whether normalising words and joining them is normalising the text.

  So it is if no rule replaces several characters of which the first is white
  space or another one ASCII, and none gives two spaces or a `WORD_MARK`.

  Args:
    charsmap: the size of a double array, the array, and the replacements,
      with a zero byte after each; or nothing.
  """
  if not charsmap:
    return True
  size = int.from_bytes(charsmap[:4], 'little')
  values = charsmap[4 + size :]
  if b'  ' in values or WORD_MARK.encode() in values:
    return False
  cells = np.frombuffer(charsmap, '<u4', size // 4, offset=4).astype(np.int64)
  # A node is reached by its label from the place of its parent's children.
  label = cells & 0x800000FF
  came_from = np.arange(len(cells)) ^ label
  children = np.arange(len(cells)) ^ cells >> 10 << ((cells & 1 << 9) >> 6)
  is_node = (label > 0) & (label < 256) & (came_from < len(cells))
  came_from[~is_node] = 0
  places = np.zeros(len(cells), np.bool_)
  new = np.zeros(1, np.int64)
  while len(new):
    reached = children[new]
    places[reached[reached < len(cells)]] = True
    found = np.flatnonzero(is_node & places[came_from])
    is_node[found] = False
    if new[0] and (label[found] < 0x80).any():
      return False
    if not new[0]:
      spaces = found[np.isin(label[found], list(b'\t\n\v\f\r '))]
      if (is_node & np.isin(came_from, children[spaces])).any():
        return False
    new = found
  return True
