"""The flags of the `evaluation` command, and the configuration they make."""

from collections.abc import Mapping
from typing import Any

from ul2_flan.pipelines.evaluation.config import SPLITS, Config
from ul2_flan.pipelines.launch import flags
from ul2_flan.pipelines.run import Budget
from ul2_flan.tasks.evaluation import suites

FLAGS = flags.read(
  __package__,
  'flags.toml',
  Config,
  Budget,
  words={
    'splits': ', '.join(SPLITS),
    # Those in other orders are named in the help of `--option_orders`.
    'variants': ', '.join(v for v in suites.variants() if '_order_' not in v),
  },
)


def configure(values: Mapping[str, Any]) -> Config:
  """Makes a configuration of the values of flags."""
  return Config(
    **{**values, 'sources': flags.by_suite(values['sources'], 'bbh')}
  )
