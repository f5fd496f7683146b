"""SentencePiece models: blocks of texts are encoded in one call.

The ids are SentencePiece's. Words of large blocks are looked up in a cache if
that gives the same ids: see `word_cache`.
"""

from collections.abc import Sequence
import functools

import numpy as np
import sentencepiece

from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.ragged import Int32s, Ragged, offsets_of
from ul2_flan.tasks.vocabulary import word_cache
from ul2_flan.tasks.vocabulary.long_texts import groups, parts_of

# Longer texts are encoded in parts: SentencePiece needs some 20 bytes of memory
# for each byte of a text, and adds up scores in single precision along it.
# Parts end before white space, which no piece of a usual model crosses.
MAX_TEXT_CHARS = 1 << 20

# We look up the words of so many characters at once. All words at once would
# take 1.1 GB of memory for a document of 50 MB.
MAX_LOOKED_UP_CHARS = 8 << 20

# Blocks with fewer characters go to SentencePiece: a word cache would not pay.
MIN_CACHED_CHARS = 1 << 14

# SentencePiece makes a thread for a list of texts, which costs as much as so
# many calls with one text.
MIN_THREAD_TEXTS = 32


class SentencePieceModel:
  """A loaded model file; see `model.Model`."""

  kind = 'sentencepiece'

  def __init__(self, model: bytes):
    """Loads a model.

    Raises:
      UserError: the bytes are no model; or text could give the id 0, which is
        padding to seqio; or there is no EOS.
    """
    self._model = model
    self._processor = sentencepiece.SentencePieceProcessor()
    try:
      self._processor.LoadFromSerializedProto(model)
    except RuntimeError as e:
      raise UserError(
        f'not a SentencePiece model, nor a tokenizer.json: {e}'
      ) from e
    self.size: int = self._processor.get_piece_size()
    self._prospect = word_cache.Prospect(self.size)
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
  def pieces(self) -> list[str]:
    pieces: list[str] = self._processor.id_to_piece(list(range(self.size)))
    return [piece.replace('▁', ' ') for piece in pieces]

  def id_of(self, name: str) -> int | None:
    # The id of any other name is that of the unknown piece.
    piece: int = self._processor.piece_to_id(name)
    return piece if self._processor.id_to_piece(piece) == name else None

  def encode(self, text: str) -> Sequence[int]:
    ids: list[int] = self._processor.encode(text)
    return ids

  def encode_block(self, texts: Sequence[str]) -> Ragged:
    """Returns the ids of n texts, as SentencePiece gives them.

    Texts of more than `MAX_TEXT_CHARS` characters are encoded in parts, each
    cut before white space, or anywhere if half that length has none.
    """
    if max(map(len, texts), default=0) > MAX_TEXT_CHARS:
      parts = [parts_of(text, MAX_TEXT_CHARS) for text in texts]
      ids = self._ids([part for text in parts for part in text])
      ends = offsets_of(np.fromiter(map(len, parts), np.int64, len(parts)))
      return Ragged(ids.values, ids.offsets[ends])
    return self._ids(texts)

  def _ids(self, texts: Sequence[str]) -> Ragged:
    if sum(map(len, texts)) < MIN_CACHED_CHARS:
      return Ragged.of(self._arrays(texts))
    learnt = '_word_cache' in self.__dict__
    if (learnt or self._prospect.pays(texts)) and (cache := self._word_cache):
      return _joined(
        [
          cache.encode(group, self._arrays)
          for group in groups(texts, MAX_LOOKED_UP_CHARS)
        ]
      )
    ids = Ragged.of(self._arrays(texts))
    if not learnt:
      self._prospect.saw(texts, len(ids.values))
    return ids

  def expect(self, tokens: float, times: float, processes: int) -> None:
    pays = self._prospect.expect(tokens / processes, times)
    if pays and processes > 1:
      _ = self._rules  # what is learnt here need not be learnt in each fork

  @functools.cached_property
  def _rules(self) -> word_cache.Rules | None:
    return word_cache.rules_of(self._model, self._processor)

  @functools.cached_property
  def _word_cache(self) -> word_cache.WordCache | None:
    rules = self._rules
    return word_cache.WordCache(rules, self._processor) if rules else None

  def _arrays(self, texts: Sequence[str]) -> list[Int32s]:
    # One thread, since an engine has a process for each core; and arrays, so
    # that ids never become Python objects.
    if len(texts) < MIN_THREAD_TEXTS:
      return [self._processor.encode(t, return_type='numpy') for t in texts]
    return self._processor.encode(
      list(texts), return_type='numpy', num_threads=1
    )

  def decode(self, ids: Sequence[int]) -> str:
    text: str = self._processor.decode(list(ids))
    return text

  def spell(self, ids: Sequence[int]) -> str:
    known = self.size
    return ''.join(
      self.pieces[i] if 0 <= i < known else f'<id {i}>' for i in ids
    )


def _joined(parts: Sequence[Ragged]) -> Ragged:
  if len(parts) == 1:
    return parts[0]
  lengths = np.concatenate([part.lengths for part in parts])
  values = np.concatenate([part.values for part in parts])
  return Ragged(values, offsets_of(lengths))
