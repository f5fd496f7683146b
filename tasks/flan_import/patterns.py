"""Which of FLAN's patterns are for which of our tasks: `patterns.toml`."""

from __future__ import annotations

from collections.abc import Mapping
import dataclasses
import fnmatch
import functools
import importlib.resources
import tomllib
from typing import Any

from ul2_flan.tasks import catalog
from ul2_flan.tasks.catalog.schema import make
from ul2_flan.tasks.flan_import.wordings import Translator
from ul2_flan.tasks.rendering.templates.family import Family, load_family

_FILE = 'patterns.toml'


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
  """What becomes of one of their patterns; see the head of the file."""

  to: tuple[str, ...]
  fields: Mapping[str, str] = dataclasses.field(default_factory=dict)
  phrases: Mapping[str, str] = dataclasses.field(default_factory=dict)
  sorted: bool = False

  def translator(self, target: str) -> Translator:
    """For the family of one of `to`."""
    fields = {
      theirs: ours if '{' in ours or ours[0].isupper() else f'{{{ours}}}'
      for theirs, ours in self.fields.items()
    }
    return Translator(family_of(target), fields, self.phrases)


def family_of(target: str) -> Family:
  """The family of one of `Pattern.to`, which names a task or a family."""
  if ':' in target:
    return load_family(catalog.load(target).family)
  return load_family(target)


@functools.cache
def _read() -> Mapping[str, Any]:
  folder = importlib.resources.files('ul2_flan.tasks') / 'flan_import'
  return tomllib.loads((folder / _FILE).read_text(encoding='utf-8'))


@functools.cache
def patterns() -> Mapping[str, Pattern]:
  """Their patterns that are of use, by name."""
  return {
    name: make(Pattern, entry, f'{_FILE}, pattern {name}')
    for name, entry in _read()['patterns'].items()
  }


def why_left_out(name: str) -> str:
  """Why a pattern of theirs is of no use."""
  for left_out, why in _read()['left_out'].items():
    if fnmatch.fnmatchcase(name, left_out):
      return str(why)
  return 'not in the release that this was written for'
