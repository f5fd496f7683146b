"""Packs examples into sequences: which go together, and as what features.

T5 and Flan pack (Raffel et al., arXiv 1910.10683; Chung et al., 2210.11416,
'Finetuning procedure'): a sequence holds several examples, and attention is
masked so that none sees another. seqio packs while it feeds a trainer. Here it
is done once, in a better order (`best_fit`), and the result is laid out as
seqio's pre-packed feature converters expect it (`layout`).

Nothing is cut: an example that is longer than a sequence is left out, and
`Packed.sequence` says so.
"""

from collections.abc import Mapping
import dataclasses

import numpy as np

from ul2_flan.pipelines.mix.packing import layout
from ul2_flan.pipelines.mix.packing.best_fit import assign
from ul2_flan.pipelines.mix.packing.shape import PackedShape
from ul2_flan.tasks.ragged import Int64s, Ragged, offsets_of
from ul2_flan.tasks.records.varints import Varints, varint


@dataclasses.dataclass(frozen=True, slots=True)
class Packed:
  """m packed sequences of a window of n examples.

  Attributes:
    tokens: how many tokens the sequences hold, EOS included and padding not, by
      side as in `PackedShape.room`.
    sequence: int64 [n], the sequence that each example is in; -1 for an example
      that fits into none.
  """

  tokens: Mapping[str, int]
  sequence: Int64s
  _inputs: Varints
  _targets: Varints
  _shape: PackedShape
  # Examples by sequence, and in the order of the window within one. Sequence k
  # holds those at _bounds[k] to _bounds[k + 1].
  _order: Int64s
  _bounds: Int64s

  def __len__(self) -> int:
    return len(self._bounds) - 1

  def features(self, start: int, stop: int) -> dict[str, Varints]:
    """Lays out the sequences from `start` to `stop`.

    Returns:
      their features, by the names that the converter wants. Those of 'enc_dec'
      end with the last token, because their converter pads. Those of the
      decoders are padded with 0 to the full length, because their converters do
      not.
    """
    bounds = self._bounds[start : stop + 1]
    examples = self._order[bounds[0] : bounds[-1]]
    shape = self._shape
    return layout.features(
      _taken(self._inputs, examples, shape.inputs_eos, shape.eos_id),
      _taken(self._targets, examples, shape.targets_eos, shape.eos_id),
      bounds - bounds[0],
      shape,
    )


def pack(inputs: Varints, targets: Varints, shape: PackedShape) -> Packed:
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
    inputs: tokens of n examples, without EOS.
    targets: tokens of the same examples, without EOS.
    shape: the shape of the sequences.

  >>> inputs = Varints.of(Ragged.of([[5, 6], [7]]))
  >>> targets = Varints.of(Ragged.of([[8], [9]]))
  >>> packed = pack(inputs, targets, PackedShape('enc_dec', 8, 4))
  >>> for name in ('inputs', 'inputs_segment_ids', 'inputs_positions'):
  ...   print(packed.features(0, 1)[name].ragged()[0].tolist())
  [5, 6, 1, 7, 1]
  [1, 1, 1, 2, 2]
  [0, 1, 2, 0, 1]
  """
  sequence = sequence_of(inputs.lengths, targets.lengths, shape)
  order = np.argsort(sequence, kind='stable')
  # Those that fit into none, with -1, come first and are dropped.
  order = order[np.searchsorted(sequence[order], 0) :]
  sides = _sides(inputs.lengths, targets.lengths, shape)
  taken = sides[order].sum(axis=0).tolist()
  return Packed(
    dict(zip(shape.room(), taken, strict=True)),
    sequence,
    inputs,
    targets,
    shape,
    order,
    offsets_of(np.bincount(sequence[order])),
  )


def sequence_of(inputs: Int64s, targets: Int64s, shape: PackedShape) -> Int64s:
  """Returns `Packed.sequence` for examples of these lengths.

  Args:
    inputs: int64 [n], tokens of each example's inputs, without EOS.
    targets: int64 [n], the same of its targets.
    shape: the shape of the sequences.
  """
  return assign(_sides(inputs, targets, shape), list(shape.room().values()))


def _sides(inputs: Int64s, targets: Int64s, shape: PackedShape) -> Int64s:
  """Returns the tokens of each example, EOS included: int64 [n, 1 or 2]."""
  sides = np.stack(
    [inputs + shape.inputs_eos, targets + shape.targets_eos], axis=1
  )
  if shape.architecture == 'enc_dec':
    return sides
  return sides.sum(axis=1, keepdims=True)


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
  one = Varints.of(Ragged.of([[shape.eos_id]]))
  return {
    name: lengths[name.partition('_')[0]]
    for name in pack(one, one, shape).features(0, 1)
  }


def _taken(
  tokens: Varints, examples: Int64s, eos: bool, eos_id: int
) -> Varints:
  """Takes some examples, and appends EOS to each, if `eos`."""
  end = varint(eos_id) if eos else b''
  return Varints(
    [tokens.data[i] + end for i in examples.tolist()],
    tokens.lengths[examples] + eos,
  )
