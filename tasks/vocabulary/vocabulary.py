"""A SentencePiece vocabulary, with seqio's ids but without TensorFlow.

The ids are those of `seqio.SentencePieceVocabulary(path, extra_ids)`, with one
exception: text never gives a sentinel that is not a piece of the model itself.
Blocks of texts are encoded in one call.
"""

from collections.abc import Sequence
import functools
import hashlib
import re

import numpy as np
import sentencepiece

from ul2_flan.tasks.denoising.sentinels import Sentinels
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.ragged import Int32s, Ragged, offsets_of
from ul2_flan.tasks.records.varints import MAX_ID
from ul2_flan.tasks.vocabulary import sentinel_pieces, word_cache

# How many sentinels T5 appends to its pieces (32,000 + 100 ids).
T5_EXTRA_IDS = 100

# Longer texts are encoded in parts: SentencePiece needs some 20 bytes of memory
# for each byte of a text, and adds up scores in single precision along it.
# Parts end before white space, which no piece of a usual model crosses.
MAX_TEXT_CHARS = 1 << 20

# We look up the words of so many characters at once. All words at once would
# take 1.1 GB of memory for a document of 50 MB.
MAX_LOOKED_UP_CHARS = 8 << 20

# Blocks with fewer characters go to SentencePiece: a word cache would not pay.
MIN_CACHED_CHARS = 1 << 20


class Vocabulary:
  """Encodes texts, and knows which ids have a meaning of their own.

  Attributes:
    extra_ids: how many sentinels are appended to the model's pieces, as seqio
      counts them.
    size: how many ids there are, extra ids included.
    sha256: of the model's bytes. Two vocabularies are the same if this and
      `extra_ids` are.
    named_sentinels: the `sentinels` that it was made with.
    sentinels_are_pieces: whether text may have them.
    sentinels: the ids of `<extra_id_0>`, `<extra_id_1>`, ...
    unk_id: the id of unknown characters.
    eos_id: the id of EOS: 1 in T5's model, 2 in LLaMA's.
  """

  def __init__(
    self, model: bytes, extra_ids: int | None = None, sentinels: str = ''
  ):
    """Loads a model.

    Args:
      model: a SentencePiece model file's bytes.
      extra_ids: how many sentinels to append to the model's pieces; None for
        none where the model has `<extra_id_0>` as a piece (mT5's), else 100.
      sentinels: which pieces to take instead, as in `sentinel_pieces.find`.

    Raises:
      UserError: the bytes are no model; or text could give the id 0, which is
        padding to seqio, or there is no EOS; or it has sentinels as pieces and
        should get others; or there are more ids than examples can have.
    """
    self._model = model
    self._processor = _load(model)
    pieces = self._processor.get_piece_size()
    among_pieces = sentinel_pieces.find(self._processor, sentinels)
    if extra_ids is None:
      extra_ids = 0 if among_pieces.count else T5_EXTRA_IDS
    if among_pieces.count and extra_ids and not sentinels:
      raise UserError(
        f'the model has {among_pieces.count} sentinels as pieces, and seqio '
        'cannot append others of the same names: leave out --extra_ids, or '
        'give 0'
      )
    self.extra_ids = extra_ids
    self.size = pieces + extra_ids
    if self.size > MAX_ID:
      raise UserError(
        f'--extra_ids is {extra_ids}: with {pieces} pieces of the model, it '
        f'must be at most {MAX_ID - pieces}'
      )
    self.sha256 = hashlib.sha256(model).hexdigest()
    self.named_sentinels = sentinels
    self.sentinels_are_pieces = among_pieces.count > 0
    self.sentinels = (
      among_pieces
      if self.sentinels_are_pieces
      else Sentinels(self.size - 1, extra_ids)
    )
    self.unk_id = self._processor.unk_id()
    self.eos_id = self._processor.eos_id()
    self._check_special_ids()

  def _check_special_ids(self) -> None:
    """Refuses a model whose texts would be masked, or that has no EOS."""
    if self.eos_id < 0:
      raise UserError(
        'the model has no EOS, which ends each example: train it with '
        '--eos_id=1'
      )
    processor = self._processor
    # Text gives no control piece, and no unknown one if there is a piece for
    # each byte.
    bytes_are_pieces = processor.is_byte(processor.piece_to_id('<0x41>'))
    if not self.eos_id or not (
      processor.is_control(0)
      or processor.is_unused(0)
      or (processor.is_unknown(0) and bytes_are_pieces)
    ):
      what = 'EOS' if not self.eos_id else 'which text can give'
      raise UserError(
        f"the model's id 0 is '{processor.id_to_piece(0)}', {what}; but seqio "
        'pads with 0, and T5X masks it as padding. Train the model with '
        '--pad_id=0 --eos_id=1 --unk_id=2 --bos_id=-1; or, as for LLaMA, with '
        '--unk_id=0 --byte_fallback'
      )

  @functools.cached_property
  def blank_ids(self) -> tuple[int, ...]:
    """The ids of pieces that are white space alone."""
    ids = range(self._processor.get_piece_size())
    pieces = self._processor.id_to_piece(list(ids))
    return tuple(i for i in ids if not pieces[i].strip('▁ \t\n'))

  def encode(self, text: str) -> tuple[int, ...]:
    """Returns the ids of one text, without EOS."""
    return tuple(self._processor.encode(text))

  def encode_mode(self, token: str) -> tuple[int, ...]:
    """Returns the ids of a mode token: its piece, if the model has one for it.

    Else it is text, as in the released UL2 checkpoints. As text, a piece of its
    own would have a word's beginning, a piece too, before it.
    """
    piece: int = self._processor.piece_to_id(token)
    if self._processor.id_to_piece(piece) == token:
      return (piece,)
    return self.encode(token)

  def encode_block(self, texts: Sequence[str]) -> Ragged:
    """Returns the ids of n texts, without EOS, as SentencePiece gives them.

    Texts of more than `MAX_TEXT_CHARS` characters are encoded in parts, each
    cut before white space, or anywhere if half that length has none. In large
    blocks, words are looked up if that gives the same ids: see `word_cache`.
    """
    if max(map(len, texts), default=0) > MAX_TEXT_CHARS:
      parts = [_parts(text) for text in texts]
      ids = self._ids([part for text in parts for part in text])
      ends = offsets_of(np.fromiter(map(len, parts), np.int64, len(parts)))
      return Ragged(ids.values, ids.offsets[ends])
    return self._ids(texts)

  def _ids(self, texts: Sequence[str]) -> Ragged:
    if sum(map(len, texts)) >= MIN_CACHED_CHARS and word_cache.pays(texts):
      cache = _word_cache(self._model)
      if cache:
        return _joined(
          [cache.encode(group, self._arrays) for group in _groups(texts)]
        )
    return Ragged.of(self._arrays(texts))

  def _arrays(self, texts: Sequence[str]) -> list[Int32s]:
    # One thread, since an engine has a process for each core; and arrays, so
    # that ids never become Python objects.
    return self._processor.encode(
      list(texts), return_type='numpy', num_threads=1
    )

  def decode(self, ids: Sequence[int] | np.typing.NDArray[np.int32]) -> str:
    """Returns the text of ids; appended sentinels become `<extra_id_k>`."""
    parts: list[str] = []
    run: list[int] = []
    for i in map(int, ids):
      if i < self._processor.get_piece_size():
        run.append(i)
        continue
      parts += [self._processor.decode(run)] * bool(run)
      parts.append(f'<extra_id_{self.size - 1 - i}>')
      run = []
    parts += [self._processor.decode(run)] * bool(run)
    return ' '.join(parts)

  def spell(self, ids: Sequence[int] | np.typing.NDArray[np.integer]) -> str:
    """Returns the pieces of ids, joined as they are; spaces stand for '▁'.

    Unlike `decode`, it keeps the space before the first word, so that texts of
    stretches that follow one another can be joined.
    """
    pieces = self._pieces
    known = len(pieces)
    texts = (
      pieces[i] if 0 <= i < known else f'<id {i}>'
      for i in np.asarray(ids, np.int64).tolist()
    )
    return ''.join(texts)

  @functools.cached_property
  def _pieces(self) -> list[str]:
    """The pieces, with spaces for '▁'."""
    ids = list(range(self._processor.get_piece_size()))
    pieces: list[str] = self._processor.id_to_piece(ids)
    return [piece.replace('▁', ' ') for piece in pieces]

  def __reduce__(self) -> tuple[type, tuple[bytes, int, str]]:
    return Vocabulary, (self._model, self.extra_ids, self.named_sentinels)


@functools.lru_cache(maxsize=2)
def _load(model: bytes) -> sentencepiece.SentencePieceProcessor:
  """Loads a model, and keeps it: planning and work load the same one."""
  processor = sentencepiece.SentencePieceProcessor()
  try:
    processor.LoadFromSerializedProto(model)
  except RuntimeError as e:
    raise UserError(f'not a SentencePiece model: {e}') from e
  return processor


@functools.lru_cache(maxsize=2)
def _word_cache(model: bytes) -> word_cache.WordCache | None:
  """Returns a model's word cache, which a process has once; None for none."""
  processor = _load(model)
  rules = word_cache.rules_of(model, processor)
  return word_cache.WordCache(rules, processor) if rules else None


def _groups(texts: Sequence[str]) -> list[Sequence[str]]:
  """Divides a block into stretches to look up at once; most blocks are one."""
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


def _parts(text: str) -> list[str]:
  """Cuts a long text into parts of at most `MAX_TEXT_CHARS`."""
  parts = []
  start = 0
  while len(text) - start > MAX_TEXT_CHARS:
    end = start + MAX_TEXT_CHARS
    # The last white space in the second half of the part, if there is one.
    for space in re.finditer(r'\s\S*\Z', text[end - MAX_TEXT_CHARS // 2 : end]):
      end = end - MAX_TEXT_CHARS // 2 + space.start()
    parts.append(text[start:end])
    start = end
  return [*parts, text[start:]]
