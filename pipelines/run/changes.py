"""Refuses to resume a run whose configuration changed, and says what did."""

from collections.abc import Mapping
import json
from typing import Any

from ul2_flan.tasks.errors import UserError

# Where a plan says it otherwise than the flag that a user gives.
_FLAGS = {
  'lengths.decoder_only': '--decoder_only',
  'lengths.inputs': '--inputs_length',
  'lengths.inputs_eos': '--decoder_only',
  'lengths.targets': '--targets_length',
  'pack.inputs': '--task_feature_lengths',
  'pack.layout': '--pack',
  'pack.targets': '--task_feature_lengths',
  'shard_bytes': '--shard_mb',
  'shots': '--exemplars',
}


def differences(old: Any, new: Any, at: str = '') -> list[str]:
  """Lists where two JSON values differ, a line for each path.

  >>> differences({'seed': 0, 'a': {'b': 1}}, {'seed': 1, 'a': {'b': 1}})
  ['seed: 0 -> 1']
  """
  if isinstance(old, Mapping) and isinstance(new, Mapping):
    lines = []
    for key in sorted({*old, *new}):
      path = f'{at}.{key}' if at else str(key)
      lines += differences(old.get(key), new.get(key), path)
    return lines
  flag = f' ({_FLAGS[at]})' if at in _FLAGS else ''
  return [] if old == new else [f'{at}{flag}: {_short(old)} -> {_short(new)}']


def _short(value: Any) -> str:
  # A table of denoisers has a kilobyte, which would hide the other lines.
  text = json.dumps(value)
  return text if len(text) <= 200 else text[:197] + '...'


def refuse_change(
  old: Mapping[str, Any], new: Mapping[str, Any], output: str
) -> None:
  """Refuses an output that was begun or made with another configuration.

  Raises:
    UserError: something differs; the message has a line for each difference.
  """
  lines = differences(old, new)
  if lines:
    raise UserError(
      f'{output} was made with another configuration:\n  '
      + '\n  '.join(lines)
      + '\nGive the old configuration to go on, another --output, or '
      '--overwrite to delete that run.'
    )
