"""Says which of FLAN's patterns are for which of our tasks.

Their code calls all templates for one of their tasks a pattern. The table is
`patterns.toml`.
"""

from collections.abc import Mapping
import dataclasses
import fnmatch
import functools
from typing import Any

from ul2_flan.tasks import catalog, shipped
from ul2_flan.tasks.flan_import.templates import Translator
from ul2_flan.tasks.rendering.templates.family import Family, load_family
from ul2_flan.tasks.strict_tables import make

_FILE = 'patterns.toml'


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
  """Where one of their patterns goes.

  Attributes:
    to: our tasks, or our families. Each gets a file.
    fields: maps their fields to ours, or to text with ours in braces.
    phrases: maps text of theirs to other text of theirs.
    sorted: whether `to` gets only templates whose targets have the fields that
      targets of its family have. A pattern of theirs may mix what are several
      tasks here.
    rest: the one of `to` that gets the templates that no other of them gets.
      FLAN asks for a question and its reasoning at once, as no task here does.
  """

  to: tuple[str, ...]
  fields: Mapping[str, str] = dataclasses.field(default_factory=dict)
  phrases: Mapping[str, str] = dataclasses.field(default_factory=dict)
  sorted: bool = False
  rest: str = ''

  def translator(self, target: str) -> Translator:
    """Returns what replaces their fields, for one of `to`."""
    fields = {
      theirs: ours if '{' in ours or ours[0].isupper() else f'{{{ours}}}'
      for theirs, ours in self.fields.items()
    }
    further = catalog.load(target).flan.fields if ':' in target else ()
    return Translator(family_of(target), fields, self.phrases, further)


def family_of(target: str) -> Family:
  """Returns the family of one of `Pattern.to`, which names a task or a family.

  >>> family_of('flan2021:rte').name, family_of('niv2').name
  ('entailment', 'niv2')
  """
  if ':' in target:
    return load_family(catalog.load(target).family)
  return load_family(target)


@functools.cache
def _read() -> Mapping[str, Any]:
  return shipped.table(f'flan_import/{_FILE}')


@functools.cache
def patterns() -> Mapping[str, Pattern]:
  """Returns the patterns that we can use, by their names."""
  return {
    name: make(Pattern, entry, f'{_FILE}, pattern {name}')
    for name, entry in _read()['patterns'].items()
  }


def why_left_out(name: str) -> str:
  """Returns the reason that we cannot use a pattern of theirs."""
  for left_out, why in _read()['left_out'].items():
    if fnmatch.fnmatchcase(name, left_out):
      return str(why)
  return 'not in the release that this was written for'
