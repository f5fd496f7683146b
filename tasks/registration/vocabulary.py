"""seqio's vocabularies for the models that a manifest names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
import functools
from typing import Any

import numpy as np
import seqio
import tensorflow as tf

from ul2_flan.tasks.ragged import Ragged
from ul2_flan.tasks.vocabulary import Vocabulary
from ul2_flan.tasks.vocabulary.tokenizer_model import TokenizerModel


class TokenizerVocabulary(seqio.Vocabulary):
  """Hugging Face's `tokenizer.json` for seqio, with sentinels as T5's.

  It opens the file when the vocabulary is used, as seqio's own does. Text gives
  neither special tokens nor sentinels.

  >>> TokenizerVocabulary('tokenizer.json', extra_ids=100).extra_ids
  100
  """

  def __init__(
    self, path: str, extra_ids: int = 0, sentinels: str = '', eos: str = ''
  ):
    """Opens no file.

    Args:
      path: of the file, on any file system of TensorFlow's.
      extra_ids: as in `tasks.vocabulary.Vocabulary`, and so are the others.
    """
    super().__init__(extra_ids=extra_ids)
    self._given = extra_ids, sentinels, eos
    self.path = path

  @functools.cached_property
  def loaded(self) -> Vocabulary:
    """The same without TensorFlow.

    Raises:
      UserError: the file is no tokenizer that can be used.
    """
    return Vocabulary(read(self.path), *self._given)

  @property
  def bos_id(self) -> int | None:
    return None

  @property
  def eos_id(self) -> int:
    return self.loaded.eos_id

  @property
  def unk_id(self) -> int | None:
    return None if self.loaded.unk_id < 0 else self.loaded.unk_id

  @property
  def _base_vocab_size(self) -> int:
    return self.loaded.size - self.loaded.extra_ids

  def _encode(self, s: str) -> list[int]:
    return list(self.loaded.encode(s))

  def _decode(self, ids: Sequence[int]) -> str:
    return self.loaded.decode(ids)

  def _encode_tf(self, s: tf.Tensor) -> tf.Tensor:
    """Returns int32 [length] of a scalar, and int32 [n, None] of n texts."""
    s = tf.convert_to_tensor(s)
    ids, offsets = tf.numpy_function(
      self._encode_bytes, [tf.reshape(s, [-1])], [tf.int32, tf.int64]
    )
    ids.set_shape([None])
    if s.shape.rank == 0:
      return ids
    offsets.set_shape([None])
    return tf.RaggedTensor.from_row_splits(ids, offsets, validate=False)

  def _encode_bytes(self, texts: np.typing.NDArray[Any]) -> tuple[Any, Any]:
    ids: Ragged = self.loaded.encode_block([t.decode() for t in texts.tolist()])
    return ids.values, ids.offsets

  def _decode_tf(self, ids: tf.Tensor) -> tf.Tensor:
    """Returns the text of int32 [length], and of each row of [n, length]."""
    if isinstance(ids, tf.RaggedTensor):
      ids = ids.to_tensor()
    ids = tf.convert_to_tensor(ids)
    texts = tf.numpy_function(self._decode_rows, [ids], tf.string)
    return tf.ensure_shape(texts, ids.shape[:-1])

  def _decode_rows(self, ids: np.typing.NDArray[Any]) -> np.typing.NDArray[Any]:
    rows = ids.reshape([-1, ids.shape[-1]])
    texts = [self.loaded.decode(row).encode() for row in rows]
    return np.array(texts, np.object_).reshape(ids.shape[:-1])

  def __eq__(self, other: object) -> bool:
    if not isinstance(other, TokenizerVocabulary):
      return False
    return self._given == other._given and (
      self.path == other.path or self.loaded.sha256 == other.loaded.sha256
    )

  def __hash__(self) -> int:
    return hash(self._given)


def described(
  known: Mapping[str, Any], path: str | None = None
) -> seqio.Vocabulary:
  """Returns the vocabulary that a manifest describes; opens no file.

  Args:
    known: `Manifest.vocabulary`.
    path: where the file lies now, if not where the pipeline read it.
  """
  path = path or known['path']
  if known.get('kind') == TokenizerModel.kind:
    return TokenizerVocabulary(
      path, known['extra_ids'], known.get('sentinels', ''), known.get('eos', '')
    )
  return seqio.SentencePieceVocabulary(path, extra_ids=known['extra_ids'])


def without_tensorflow(
  vocabulary: seqio.Vocabulary, sentinels: str = ''
) -> Vocabulary:
  """Returns the vocabulary that knows its sentinels.

  Args:
    vocabulary: one of the two that `described` returns.
    sentinels: of `Manifest.vocabulary`: seqio does not know these.
  """
  if isinstance(vocabulary, TokenizerVocabulary):
    return vocabulary.loaded
  model = read(vocabulary.sentencepiece_model_file)
  return Vocabulary(model, vocabulary.extra_ids, sentinels)


def read(path: str) -> bytes:
  """Reads a vocabulary's file from any file system of TensorFlow's."""
  with tf.io.gfile.GFile(path, 'rb') as f:
    data: bytes = f.read()
  return data
