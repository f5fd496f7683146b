"""A SentencePiece vocabulary without TensorFlow: what seqio's is to a trainer.

The ids are those of `seqio.SentencePieceVocabulary(path, extra_ids)`. Here, in
addition, a whole block is encoded in one call, and text can never produce a
sentinel that is not a piece of the model itself.
"""

from __future__ import annotations

from collections.abc import Sequence
import functools
import hashlib
import re

import numpy as np
import sentencepiece

from ul2_flan.tasks.denoising.sentinels import Sentinels
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.ragged import Int32s, Ragged, offsets_of
from ul2_flan.tasks.vocabulary import word_cache

# The extra ids that T5's own vocabulary is used with.
T5_EXTRA_IDS = 100

# SentencePiece needs some 20 bytes of memory for each byte of a text, and adds
# up scores in single precision along it. Longer texts are encoded in pieces,
# which end before white space, where no piece of a usual model crosses.
MAX_TEXT_CHARS = 1 << 20

# Characters whose words are looked up at once: all at once, a document of 50 MB
# takes 1.1 GB of memory.
MAX_LOOKED_UP_CHARS = 8 << 20

# Blocks of less text go to SentencePiece: a cache of words would not pay.
MIN_CACHED_CHARS = 1 << 20


class Vocabulary:
  """Encodes text, and says which ids have a meaning of their own.

  Attributes:
    extra_ids: sentinels appended to the model's pieces, as seqio counts them.
    size: number of ids, extra ids included.
    sha256: of the model's bytes: two vocabularies are the same if it and
      `extra_ids` are.
    sentinels: ids of `<extra_id_0>`, `<extra_id_1>`, ...
  """

  def __init__(self, model: bytes, extra_ids: int | None = None):
    """Loads a model.

    Args:
      model: a SentencePiece model file's bytes.
      extra_ids: how many sentinels to append to the model's pieces; None for
        none where the model has `<extra_id_0>` as a piece (mT5's), else 100.

    Raises:
      UserError: the bytes are not a model, or its ids are not as T5's, or
        it has sentinels of its own and is to get others.
    """
    self._model = model
    self._processor = _load(model)
    pieces = self._processor.get_piece_size()
    own = self._sentinels_among_pieces(pieces)
    if extra_ids is None:
      extra_ids = 0 if own.count else T5_EXTRA_IDS
    if own.count and extra_ids:
      raise UserError(
        f'the model has {own.count} sentinels as pieces, and seqio cannot '
        'append others of the same names: leave out --extra_ids, or give 0'
      )
    self.extra_ids = extra_ids
    self.size = pieces + extra_ids
    self.sha256 = hashlib.sha256(model).hexdigest()
    self.sentinels = Sentinels(self.size - 1, extra_ids) if extra_ids else own
    self.unk_id = self._processor.unk_id()
    self.eos_id = self._processor.eos_id()
    # seqio pads with 0 and T5X masks it out of the loss.
    special = (self._processor.pad_id(), self.eos_id)
    if special != (0, 1):
      raise UserError(
        f'the model has pad and EOS ids {special}, seqio and T5X need (0, 1): '
        'train it with --pad_id=0 --eos_id=1 --unk_id=2 --bos_id=-1'
      )

  def _sentinels_among_pieces(self, pieces: int) -> Sentinels:
    """The descending run of `<extra_id_k>` in the model itself, if any."""
    first = pieces - 1
    count = 0
    while count < pieces and re.fullmatch(
      f'▁?<extra_id_{count}>', self._processor.id_to_piece(first - count)
    ):
      count += 1
    return Sentinels(first, count)

  def encode(self, text: str) -> tuple[int, ...]:
    """Ids of one text, without EOS."""
    return tuple(self._processor.encode(text))

  def encode_block(self, texts: Sequence[str]) -> Ragged:
    """Ids of many texts, without EOS, as `sentencepiece` gives them.

    Texts of more than `MAX_TEXT_CHARS` are encoded in pieces cut before white
    space (or, if there is none in half that length, anywhere). In large blocks,
    words are looked up if that gives the same ids: see `word_cache`.
    """
    if max(map(len, texts), default=0) > MAX_TEXT_CHARS:
      pieces = [_pieces(text) for text in texts]
      ids = self._ids([piece for text in pieces for piece in text])
      ends = offsets_of(np.fromiter(map(len, pieces), np.int64, len(pieces)))
      return Ragged(ids.values, ids.offsets[ends])
    return self._ids(texts)

  def _ids(self, texts: Sequence[str]) -> Ragged:
    if sum(map(len, texts)) >= MIN_CACHED_CHARS:
      cache = _word_cache(self._model)
      if cache:
        return _joined(
          [cache.encode(group, self._arrays) for group in _groups(texts)]
        )
    return Ragged.of(self._arrays(texts))

  def _arrays(self, texts: Sequence[str]) -> list[Int32s]:
    # One thread: an engine has a process for each core. As arrays, ids are
    # never Python objects.
    return self._processor.encode(
      list(texts), return_type='numpy', num_threads=1
    )

  def decode(self, ids: Sequence[int] | np.typing.NDArray[np.int32]) -> str:
    """Text of ids; sentinels that are no pieces become `<extra_id_k>`."""
    parts: list[str] = []
    run: list[int] = []
    for i in map(int, ids):
      if i < self._processor.get_piece_size():
        run.append(i)
        continue
      parts += [self._processor.decode(run)] * bool(run)
      parts.append(f'<extra_id_{self.sentinels.first - i}>')
      run = []
    parts += [self._processor.decode(run)] * bool(run)
    return ' '.join(parts)

  def __reduce__(self) -> tuple[type, tuple[bytes, int]]:
    return Vocabulary, (self._model, self.extra_ids)


@functools.lru_cache(maxsize=2)
def _load(model: bytes) -> sentencepiece.SentencePieceProcessor:
  """Loads a model, once: planning and the work it plans have the same."""
  processor = sentencepiece.SentencePieceProcessor()
  try:
    processor.LoadFromSerializedProto(model)
  except RuntimeError as e:
    raise UserError(f'not a SentencePiece model: {e}') from e
  return processor


@functools.lru_cache(maxsize=2)
def _word_cache(model: bytes) -> word_cache.WordCache | None:
  """A model's cache of words, the same for all that a process encodes."""
  processor = _load(model)
  rules = word_cache.rules_of(model, processor)
  return word_cache.WordCache(rules, processor) if rules else None


def _groups(texts: Sequence[str]) -> list[Sequence[str]]:
  """Stretches of a block that are looked up at once: the usual ones whole."""
  groups: list[Sequence[str]] = []
  start = size = 0
  for i, text in enumerate(texts):
    size += len(text)
    if size > MAX_LOOKED_UP_CHARS and i > start:
      groups.append(texts[start:i])
      start, size = i, len(text)
  return [*groups, texts[start:]]


def _joined(parts: Sequence[Ragged]) -> Ragged:
  if len(parts) == 1:
    return parts[0]
  lengths = np.concatenate([part.lengths for part in parts])
  values = np.concatenate([part.values for part in parts])
  return Ragged(values, offsets_of(lengths))


def _pieces(text: str) -> list[str]:
  """Cuts a long text into pieces of at most `MAX_TEXT_CHARS`."""
  pieces = []
  start = 0
  while len(text) - start > MAX_TEXT_CHARS:
    end = start + MAX_TEXT_CHARS
    for space in re.finditer(r'\s\S*\Z', text[end - MAX_TEXT_CHARS // 2 : end]):
      end = end - MAX_TEXT_CHARS // 2 + space.start()
    pieces.append(text[start:end])
    start = end
  return [*pieces, text[start:]]
