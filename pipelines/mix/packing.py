"""Several examples in one sequence, as seqio's pre-packed converters take them.

`best_fit.assign` finds a sequence for each example of a window; here they are
laid out. Nothing is cut: what is longer than a sequence is left out and named.
"""

from __future__ import annotations

from collections.abc import Mapping
import dataclasses
from typing import Any

import numpy as np

from ul2_flan.pipelines.mix.best_fit import assign
from ul2_flan.tasks.errors import unknown
from ul2_flan.tasks.ragged import Int64s, Ragged, offsets_of, position_in

# By the seqio converter that reads it: PrePackedEncDecFeatureConverter,
# PrePackedPrefixLMFeatureConverter, PrePackedLMFeatureConverter.
ARCHITECTURES = ('enc_dec', 'prefix_lm', 'lm')


@dataclasses.dataclass(frozen=True, slots=True)
class PackedShape:
  """What sequences are to look like.

  Attributes:
    architecture: one of `ARCHITECTURES`. 'lm' has the loss on inputs too. A
      causal decoder with the loss on targets only reads 'prefix_lm' by the
      converter of 'lm'.
    inputs: tokens of a sequence's inputs. For any but 'enc_dec', a
      sequence holds examples of `inputs + targets` tokens, however divided.
    targets: likewise of its targets.
    inputs_eos: whether EOS is to follow an example's inputs; records lack it.
    targets_eos: likewise its targets.
    eos_id: of the vocabulary.
  """

  architecture: str
  inputs: int
  targets: int
  inputs_eos: bool = True
  targets_eos: bool = True
  eos_id: int = 1

  def __post_init__(self) -> None:
    if self.architecture not in ARCHITECTURES:
      raise unknown('architecture', self.architecture, ARCHITECTURES)

  def room(self) -> dict[str, int]:
    """Tokens that a sequence holds at most, by side, as `Packed.tokens`."""
    if self.architecture == 'enc_dec':
      return {'inputs': self.inputs, 'targets': self.targets}
    return {'targets': self.inputs + self.targets}

  def features(self) -> dict[str, int]:
    """Names of a sequence's features, and their lengths in tokens."""
    one = Ragged.of([[self.eos_id]])
    lengths = {'inputs': self.inputs, 'targets': self.targets}
    if self.architecture != 'enc_dec':
      lengths['decoder'] = self.inputs + self.targets
    return {
      name: lengths[name.partition('_')[0]]
      for name in pack(one, one, self).features
    }


def shape_of(raw: Mapping[str, Any]) -> PackedShape:
  """Reads a shape as a plan keeps it, where the architecture is a 'layout'."""
  return PackedShape(
    architecture=raw['layout'],
    **{name: value for name, value in raw.items() if name != 'layout'},
  )


def as_written(shape: PackedShape) -> dict[str, Any]:
  """Returns a shape as a plan keeps it."""
  fields = dataclasses.asdict(shape)
  return {'layout': fields.pop('architecture'), **fields}


@dataclasses.dataclass(frozen=True, slots=True)
class Packed:
  """Packed sequences.

  Attributes:
    features: of n sequences, by the names that the converter wants. Those of
      'enc_dec' end with the last token, since its converter pads; the others
      have padding (0), since theirs do not.
    tokens: without padding, EOS included, by 'inputs' and 'targets', or for the
      other layouts 'targets' only.
    sequence: int64 [examples], where each example is; -1 if it does not fit.
  """

  features: Mapping[str, Ragged]
  tokens: Mapping[str, int]
  sequence: Int64s

  def __len__(self) -> int:
    return len(next(iter(self.features.values())))


def pack(inputs: Ragged, targets: Ragged, shape: PackedShape) -> Packed:
  """Packs a window of examples.

  Examples keep their order inside a sequence. A larger window gives fuller
  sequences and more work for the processor's cache: 4,096 examples are a good
  one (99.7% of the inputs of Flan's instructions at 2048/512, for 99.3% with
  1,024 and 99.9% with 16,384).

  Args:
    inputs: of n examples, without EOS.
    targets: likewise.

  Returns:
    int32 features. Segments count from 1 and positions from 0; both are 0 in
    padding. They equal what seqio's converters make of the same examples when
    these pack them online.
  """
  inputs = _with_eos(inputs, shape.inputs_eos, shape.eos_id)
  targets = _with_eos(targets, shape.targets_eos, shape.eos_id)
  if shape.architecture == 'enc_dec':
    lengths = np.stack([inputs.lengths, targets.lengths], axis=1)
    sequence = assign(lengths, [shape.inputs, shape.targets])
  else:
    lengths = (inputs.lengths + targets.lengths)[:, None]
    sequence = assign(lengths, [shape.inputs + shape.targets])
  order = np.argsort(sequence, kind='stable')
  order = order[np.searchsorted(sequence[order], 0) :]
  inputs, targets = inputs.take(order), targets.take(order)
  per_sequence = offsets_of(np.bincount(sequence[order]))
  if shape.architecture == 'enc_dec':
    features = {
      **_side('inputs', inputs, per_sequence),
      **_side('targets', targets, per_sequence),
    }
    tokens = {'inputs': len(inputs.values), 'targets': len(targets.values)}
  else:
    features = _decoder(inputs, targets, per_sequence, shape)
    tokens = {'targets': len(inputs.values) + len(targets.values)}
  return Packed(features, tokens, sequence)


def _with_eos(tokens: Ragged, eos: bool, eos_id: int) -> Ragged:
  if not eos:
    return tokens
  ends = tokens.offsets[1:]
  values = np.insert(tokens.values, ends, eos_id)
  return Ragged(values, tokens.offsets + np.arange(len(tokens) + 1))


def _side(name: str, tokens: Ragged, per_sequence: Int64s) -> dict[str, Ragged]:
  """A feature of examples in order, with its segments and positions."""
  segments = np.repeat(position_in(per_sequence) + 1, tokens.lengths)
  offsets = tokens.offsets[per_sequence]
  return {
    name: Ragged(tokens.values, offsets),
    f'{name}_segment_ids': Ragged(segments.astype(np.int32), offsets),
    f'{name}_positions': Ragged(
      position_in(tokens.offsets).astype(np.int32), offsets
    ),
  }


def _decoder(
  inputs: Ragged, targets: Ragged, per_sequence: Int64s, shape: PackedShape
) -> dict[str, Ragged]:
  """The features of a decoder that reads inputs and targets as one text."""
  n = len(inputs)
  both = Ragged(
    np.concatenate([inputs.values, targets.values]),
    np.concatenate([inputs.offsets, inputs.offsets[-1] + targets.offsets[1:]]),
  )
  # Input 0, target 0, input 1, …
  both = both.take(np.arange(2 * n).reshape(2, n).T.ravel())
  tokens = Ragged(both.values, both.offsets[::2])
  side = _side('targets', tokens, per_sequence)
  positions = side['targets_positions'].values
  before = np.roll(tokens.values, 1)
  before[positions == 0] = 0
  width = np.repeat(inputs.lengths, tokens.lengths)
  weights = np.ones_like(tokens.values)
  if shape.architecture == 'prefix_lm':
    weights = (positions >= width).astype(np.int32)
  flat = {
    'decoder_target_tokens': tokens.values,
    'decoder_input_tokens': before,
    'decoder_loss_weights': weights,
    'decoder_positions': positions,
    'decoder_segment_ids': side['targets_segment_ids'].values,
  }
  if shape.architecture == 'prefix_lm':
    # One position more than the inputs: where the first target is predicted.
    flat['decoder_causal_attention'] = (positions <= width).astype(np.int32)
  offsets = side['targets'].offsets
  length = shape.inputs + shape.targets
  return {k: _padded(Ragged(v, offsets), length) for k, v in flat.items()}


def _padded(tokens: Ragged, length: int) -> Ragged:
  """Each sequence with zeros up to this length."""
  n = len(tokens)
  values = np.zeros((n, length), np.int32)
  row = np.repeat(np.arange(n), tokens.lengths)
  values[row, position_in(tokens.offsets)] = tokens.values
  return Ragged(values.ravel(), np.arange(n + 1) * length)
