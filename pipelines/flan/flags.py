"""The flags of the `flan` command, and the configuration that they make."""

from collections.abc import Mapping, Sequence
from typing import Any

from ul2_flan.pipelines.flan.config import Config
from ul2_flan.pipelines.launch import flags
from ul2_flan.pipelines.run import Budget
from ul2_flan.tasks.errors import UserError

FLAGS = flags.read(__package__, 'flags.toml', Config, Budget)


def configure(values: Mapping[str, Any]) -> Config:
  """Makes a configuration of the values of flags."""
  return Config(
    **{
      **values,
      'sources': _by_suite(values['sources']),
      'exemplars': tuple(values['exemplars']),
    }
  )


def _by_suite(given: Sequence[str]) -> dict[str, tuple[str, ...]]:
  """Groups folders, given as SUITE=DIR, by suite."""
  sources: dict[str, tuple[str, ...]] = {}
  for text in given:
    suite, equals, path = text.partition('=')
    if not (equals and path):
      raise UserError(
        f"--source '{text}': give a suite and a folder, such as niv2=DIR"
      )
    sources[suite] = (*sources.get(suite, ()), path)
  return sources
