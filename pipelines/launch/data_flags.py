"""The flags that several commands have alike: of the model, and of shards."""

from __future__ import annotations

import argparse
import math

from ul2_flan.tasks.errors import UserError


def add_model_flags(
  parser: argparse.ArgumentParser,
  *,
  inputs_length: int,
  inputs_have: str,
  decoder_only: str,
) -> None:
  """The vocabulary, and the lengths of examples.

  Args:
    parser: gets a group of flags.
    inputs_length: unless another is given, in tokens.
    inputs_have: what counts among these, for the help.
    decoder_only: what that flag does, for the help.
  """
  group = parser.add_argument_group('the model')
  group.add_argument(
    '--vocabulary',
    required=True,
    metavar='MODEL',
    help='a SentencePiece model with pad 0 and EOS 1',
  )
  group.add_argument(
    '--extra_ids',
    type=int,
    metavar='N',
    help='sentinels appended to the vocabulary; by default 100 as for T5, or '
    'none if the model has <extra_id_0> itself, as mT5',
  )
  group.add_argument(
    '--inputs_length',
    type=int,
    default=inputs_length,
    metavar='N',
    help=f'tokens, {inputs_have} included (%(default)s)',
  )
  group.add_argument(
    '--targets_length', type=int, default=512, metavar='N', help='(%(default)s)'
  )
  group.add_argument('--decoder_only', action='store_true', help=decoder_only)


def add_shard_mb(group: argparse._ArgumentGroup, *, of: str = '') -> None:
  """How large shards are; `shard_bytes` reads it."""
  group.add_argument(
    '--shard_mb',
    type=float,
    default=128,
    metavar='MB',
    help=f'about the size of a shard{of} (%(default)s)',
  )


def add_min_shards(group: argparse._ArgumentGroup) -> None:
  """How many shards there are at least."""
  group.add_argument(
    '--min_shards',
    type=int,
    default=16,
    metavar='N',
    help='smaller shards rather than fewer: a multiple of your hosts '
    '(%(default)s)',
  )


def shard_bytes(args: argparse.Namespace) -> int:
  """The size of a shard that --shard_mb asks for.

  Raises:
    UserError: it is infinite, or no number.
  """
  if not math.isfinite(args.shard_mb):
    raise UserError(f'--shard_mb is {args.shard_mb}: it must be a number')
  return round(args.shard_mb * 1e6)
