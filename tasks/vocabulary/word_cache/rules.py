"""Decides whether a model can have a word cache, and what the cache must know.

`rules_of` checks all that the package's argument assumes of a model. It is
about how SentencePiece works inside, so it holds for one version. If anything
is not as expected, there are no rules, and so no cache.
"""

from collections.abc import Sequence
import dataclasses
import itertools
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

# Earlier versions break ties otherwise; later ones are yet to be checked.
KNOWN_VERSION = '0.2.2'

WORD_MARK = '▁'

_NORMAL, _USER_DEFINED = 1, 4  # of ModelProto.SentencePiece.Type

# By the byte: a letter, another printable ASCII character, or what is neither.
_ASCII_KINDS = bytes(
  b' -a'[(33 <= i < 127) + (i < 127 and chr(i).isalpha())] for i in range(256)
)


@dataclasses.dataclass(frozen=True, slots=True)
class Rules:
  """What the cache knows of a model.

  Attributes:
    lattice: segments strings, in which a space stands for `WORD_MARK`.
    kinds: 256 bytes, the kind of each byte, for `units.split`.
    user_defined: the beginning that all user-defined pieces share, or '' if
      there are none. Text that has it is not for the cache.
    bytes_of_unknown: whether unknown characters become the ids of their bytes.
  """

  lattice: Lattice
  kinds: bytes
  user_defined: str
  bytes_of_unknown: bool


def rules_of(
  model: bytes, processor: sentencepiece.SentencePieceProcessor
) -> Rules | None:
  """Returns the rules of a model, or None if it cannot have an exact cache.

  Args:
    model: the bytes of the model.
    processor: has loaded it.
  """
  if sentencepiece.__version__ != KNOWN_VERSION:
    return None
  # Here, because small runs do without it. Its classes are made at run time.
  from sentencepiece import sentencepiece_model_pb2

  proto: Any = sentencepiece_model_pb2.ModelProto()  # type: ignore[attr-defined]
  proto.ParseFromString(model)
  if not _works_by_words(proto):
    return None
  types = np.array([p.type for p in proto.pieces])
  scores = np.array(processor.get_score(list(range(len(types)))), np.float32)
  ids = np.flatnonzero(types == _NORMAL)
  pieces = processor.id_to_piece(ids.tolist())
  user = processor.id_to_piece(np.flatnonzero(types == _USER_DEFINED).tolist())
  user = [piece.removeprefix(WORD_MARK) for piece in user]
  user_defined = _common_beginning(user)
  every = '\n'.join(['', *pieces, ''])
  kinds = _kinds(processor, cuts=_letters_are_apart(every))
  if (
    not _are_of_words(every, len(pieces))
    # With no score above 0, sums fall along a text; `rounding` relies on it.
    or scores[ids].max() > 0
    or any(WORD_MARK in piece for piece in user)
    # What they share must be enough to look for in a text.
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
    proto.trainer_spec.byte_fallback,
  )


def _works_by_words(proto: Any) -> bool:
  """Whether a model segments and normalises a text word by word."""
  trainer, normaliser = proto.trainer_spec, proto.normalizer_spec
  return (
    trainer.model_type == trainer.UNIGRAM
    and not trainer.treat_whitespace_as_suffix
    and normaliser.add_dummy_prefix
    and normaliser.remove_extra_whitespaces
    and normaliser.escape_whitespaces
    and _maps_stay_in_words(normaliser.precompiled_charsmap)
  )


def _are_of_words(every: str, count: int) -> bool:
  """Whether no piece reaches beyond a word, and '▁' alone is a piece.

  Args:
    every: the pieces, with a newline before and after each.
    count: how many there are.
  """
  return (
    every.count('\n') == count + 1
    and every.count(WORD_MARK) == every.count('\n' + WORD_MARK)
    and f'\n{WORD_MARK}\n' in every
    and ' ' not in every
    and '\0' not in every
  )


def _letters_are_apart(every: str) -> bool:
  r"""Whether no piece has a letter beside another printable ASCII character.

  Args:
    every: the pieces, with a newline before and after each.

  >>> _letters_are_apart('\nfoo\n-\n'), _letters_are_apart('\nfoo-\n')
  (True, False)
  """
  kinds = every.encode().translate(_ASCII_KINDS)
  return b'a-' not in kinds and b'-a' not in kinds


def _kinds(
  processor: sentencepiece.SentencePieceProcessor, cuts: bool
) -> bytes:
  """Returns the kind of each byte, by what the normaliser makes of it.

  Characters that it changes, and those beyond ASCII, are of the kind OTHER.

  Args:
    processor: has loaded the model.
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
  """Returns the beginning that all strings share; '' for no strings."""
  # What the first and the last in sorted order share, all between them do.
  low, high = min(strings, default=''), max(strings, default='')
  same = itertools.takewhile(
    lambda pair: pair[0] == pair[1], zip(low, high, strict=False)
  )
  return ''.join(character for character, _ in same)


def _maps_stay_in_words(charsmap: bytes) -> bool:
  """Whether normalising words and joining them is normalising the text.

  That holds if no rule replaces several characters of which the first is white
  space or a later one is ASCII, and no rule gives two spaces or a `WORD_MARK`.

  Args:
    charsmap: empty, or the size of a double array, the array, and the
      replacements with a zero byte behind each. The array is a trie of what the
      rules replace, in the format of Darts-clone.
  """
  if not charsmap:
    return True
  size = int.from_bytes(charsmap[:4], 'little')
  values = charsmap[4 + size :]
  if b'  ' in values or WORD_MARK.encode() in values:
    return False
  cells = np.frombuffer(charsmap, '<u4', size // 4, offset=4).astype(np.int64)
  # A cell has a label of eight bits and an offset, which gives the place of its
  # children. A child lies at the exclusive or of that place and its own label.
  label = cells & 0x800000FF
  came_from = np.arange(len(cells)) ^ label
  children = np.arange(len(cells)) ^ cells >> 10 << ((cells & 1 << 9) >> 6)
  is_node = (label > 0) & (label < 256) & (came_from < len(cells))
  came_from[~is_node] = 0
  # Walk the trie from the root, one byte deeper each time, and look at the
  # labels on the way.
  places = np.zeros(len(cells), np.bool_)
  new = np.zeros(1, np.int64)
  while len(new):
    reached = children[new]
    places[reached[reached < len(cells)]] = True
    deeper = np.flatnonzero(is_node & places[came_from])
    is_node[deeper] = False
    # Beyond the first byte, none may be ASCII.
    if new[0] and (label[deeper] < 0x80).any():
      return False
    # White space as the first byte must be the only one.
    if not new[0]:
      spaces = deeper[np.isin(label[deeper], list(b'\t\n\v\f\r '))]
      if (is_node & np.isin(came_from, children[spaces])).any():
        return False
    new = deeper
  return True
