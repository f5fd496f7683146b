"""The flags of the `contamination` command."""

from collections.abc import Mapping
from typing import Any

from ul2_flan.pipelines.contamination.config import Config
from ul2_flan.pipelines.launch import flags
from ul2_flan.tasks.contamination import RULES

FLAGS = flags.read(
  __package__,
  'flags.toml',
  Config,
  words={
    'rules': '; '.join(
      f'{name}, {rule.description}' for name, rule in RULES.items()
    )
  },
)


def configure(values: Mapping[str, Any]) -> Config:
  """Makes a configuration of the values of flags."""
  sources = flags.by_suite(values['sources'], 'niv2')
  return Config(**{**values, 'sources': sources})
