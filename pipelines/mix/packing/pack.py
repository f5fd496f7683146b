"""Lays out packed sequences: tokens, segments and positions.

T5 and Flan pack (Raffel et al., arXiv 1910.10683; Chung et al., 2210.11416,
'Finetuning procedure'): a sequence holds several examples, and attention is
masked so that none sees another. seqio packs while it feeds a trainer. Here it
is done once, in a better order (`best_fit`), and the result is laid out as
seqio's pre-packed feature converters expect it.

Nothing is cut: an example that is longer than a sequence is left out, and
`Packed.sequence` says so.
"""

from collections.abc import Mapping
import dataclasses

import numpy as np

from ul2_flan.pipelines.mix.packing.best_fit import assign
from ul2_flan.pipelines.mix.packing.shape import PackedShape
from ul2_flan.tasks.ragged import Int64s, Ragged, offsets_of, position_in


@dataclasses.dataclass(frozen=True, slots=True)
class Packed:
  """m packed sequences.

  Attributes:
    features: int32 features of m sequences, by the names that the converter
      wants. Those of 'enc_dec' end with the last token, because their converter
      pads. Those of the decoders are padded with 0 to the full length, because
      their converters do not.
    tokens: how many tokens the sequences hold, EOS included and padding not, by
      side as in `PackedShape.room`.
    sequence: int64 [n], the sequence that each example is in; -1 for an example
      that fits into none.
  """

  features: Mapping[str, Ragged]
  tokens: Mapping[str, int]
  sequence: Int64s

  def __len__(self) -> int:
    return len(next(iter(self.features.values())))


def pack(inputs: Ragged, targets: Ragged, shape: PackedShape) -> Packed:
  """Packs a window of examples.

  For an encoder-decoder, with I_1, I_2 the inputs of two examples that share a
  sequence, each with its EOS, and |I| the tokens of I:

      inputs              I_1             I_2             0 …
      inputs_segment_ids  1 1 … 1         2 2 … 2         0 …
      inputs_positions    0 1 … |I_1|-1   0 1 … |I_2|-1   0 …

  and the same for targets. A decoder reads I_1 T_1 I_2 T_2 … in one feature,
  where an example is one segment; its loss has the weight 0 on inputs, or for
  'lm' 1 on all tokens. These are the features that seqio's converters make of
  the same examples when they pack them online.

  Examples keep the order of the window inside a sequence. A larger window gives
  fuller sequences and more work: of Flan's instructions at 2048 and 512 tokens,
  windows of 1,024, 4,096 and 16,384 examples fill 99.3, 99.7 and 99.9% of the
  inputs.

  Args:
    inputs: int32 tokens of n examples, without EOS.
    targets: int32 tokens of the same examples, without EOS.
    shape: the shape of the sequences.

  >>> inputs, targets = Ragged.of([[5, 6], [7]]), Ragged.of([[8], [9]])
  >>> packed = pack(inputs, targets, PackedShape('enc_dec', 8, 4))
  >>> for name in ('inputs', 'inputs_segment_ids', 'inputs_positions'):
  ...   print(packed.features[name][0].tolist())
  [5, 6, 1, 7, 1]
  [1, 1, 1, 2, 2]
  [0, 1, 2, 0, 1]
  """
  inputs = _with_eos(inputs, shape.inputs_eos, shape.eos_id)
  targets = _with_eos(targets, shape.targets_eos, shape.eos_id)
  sides = np.stack([inputs.lengths, targets.lengths], axis=1)
  if shape.architecture != 'enc_dec':
    sides = sides.sum(axis=1, keepdims=True)
  sequence = assign(sides, list(shape.room().values()))
  # Examples by sequence, and in the order of the window within one; those that
  # fit into none, with -1, come first and are dropped.
  order = np.argsort(sequence, kind='stable')
  order = order[np.searchsorted(sequence[order], 0) :]
  inputs, targets = inputs.take(order), targets.take(order)
  # Sequence k holds the examples per_sequence[k] to per_sequence[k + 1].
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


def feature_lengths(shape: PackedShape) -> dict[str, int]:
  """Returns the names of a sequence's features, and their lengths in tokens.

  >>> feature_lengths(PackedShape('lm', 6, 2))['decoder_positions']
  8
  """
  lengths = {
    'inputs': shape.inputs,
    'targets': shape.targets,
    'decoder': shape.inputs + shape.targets,
  }
  # The names are those that `pack` gives: it packs an example of two tokens.
  one = Ragged.of([[shape.eos_id]])
  return {
    name: lengths[name.partition('_')[0]]
    for name in pack(one, one, shape).features
  }


def _with_eos(tokens: Ragged, eos: bool, eos_id: int) -> Ragged:
  """Appends EOS to each example, if `eos`."""
  if not eos:
    return tokens
  ends = tokens.offsets[1:]
  values = np.insert(tokens.values, ends, eos_id)
  # One more token for each example before it.
  return Ragged(values, tokens.offsets + np.arange(len(tokens) + 1))


def _side(name: str, tokens: Ragged, per_sequence: Int64s) -> dict[str, Ragged]:
  """Makes a feature of examples, with its segments and positions.

  Args:
    name: the feature's name.
    tokens: of the examples, in the order of their sequences.
    per_sequence: int64 [m + 1], the first example of each sequence.

  Returns:
    three features of m sequences. Segments count from 1, positions from 0.
  """
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
  """Makes the features of a decoder that reads inputs and targets as one text.

  Args: as of `_side`.
  """
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
  # Each token is predicted from those before it in its example; before the
  # first there is 0.
  before = np.roll(tokens.values, 1)
  before[positions == 0] = 0
  # For each token, how many tokens its example's inputs have.
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
    # The inputs and one more position see one another: `before` is shifted by
    # one, and the model predicts the first target there.
    flat['decoder_causal_attention'] = (positions <= width).astype(np.int32)
  offsets = side['targets'].offsets
  length = shape.inputs + shape.targets
  return {k: _padded(Ragged(v, offsets), length) for k, v in flat.items()}


def _padded(tokens: Ragged, length: int) -> Ragged:
  """Pads each sequence with zeros to a length."""
  n = len(tokens)
  values = np.zeros((n, length), np.int32)
  row = np.repeat(np.arange(n), tokens.lengths)
  values[row, position_in(tokens.offsets)] = tokens.values
  return Ragged(values.ravel(), np.arange(n + 1) * length)
