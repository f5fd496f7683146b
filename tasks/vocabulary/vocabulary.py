"""A vocabulary: a model's ids, with T5's sentinels, without TensorFlow.

A model is a SentencePiece file or a `tokenizer.json`. SentencePiece's ids are
those of `seqio.SentencePieceVocabulary(path, extra_ids)`, with one exception:
text never gives a sentinel that is not a piece of the model itself. Blocks of
texts are encoded in one call.
"""

from collections.abc import Sequence
import functools
import hashlib

import numpy as np

from ul2_flan.tasks.denoising.sentinels import Sentinels
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.ragged import Ragged
from ul2_flan.tasks.records.varints import MAX_ID
from ul2_flan.tasks.vocabulary import sentinel_pieces
from ul2_flan.tasks.vocabulary.model import Model
from ul2_flan.tasks.vocabulary.sentencepiece_model import SentencePieceModel
from ul2_flan.tasks.vocabulary.tokenizer_model import TokenizerModel

# How many sentinels T5 appends to its pieces (32,000 + 100 ids).
T5_EXTRA_IDS = 100


class Vocabulary:
  """Encodes texts, and knows which ids have a meaning of their own.

  Attributes:
    kind: 'sentencepiece', or 'tokenizer_json' for Hugging Face's.
    extra_ids: how many sentinels are appended to the model's pieces, as seqio
      counts them.
    size: how many ids there are, extra ids included.
    sha256: of the model's bytes. Two vocabularies are the same if this and
      `extra_ids` are.
    named_sentinels: the `sentinels` that it was made with.
    named_eos: the `eos` that it was made with.
    sentinels_are_pieces: whether text may have them.
    sentinels: the ids of `<extra_id_0>`, `<extra_id_1>`, ...
    unk_id: the id of unknown characters; -1 if no text gives one.
    eos_id: the id of EOS: 1 in T5's model, 2 in LLaMA's.
  """

  def __init__(
    self,
    model: bytes,
    extra_ids: int | None = None,
    sentinels: str = '',
    eos: str = '',
  ):
    """Loads a model.

    Args:
      model: the bytes of a SentencePiece model or of a `tokenizer.json`.
      extra_ids: how many sentinels to append to the model's pieces; None for
        none where the model has `<extra_id_0>` as a piece (mT5's), else 100.
      sentinels: which pieces to take instead, as in `sentinel_pieces.find`.
      eos: the name of EOS in a `tokenizer.json`; by default the one that is
        there of the usual names.

    Raises:
      UserError: the bytes are no model; or text could give the id 0, which is
        padding to seqio, or there is no EOS; or it has sentinels as pieces and
        should get others; or there are more ids than examples can have.
    """
    self._bytes = model
    self._model = _load(model, eos)
    pieces = self._model.size
    among_pieces = sentinel_pieces.find(self._model, sentinels)
    if extra_ids is None:
      extra_ids = 0 if among_pieces.count else T5_EXTRA_IDS
    if among_pieces.count and extra_ids and not sentinels:
      raise UserError(
        f'the model has {among_pieces.count} sentinels as pieces, and seqio '
        'cannot append others of the same names: leave out --extra_ids, or '
        'give 0'
      )
    self.kind = self._model.kind
    self.extra_ids = extra_ids
    self.size = pieces + extra_ids
    if self.size > MAX_ID:
      raise UserError(
        f'--extra_ids is {extra_ids}: with {pieces} pieces of the model, it '
        f'must be at most {MAX_ID - pieces}'
      )
    self.sha256 = hashlib.sha256(model).hexdigest()
    self.named_sentinels = sentinels
    self.named_eos = eos
    self.sentinels_are_pieces = among_pieces.count > 0
    self.sentinels = (
      among_pieces
      if self.sentinels_are_pieces
      else Sentinels(self.size - 1, extra_ids)
    )
    self.unk_id = self._model.unk_id
    self.eos_id = self._model.eos_id

  @functools.cached_property
  def blank_ids(self) -> tuple[int, ...]:
    """The ids of pieces that are white space alone."""
    pieces = enumerate(self._model.pieces)
    return tuple(i for i, piece in pieces if not piece.strip(' \t\n'))

  @property
  def pieces(self) -> Sequence[str]:
    """The text of each id, as in `Model`, without extra ids."""
    return self._model.pieces

  def id_of(self, name: str) -> int | None:
    """Returns the id of a piece; None if the model has none of this name."""
    return self._model.id_of(name)

  def encode(self, text: str) -> tuple[int, ...]:
    """Returns the ids of one text, without EOS."""
    return tuple(self._model.encode(text))

  def encode_mode(self, token: str) -> tuple[int, ...]:
    """Returns the ids of a mode token: its piece, if the model has one for it.

    Else it is text, as in the released UL2 checkpoints. As text, a piece of its
    own would have a word's beginning, a piece too, before it.
    """
    piece = self._model.id_of(token)
    return self.encode(token) if piece is None else (piece,)

  def encode_block(self, texts: Sequence[str]) -> Ragged:
    """Returns the ids of n texts, without EOS, as the model's library does."""
    return self._model.encode_block(texts)

  def expect(self, tokens: float, times: float = 1, processes: int = 1) -> None:
    """Says about how many tokens of text are to come, like the text so far.

    A process learns a SentencePiece model's words at once if that pays, and not
    at all if it does not; else it finds out by and by. No id depends on it.

    Args:
      tokens: how many, of all processes together.
      times: how often each text comes, at least 1.
      processes: how many will encode them: 1 for this one, or its forks.
    """
    self._model.expect(tokens, times, processes)

  def decode(self, ids: Sequence[int] | np.typing.NDArray[np.int32]) -> str:
    """Returns the text of ids; appended sentinels become `<extra_id_k>`."""
    pieces = self.size - self.extra_ids
    parts: list[str] = []
    run: list[int] = []
    for i in map(int, ids):
      if i < pieces:
        run.append(i)
        continue
      parts += [self._model.decode(run)] * bool(run)
      parts.append(f'<extra_id_{self.size - 1 - i}>')
      run = []
    parts += [self._model.decode(run)] * bool(run)
    return ' '.join(parts)

  def spell(self, ids: Sequence[int] | np.typing.NDArray[np.integer]) -> str:
    """Returns the pieces of ids, joined as they are.

    Unlike `decode`, it keeps the space before the first word, so that texts of
    stretches that follow one another can be joined.
    """
    return self._model.spell(np.asarray(ids, np.int64).tolist())

  def __reduce__(self) -> tuple[type, tuple[bytes, int, str, str]]:
    given = self.extra_ids, self.named_sentinels, self.named_eos
    return Vocabulary, (self._bytes, *given)


@functools.lru_cache(maxsize=2)
def _load(model: bytes, eos: str) -> Model:
  """Loads a model, and keeps it: planning and work load the same one."""
  # No SentencePiece model begins so: its fields have numbers below 15.
  if model[:64].lstrip()[:1] == b'{':
    return TokenizerModel(model, eos)
  if eos:
    raise UserError(
      f"--eos '{eos}' is for a tokenizer.json: a SentencePiece model says "
      'itself which piece is EOS'
    )
  return SentencePieceModel(model)
