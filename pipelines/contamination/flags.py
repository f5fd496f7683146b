"""The flags of the `contamination` command."""

from collections.abc import Mapping
import dataclasses
from typing import Any

from ul2_flan.pipelines.contamination.config import Config
from ul2_flan.pipelines.launch import flags
from ul2_flan.pipelines.launch.flags import FlagGroup
from ul2_flan.pipelines.ul2.flags import FLAGS as UL2_FLAGS
from ul2_flan.tasks.contamination import RULES

_FIELDS = {field.name for field in dataclasses.fields(Config)}

# Text is read as `ul2` reads it, so these flags are that command's.
_TEXT = FlagGroup(
  'raw text, which is read as `ul2` reads it, before a run',
  tuple(
    flag for flag in UL2_FLAGS[0].flags if (flag.field or flag.name) in _FIELDS
  ),
  Config,
)

_OWN = flags.read(
  __package__,
  'flags.toml',
  Config,
  words={
    'rules': '; '.join(
      f'{name}, {rule.description}' for name, rule in RULES.items()
    )
  },
)

FLAGS = (_OWN[0], _TEXT, *_OWN[1:])


def configure(values: Mapping[str, Any]) -> Config:
  """Makes a configuration of the values of flags."""
  sources = flags.by_suite(values['sources'], 'niv2')
  return Config(**{**values, 'sources': sources})
