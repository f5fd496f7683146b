"""Flags that several commands share."""

from __future__ import annotations

import dataclasses

from ul2_flan.pipelines.engines import Engine, local
from ul2_flan.pipelines.launch.flags import Flag, FlagGroup
from ul2_flan.pipelines.run.contract import Budget

SEED = Flag('seed', '(%(default)s)', 'N', int)

MIN_SHARDS = Flag(
  'min_shards',
  'make smaller shards rather than fewer: a multiple of your hosts '
  '(%(default)s)',
  'N',
  int,
)


def model_flags(*, inputs_have: str, decoder_only: str) -> tuple[Flag, ...]:
  """Makes the flags for the vocabulary and the lengths of examples.

  Args:
    inputs_have: which tokens besides the text count among the inputs.
    decoder_only: what that flag does.
  """
  return (
    Flag('vocabulary', 'a SentencePiece model with pad 0 and EOS 1', 'MODEL'),
    Flag(
      'extra_ids',
      'sentinels appended to the vocabulary; by default 100 as for T5, or none '
      'if the model has <extra_id_0> itself, as mT5 does',
      'N',
      int,
    ),
    Flag(
      'inputs_length', f'tokens, {inputs_have} included (%(default)s)', 'N', int
    ),
    Flag('targets_length', 'tokens, EOS included (%(default)s)', 'N', int),
    Flag('decoder_only', decoder_only),
  )


def shard_mb(of: str = '') -> Flag:
  """Makes the flag for the size of a shard; `checks.shard_bytes` reads it."""
  return Flag(
    'shard_mb',
    f'about how large a shard{of} is, in millions of bytes (%(default)s)',
    'MB',
    float,
  )


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Options:
  """Options of a command: where its plan goes, and how far to follow it.

  Attributes:
    output: the output folder.
    plan_only: print the plan and what it will cost, and write nothing.
    json: print that as JSON.
    overwrite: delete what another run left in the output folder.
  """

  output: str
  plan_only: bool = False
  json: bool = False
  overwrite: bool = False


OUTPUT = FlagGroup(
  'the output',
  (
    Flag(
      'output',
      'where the data sets go, on any file system that Beam opens',
      'DIR',
    ),
    Flag('overwrite', 'delete what another run left in --output'),
    Flag(
      'plan_only',
      'print the plan and what it will cost, from two seconds of its work; '
      'write nothing',
    ),
    Flag('json', 'print that as a JSON object'),
  ),
  Options,
)

BUDGET = FlagGroup(
  'what may go wrong',
  (
    Flag(
      'max_reject_fraction',
      'fail if more than this share of records is rejected (%(default)s)',
      'F',
      float,
    ),
  ),
  Budget,
)

ENGINE = FlagGroup(
  'the engine',
  (
    Flag(
      'local_workers',
      'processes of the local runner, which is the default; with 1 the '
      'launcher does all the work. By default as many as there are cores, '
      f'{local.cores()} here, or fewer for a small run',
      'N',
      int,
    ),
    Flag(
      'local_memory_mb',
      'what these may take together: a process that takes more than its share '
      'is ended; by default most of what is free',
      'MB',
      int,
    ),
    Flag(
      'no_wait',
      'end when a service has the job; the same command, later, tells how it '
      'went',
    ),
  ),
  Engine,
)

# The commands of all kinds of run have these.
RUN_GROUPS = (OUTPUT, BUDGET, ENGINE)

EPILOG = (
  'All options of Apache Beam are taken too (--runner, --project, '
  '--direct_num_workers, …).'
)
