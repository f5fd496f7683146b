"""Computes log-likelihoods of questions under a checkpoint of T5X."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from flax import traverse_util
import gin
import jax
import numpy as np
from reproduce.arms import HERE, Arm
from reproduce.measuring.items import Question
import seqio
import tensorflow as tf

from ul2_flan.trainer_plugin.to_hugging_face import checkpoint as checkpoints

# Sequences of a batch are padded to one of these, so few programs are compiled.
_LENGTHS = (64, 96, 128, 192, 256, 384, 512)
_BATCH = 16


# Places of examples, and features of as many and some padding.
_Batch = tuple[np.ndarray, Mapping[str, np.ndarray]]


class Scored(NamedTuple):
  """A question, and what a model gives its examples.

  Attributes:
    question: as read.
    scores: log-likelihoods of the targets, EOS included.
    tokens: of the targets, EOS included.
  """

  question: Question
  scores: tuple[float, ...]
  tokens: tuple[int, ...]


class Scorer:
  """Scores with one model, whose parameters change."""

  def __init__(self, model: Any):
    """Takes a model of T5X."""
    self._model = model
    self._score = jax.jit(model.score_batch)
    # Of the questions that were asked last: checkpoints get the same.
    self._asked: Sequence[Question] = ()
    self._batches: list[_Batch] = []

  @classmethod
  def of(cls, arm: Arm, manifest: Path) -> Scorer:
    """Makes the model that an arm was trained as.

    Args:
      arm: says which model, and its attention.
      manifest: of data that has its vocabulary.
    """
    with gin.unlock_config():
      gin.clear_config()
      gin.parse_config_files_and_bindings(
        [
          str(HERE / file)
          for file in (f'networks/{arm.model}.gin', 'measuring/measure.gin')
        ],
        [f'MANIFEST = "{manifest}"', f'BIDIRECTIONAL = {arm.bidirectional}'],
        finalize_config=False,
      )
      return gin.get_configurable(cls)()

  def scored(
    self, checkpoint: Path, questions: Sequence[Question]
  ) -> list[Scored]:
    """Returns all questions with their scores.

    Args:
      checkpoint: `checkpoint_<step>`.
      questions: all that is measured.

    Raises:
      ValueError: an example is longer than any that is trained on.
    """
    found = checkpoints.opened(str(checkpoint.absolute()))
    params = traverse_util.unflatten_dict(found.read([*found.shapes]), sep='/')
    examples = [one for question in questions for one in question.examples]
    if self._asked is not questions:
      self._asked, self._batches = questions, list(self._divided(examples))
    scores = np.zeros(len(examples))
    tokens = np.zeros(len(examples), np.int64)
    for at, batch in self._batches:
      weights = batch['decoder_loss_weights']
      scores[at] = np.asarray(self._score(params, batch))[: len(at)]
      tokens[at] = (weights > 0).sum(axis=1)[: len(at)]
    ends = np.cumsum([len(question.examples) for question in questions])
    return [
      Scored(question, tuple(s.tolist()), tuple(t.tolist()))
      for question, s, t in zip(
        questions,
        np.split(scores, ends[:-1]),
        np.split(tokens, ends[:-1]),
        strict=True,
      )
    ]

  def _divided(self, examples: Sequence[Mapping[str, Any]]) -> Iterator[_Batch]:
    """Yields batches of examples of like lengths, and some padding."""
    sizes = np.array([_size(one) for one in examples])
    if sizes.max() > _LENGTHS[-1]:
      raise ValueError(f'an example has {sizes.max()} tokens')
    for low, high in zip((0, *_LENGTHS), _LENGTHS, strict=False):
      places = np.flatnonzero((sizes > low) & (sizes <= high))
      if not len(places):
        continue
      features = self._features([examples[i] for i in places], high)
      for start in range(0, len(places), _BATCH):
        at = places[start : start + _BATCH]
        rows = slice(start, start + len(at))
        yield (
          at,
          {
            key: _padded(value[rows], _BATCH) for key, value in features.items()
          },
        )

  def _features(
    self, examples: Sequence[Mapping[str, Any]], length: int
  ) -> dict[str, np.ndarray]:
    """Converts examples as T5X does for training, each in a row of its own."""
    ragged = {
      key: tf.ragged.constant(
        [one[key].tolist() for one in examples], dtype=tf.int32
      )
      for key in ('inputs', 'targets')
    }
    data = tf.data.Dataset.from_tensor_slices(ragged).map(
      lambda one: {key: tf.identity(value) for key, value in one.items()}
    )
    converter = self._model.FEATURE_CONVERTER_CLS(
      pack=False, apply_length_check=False
    )
    lengths = {'inputs': length, 'targets': 0}
    if not isinstance(converter, seqio.PrefixLMFeatureConverter):
      lengths['targets'] = length
    rows = list(converter(data, lengths).as_numpy_iterator())
    return {key: np.stack([row[key] for row in rows]) for key in rows[0]}


def _size(example: Mapping[str, Any]) -> int:
  return len(example['inputs']) + len(example['targets'])


def _padded(rows: np.ndarray, count: int) -> np.ndarray:
  """Adds rows of zeros, for a batch as large as all others."""
  short = count - len(rows)
  return np.pad(rows, [(0, short), *[(0, 0)] * (rows.ndim - 1)])
