"""The flags of the `mix` command, and the configuration that they make."""

from collections.abc import Mapping
from typing import Any

from ul2_flan.pipelines.engines import Engine
from ul2_flan.pipelines.launch import flags
from ul2_flan.pipelines.mix.config import Config
from ul2_flan.pipelines.mix.packing import ARCHITECTURES
from ul2_flan.tasks.errors import UserError

FLAGS = flags.read(
  __package__,
  'flags.toml',
  *(Config, Engine),
  choices={'architectures': ARCHITECTURES},
)


def configure(values: Mapping[str, Any]) -> Config:
  """Makes a configuration of the values of flags."""
  lengths = values['task_feature_lengths']
  return Config(
    **{**values, 'task_feature_lengths': _lengths(lengths) if lengths else {}}
  )


def _lengths(text: str) -> dict[str, int]:
  """Reads lengths by feature.

  >>> _lengths('inputs=2048,targets=512')
  {'inputs': 2048, 'targets': 512}
  """
  lengths = {}
  for part in filter(None, text.split(',')):
    name, _, length = part.partition('=')
    if not length.isdigit():
      raise UserError(
        f"--task_feature_lengths '{text}': give such as inputs=2048,targets=512"
      )
    lengths[name.strip()] = int(length)
  return lengths
