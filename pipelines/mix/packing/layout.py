"""Lays out packed sequences: tokens, segments and positions.

No token is decoded: a sequence is joined from stretches of bytes, a handful for
each example. Tokens come as varints, segments are one number repeated, and
positions are the beginning of those of the longest example.
"""

from collections.abc import Mapping, Sequence
import itertools

import numpy as np

from ul2_flan.pipelines.mix.packing.shape import PackedShape
from ul2_flan.tasks.ragged import Int64s, offsets_of, position_in
from ul2_flan.tasks.records.varints import Varints, pack_varints, varint

# All bytes of a varint but its last.
_NOT_LAST = bytes(range(0x80, 0x100))


def features(
  inputs: Varints, targets: Varints, per_sequence: Int64s, shape: PackedShape
) -> dict[str, Varints]:
  """Makes the features of m sequences.

  Args:
    inputs: of the examples, with EOS, in the order of their sequences.
    targets: of the same examples.
    per_sequence: int64 [m + 1], the first example of each sequence.
    shape: of the sequences.
  """
  if shape.architecture != 'enc_dec':
    return _decoder(inputs, targets, per_sequence, shape)
  return {
    **_side('inputs', inputs, per_sequence),
    **_side('targets', targets, per_sequence),
  }


def _side(
  name: str, tokens: Varints, per_sequence: Int64s
) -> dict[str, Varints]:
  """Makes a feature of examples, with its segments and positions.

  Segments count from 1, positions from 0.
  """
  pieces = {
    name: tokens.data,
    f'{name}_segment_ids': _segments(tokens.lengths, per_sequence),
    f'{name}_positions': _positions(tokens.lengths),
  }
  return _sequences(pieces, tokens.lengths, per_sequence)


def _segments(lengths: Int64s, per_sequence: Int64s) -> list[bytes]:
  """Numbers the examples of each sequence, at each of their tokens."""
  numbers = (position_in(per_sequence) + 1).tolist()
  return [varint(k) * n for k, n in zip(numbers, lengths.tolist(), strict=True)]


def _positions(lengths: Int64s) -> list[bytes]:
  """Numbers the tokens of each example."""
  longest = int(lengths.max(initial=0))
  packed, ends = pack_varints(np.arange(longest, dtype=np.int32))
  return [packed[:end] for end in ends[lengths].tolist()]


def _sequences(
  pieces: Mapping[str, Sequence[bytes]], lengths: Int64s, per_sequence: Int64s
) -> dict[str, Varints]:
  """Joins the examples of each sequence.

  Args:
    pieces: by feature, what each example has.
    lengths: int64 [n], its tokens.
    per_sequence: as of `features`.
  """
  tokens = np.diff(offsets_of(lengths)[per_sequence])
  bounds = list(itertools.pairwise(per_sequence.tolist()))
  return {
    name: Varints(
      [b''.join(of_examples[start:stop]) for start, stop in bounds], tokens
    )
    for name, of_examples in pieces.items()
  }


def _padded(tokens: Varints, length: int) -> Varints:
  """Pads each sequence with zeros to a length."""
  missing = (length - tokens.lengths).tolist()
  return Varints(
    [ids + bytes(n) for ids, n in zip(tokens.data, missing, strict=True)],
    np.full_like(tokens.lengths, length),
  )


def _decoder(
  inputs: Varints, targets: Varints, per_sequence: Int64s, shape: PackedShape
) -> dict[str, Varints]:
  """Makes the features of a decoder that reads inputs and targets as one text.

  Args: as of `features`.
  """
  both = [i + t for i, t in zip(inputs.data, targets.data, strict=True)]
  lengths = inputs.lengths + targets.lengths
  widths = inputs.lengths if shape.architecture == 'prefix_lm' else 0 * lengths
  marks = list(zip(widths.tolist(), lengths.tolist(), strict=True))
  pieces: dict[str, Sequence[bytes]] = {
    'decoder_target_tokens': both,
    # Each token is predicted from those before it in its example; before the
    # first there is 0.
    'decoder_input_tokens': [
      ids and b'\0' + _without_last(ids) for ids in both
    ],
    'decoder_loss_weights': [bytes(w) + b'\1' * (n - w) for w, n in marks],
    'decoder_positions': _positions(lengths),
    'decoder_segment_ids': _segments(lengths, per_sequence),
  }
  if shape.architecture == 'prefix_lm':
    # The inputs and one more position see one another: input tokens are shifted
    # by one, and the model predicts the first target there.
    pieces['decoder_causal_attention'] = [
      (b'\1' * (w + 1) + bytes(n - w))[:n] for w, n in marks
    ]
  sequences = _sequences(pieces, lengths, per_sequence)
  length = shape.inputs + shape.targets
  return {name: _padded(made, length) for name, made in sequences.items()}


def _without_last(ids: bytes) -> bytes:
  """Leaves out the last varint."""
  return ids[:-1].rstrip(_NOT_LAST)
