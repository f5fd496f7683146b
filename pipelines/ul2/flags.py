"""The flags of the `ul2` command, and the configuration that they make."""

from collections.abc import Mapping
from typing import Any

from ul2_flan.pipelines.launch import flags
from ul2_flan.pipelines.sources import READERS
from ul2_flan.pipelines.ul2.config import Config
from ul2_flan.tasks.denoising.denoiser import ON_SENTINEL_OVERFLOW

FLAGS = flags.read(
  __package__,
  'flags.toml',
  Config,
  choices={'on_sentinel_overflow': ON_SENTINEL_OVERFLOW},
  words={'readers': ', '.join(READERS)},
)


def configure(values: Mapping[str, Any]) -> Config:
  """Makes a configuration of the values of flags."""
  return Config(**values)
