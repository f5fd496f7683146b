"""Counts what a stage of training computes, as the papers count it.

Each token costs 6 FLOPs for each parameter that it passes (arXiv 2001.08361,
section 2.1): all of a decoder's, and half of an encoder-decoder's. Padding
counts, and so do all sequences of a batch. This gives the FLOPs of Flan's
Table 2 (arXiv 2210.11416) and the 0.16% of U-PaLM (2210.11399, section 2.4).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
import re
from typing import Any, NamedTuple

import tensorflow as tf

from ul2_flan.tasks import manifest as manifests
from ul2_flan.tasks.catalog.listing import table
from ul2_flan.tasks.errors import UserError
from ul2_flan.trainer_plugin.configs import settings
from ul2_flan.trainer_plugin.record import StageRecord

# Tokens of pre-training by the beginning of a model's name: T5 (1910.10683,
# section 3.7) and UL2 (2205.05131, section 5.1).
_PRETRAINED = {'t5_1_1_': 1e12, 'ul2_20b': 1e12}

_MODEL_INFO = 'model-info.txt'


class Compute(NamedTuple):
  """What a stage has computed.

  Attributes:
    steps: of the optimiser.
    tokens: of all batches, inputs and targets.
    flops: of forward and backward passes.
  """

  steps: int
  tokens: int
  flops: float


def of_stage(record: StageRecord) -> Compute:
  """Computes what a stage that has ended took.

  Raises:
    UserError: something is not known of it.
  """
  path = f'{record.last.rpartition("/")[0]}/{_MODEL_INFO}'
  if not tf.io.gfile.exists(path):
    raise UserError(f'{path} is missing, where T5X writes the parameters')
  with tf.io.gfile.GFile(path) as f:
    info = str(f.read())
  total = re.search(r'Total number of parameters: (\d+)', info)
  macros = settings.macros(record.config)
  steps, batch = (_value(macros, k) for k in ('STEPS', 'BATCH_SIZE'))
  if not (total and isinstance(steps, int) and isinstance(batch, int)):
    raise UserError(f'{path} and config.gin beside it lack parameters or steps')
  lengths = _value(macros, 'TASK_FEATURE_LENGTHS')
  sequence = _tokens(lengths or _made_for(record.manifest))
  tokens = steps * batch * sequence
  # Half of the parameters are the encoder's, and see inputs alone.
  passed = 0.5 if re.search(r'^Variable +encoder/', info, re.MULTILINE) else 1
  return Compute(steps, tokens, 6 * passed * int(total[1]) * tokens)


def told(
  records: Mapping[str, StageRecord], model: str, pretrained: float | None
) -> Iterator[str]:
  """Yields a table of what stages computed, beside pre-training.

  Args:
    records: of stages that have ended, by name.
    model: its name or its gin file.
    pretrained: tokens of its pre-training; None for those of a model that is
      known.
  """
  pretrained = pretrained or next(
    (n for name, n in _PRETRAINED.items() if model.startswith(name)), None
  )
  rows: list[tuple[str, ...]] = []
  unknown: list[str] = []
  for name, record in records.items():
    try:
      rows.append((name, *_cells(of_stage(record), pretrained)))
    except UserError as e:
      unknown.append(f'the FLOPs of {name} are not known: {e}')
  if rows:
    header = ('stage', 'steps', 'tokens', 'FLOPs', 'of pre-training')
    yield from table([header, *rows], right=range(1, len(header)))
  if rows and not pretrained:
    yield 'for shares of pre-training give its --pretraining_tokens'
  yield from unknown


def _cells(compute: Compute, pretrained: float | None) -> Iterable[str]:
  # Both pass the same parameters.
  share = f'{100 * compute.tokens / pretrained:.2f}%' if pretrained else '-'
  return (
    f'{compute.steps:,}', f'{compute.tokens:,}', f'{compute.flops:.1e}', share
  )  # fmt: skip


def _made_for(path: str) -> dict[str, int]:
  """Returns the lengths that a manifest's examples were made for."""
  with tf.io.gfile.GFile(path, 'rb') as f:
    return manifests.parse(f.read(), path).task_feature_lengths


def _tokens(lengths: Mapping[str, int]) -> int:
  """Returns the tokens of a sequence, whose features are as long each.

  A packed sequence has segments and positions too. A causal LM has no inputs.
  """
  inputs = lengths.get('encoder_input_tokens', lengths.get('inputs', 0))
  return inputs + lengths['targets']


def _value(macros: Mapping[str, Any], name: str) -> Any:
  """Returns the value of a macro, or of that which it names; None for none.

  >>> _value({'STEPS': '%N', 'N': 5}, 'STEPS')
  5
  """
  value = macros.get(name)
  if isinstance(value, str) and value.startswith('%') and value[1:] != name:
    return _value(macros, value[1:])
  return value
