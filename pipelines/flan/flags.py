"""The flags of the `flan` command, and the configuration that they make."""

from collections.abc import Mapping
from typing import Any

from ul2_flan.pipelines.flan.config import TEMPLATES_MISSING, Config
from ul2_flan.pipelines.launch import flags
from ul2_flan.pipelines.run import Budget
from ul2_flan.tasks.own_tasks import formats

FLAGS = flags.read(
  __package__,
  'flags.toml',
  Config,
  Budget,
  choices={'formats': tuple(formats()), 'templates_missing': TEMPLATES_MISSING},
)


def configure(values: Mapping[str, Any]) -> Config:
  """Makes a configuration of the values of flags."""
  return Config(
    **{
      **values,
      'sources': flags.by_suite(values['sources'], 'niv2'),
      'exemplars': tuple(values['exemplars']),
    }
  )
