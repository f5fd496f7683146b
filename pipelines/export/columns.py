"""The columns of an export: what a reader without seqio wants of an example."""

from collections.abc import Mapping
import dataclasses

import numpy as np

from ul2_flan.tasks.manifest import Feature
from ul2_flan.tasks.ragged import Int32s, Ragged, offsets_of
from ul2_flan.tasks.records import Column, Frames
from ul2_flan.tasks.records import blocks as record_blocks

# The names that seqio's converters give a decoder's sequence, as `mix --pack`.
_TOKENS, _WEIGHTS = 'decoder_target_tokens', 'decoder_loss_weights'

# What Transformers calls them. Its losses pass over labels of -100.
_NAMES = {
  'inputs': 'input_ids',
  'targets': 'labels',
  _TOKENS: 'input_ids',
  'decoder_positions': 'position_ids',
}
_NO_LOSS = -100


class Columns:
  """Makes the columns of blocks of examples.

  Attributes:
    features: the columns, as the manifest describes them: none lacks its EOS.
  """

  def __init__(
    self,
    source: Mapping[str, Feature],
    *,
    decoder_only: bool,
    names: str,
    eos_id: int,
  ):
    """Takes the features of a run.

    Args:
      source: by name.
      decoder_only: whether inputs and targets are one sequence of a decoder.
      names: one of `config.COLUMNS`.
      eos_id: of the run's vocabulary.
    """
    self._source = dict(sorted(source.items()))
    self._joins = decoder_only and {'inputs', 'targets'} <= source.keys()
    self._eos_id = eos_id
    self._renames = names == 'transformers'
    # The columns of no example tell their names.
    self.features = {
      name: self._described(name) for name in self._made(self._none())
    }

  def _none(self) -> dict[str, Column]:
    nothing = Ragged.of([])
    return {
      name: [] if feature.dtype == 'string' else nothing
      for name, feature in self._source.items()
    }

  def _described(self, name: str) -> Feature:
    if self._joins and name in (_TOKENS, _WEIGHTS, 'input_ids', 'labels'):
      sides = [self._source[side] for side in ('inputs', 'targets')]
      length = sum(side.length for side in sides)
      ends = tuple(end for side in sides for end in side.eos_after)
      has_tokens = name != _WEIGHTS
      return Feature('int32', length, eos_after=ends if has_tokens else ())
    theirs = {new: old for old, new in _NAMES.items() if old in self._source}
    theirs.setdefault('labels', _TOKENS)
    feature = self._source[theirs.get(name, name)]
    return dataclasses.replace(feature, add_eos=False)

  def decode(self, frames: Frames, where: str) -> dict[str, Column]:
    """Makes the columns of a block of framed examples.

    Args:
      frames: of n examples.
      where: what they are from, for messages.

    Raises:
      CorruptRecordError: an example has other features.
    """
    is_ids = {k: f.dtype != 'string' for k, f in self._source.items()}
    return self._made(record_blocks.decode_columns(frames, is_ids, where))

  def _made(self, columns: dict[str, Column]) -> dict[str, Column]:
    for name, feature in self._source.items():
      tokens = columns[name]
      if feature.add_eos and isinstance(tokens, Ragged):
        columns[name] = with_eos(tokens, self._eos_id)
    if self._joins:
      inputs, targets = columns.pop('inputs'), columns.pop('targets')
      assert isinstance(inputs, Ragged)
      assert isinstance(targets, Ragged)
      columns[_TOKENS], columns[_WEIGHTS] = joined(inputs, targets)
    return _renamed(columns) if self._renames else columns


def _renamed(columns: dict[str, Column]) -> dict[str, Column]:
  """Gives the columns the names that Transformers has, and labels."""
  named = {_NAMES.get(name, name): column for name, column in columns.items()}
  tokens, weights = columns.get(_TOKENS), named.pop(_WEIGHTS, None)
  if isinstance(tokens, Ragged) and isinstance(weights, Ragged):
    labels = np.where(weights.values > 0, tokens.values, np.int32(_NO_LOSS))
    named['labels'] = Ragged(labels, tokens.offsets)
  return named


def with_eos(tokens: Ragged, eos_id: int) -> Ragged:
  """Appends EOS to each sequence.

  >>> [s.tolist() for s in with_eos(Ragged.of([[5, 6], []]), 1)]
  [[5, 6, 1], [1]]
  """
  offsets = tokens.offsets + np.arange(len(tokens.offsets))
  values = np.full(offsets[-1], eos_id, np.int32)
  is_token = np.ones(len(values), np.bool_)
  is_token[offsets[1:] - 1] = False
  values[is_token] = tokens.values
  return Ragged(values, offsets)


def joined(inputs: Ragged, targets: Ragged) -> tuple[Ragged, Ragged]:
  """Puts targets behind inputs.

  Returns:
    n sequences, and their weights: 0 on inputs and 1 on targets.

  >>> for feature in joined(Ragged.of([[5, 6]]), Ragged.of([[7]])):
  ...   print(feature[0].tolist())
  [5, 6, 7]
  [0, 0, 1]
  """
  lengths = np.stack([inputs.lengths, targets.lengths], axis=1).ravel()
  is_target = np.tile([False, True], len(inputs))
  weights: Int32s = np.repeat(is_target, lengths).astype(np.int32)
  values = np.empty(len(weights), np.int32)
  values[weights == 0] = inputs.values
  values[weights == 1] = targets.values
  offsets = offsets_of(inputs.lengths + targets.lengths)
  return Ragged(values, offsets), Ragged(weights, offsets)
