"""Converts a pattern of FLAN's to templates that one of our tasks can use."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
import contextlib
import dataclasses
from pathlib import Path

from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.flan_import import templates
from ul2_flan.tasks.flan_import.patterns import Pattern
from ul2_flan.tasks.flan_import.tables import Entry, Table, read_tables
from ul2_flan.tasks.flan_import.templates import UnmappedError
from ul2_flan.tasks.rendering.templates.family import Family
from ul2_flan.tasks.rendering.templates.pattern import Pattern as Text
from ul2_flan.tasks.rendering.templates.template import FewShot, Template

_FILES = {
  'flan/v2/templates.py': (
    'PATTERNS', 'FEWSHOT_PATTERNS', 'INLINE_FS_PATTERNS',
  ),
  # Flan 2021's templates, which v2 uses where it shows no options.
  'flan/v2/flan_templates_branched.py': ('PATTERNS',),
}  # fmt: skip


@dataclasses.dataclass(frozen=True, slots=True)
class Tables:
  """FLAN's tables of templates.

  Attributes:
    shown: zero-shot, for settings with options.
    left_out: zero-shot, for settings without.
    few_shot: with exemplars from the training split.
    with_example: with the example that an instance of NIv2 brings.
  """

  shown: Table
  left_out: Table
  few_shot: Table
  with_example: Table

  @classmethod
  def read(cls, checkout: Path) -> Tables:
    """Reads the tables of a checkout of google-research/FLAN.

    Raises:
      UserError: it is none, or one of its tables is not literal.
    """
    tables = {}
    for file, names in _FILES.items():
      path = checkout / file
      if not path.is_file():
        raise UserError(
          f"'{checkout}' is no checkout of google-research/FLAN: it has no "
          f'{file}'
        )
      tables[file] = read_tables(path.read_text('utf-8'), file, names)
    new, old = tables.values()
    return cls(
      new['PATTERNS'],
      {**new['PATTERNS'], **old['PATTERNS']},
      new['FEWSHOT_PATTERNS'],
      new['INLINE_FS_PATTERNS'],
    )


@dataclasses.dataclass(slots=True)
class Converted:
  """What a pattern gives one of our tasks or families.

  Attributes:
    templates: zero-shot.
    few_shot: with exemplars.
    why_not: maps reasons to leave templates out to their places in FLAN's
      files.
    elsewhere: templates that ask for something else than the family does, in
      FLAN's order.
  """

  templates: list[Template] = dataclasses.field(default_factory=list)
  few_shot: list[FewShot] = dataclasses.field(default_factory=list)
  why_not: dict[str, list[str]] = dataclasses.field(default_factory=dict)
  elsewhere: list[Template | FewShot] = dataclasses.field(default_factory=list)

  @contextlib.contextmanager
  def noting(self, entry: Entry) -> Iterator[None]:
    """Notes the reason if an entry cannot be converted."""
    try:
      yield
    except UnmappedError as e:
      self.why_not.setdefault(str(e), []).append(entry.where)

  def sort(self, family: Family) -> None:
    """Keeps the templates that ask for what the family's own ask for."""
    asked = {frozenset(Text.of(t.targets).fields) for t in family.templates}
    converted: list[Template | FewShot] = [*self.templates, *self.few_shot]
    self.elsewhere = [
      template
      for template in converted
      if frozenset(Text.of(template.targets).fields) not in asked
    ]
    self.templates = [t for t in self.templates if t not in self.elsewhere]
    self.few_shot = [f for f in self.few_shot if f not in self.elsewhere]

  def take(self, templates: Collection[Template | FewShot]) -> None:
    """Takes templates that are elsewhere after all."""
    for template in self.elsewhere:
      if template not in templates:
        continue
      if isinstance(template, Template):
        self.templates.append(template)
      else:
        self.few_shot.append(template)
    self.elsewhere = [t for t in self.elsewhere if t not in templates]


def convert(
  name: str, pattern: Pattern, target: str, tables: Tables
) -> Converted:
  """Converts the templates of a pattern that one of our tasks can use.

  Args:
    name: of the pattern, in `tables`.
    pattern: says how their fields become ours.
    target: one of `pattern.to`.
    tables: FLAN's.
  """
  translate = pattern.translator(target)
  converted = Converted()
  # Dictionaries keep the order, and the same text twice is one template.
  left_out: dict[tuple[str, str], None] = {}
  zero_shot: dict[Template, None] = {}
  for entry in tables.left_out[name]:
    with converted.noting(entry):
      left_out[templates.without_options(entry, translate)] = None
  for entry in tables.shown[name]:
    with converted.noting(entry):
      zero_shot[templates.template(entry, translate, set(left_out))] = None
  # Some templates FLAN has only without options, or words differently there.
  stood_for = {templates.bare(t) for t in zero_shot}
  for pair in left_out:
    if pair not in stood_for:
      zero_shot[templates.template_without_options(*pair, translate)] = None
  for entry in tables.few_shot.get(name, ()):
    with converted.noting(entry):
      converted.few_shot += templates.few_shot(entry, translate)
  for entry in tables.with_example.get(name, ()):
    with converted.noting(entry):
      converted.few_shot.append(templates.with_example(entry, translate))
  converted.templates = list(zero_shot)
  if pattern.sorted:
    converted.sort(translate.family)
  return converted


def nowhere(targets: Sequence[Converted]) -> set[Template | FewShot]:
  """Returns the templates of a pattern that none of its targets has."""
  return set.intersection(*({*converted.elsewhere} for converted in targets))
