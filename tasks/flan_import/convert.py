"""A pattern of FLAN's to all wordings that one of our tasks can use of it."""

from __future__ import annotations

from collections.abc import Iterator
import contextlib
import dataclasses
from pathlib import Path

from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.flan_import import wordings
from ul2_flan.tasks.flan_import.patterns import Pattern
from ul2_flan.tasks.flan_import.tables import Entry, Table, read_tables
from ul2_flan.tasks.flan_import.wordings import UnmappedError
from ul2_flan.tasks.rendering.templates.family import Family
from ul2_flan.tasks.rendering.templates.pattern import Pattern as Words
from ul2_flan.tasks.rendering.templates.template import FewShot, Template

_FILES = {
  'flan/v2/templates.py': (
    'PATTERNS', 'FEWSHOT_PATTERNS', 'INLINE_FS_PATTERNS',
  ),
  # The words of 2021, which v2 uses where it shows no options.
  'flan/v2/flan_templates_branched.py': ('PATTERNS',),
}  # fmt: skip


@dataclasses.dataclass(frozen=True, slots=True)
class Tables:
  """FLAN's tables: for settings with options, without, and few-shot."""

  shown: Table
  left_out: Table
  few_shot: Table
  with_example: Table

  @classmethod
  def read(cls, checkout: Path) -> Tables:
    found = {}
    for file, names in _FILES.items():
      path = checkout / file
      if not path.is_file():
        raise UserError(
          f"'{checkout}' is no checkout of google-research/FLAN: it has no "
          f'{file}'
        )
      found[file] = read_tables(path.read_text('utf-8'), file, names)
    new, old = found.values()
    return cls(
      new['PATTERNS'],
      {**new['PATTERNS'], **old['PATTERNS']},
      new['FEWSHOT_PATTERNS'],
      new['INLINE_FS_PATTERNS'],
    )


@dataclasses.dataclass(slots=True)
class Made:
  """What becomes of a pattern for one of our tasks or families.

  Attributes:
    why_not: reasons that wordings were left out, to where those are.
    elsewhere: wordings that ask for something else than the family does.
  """

  templates: list[Template] = dataclasses.field(default_factory=list)
  few_shot: list[FewShot] = dataclasses.field(default_factory=list)
  why_not: dict[str, list[str]] = dataclasses.field(default_factory=dict)
  elsewhere: set[Template | FewShot] = dataclasses.field(default_factory=set)

  @contextlib.contextmanager
  def noting(self, entry: Entry) -> Iterator[None]:
    """Notes why nothing becomes of an entry."""
    try:
      yield
    except UnmappedError as e:
      self.why_not.setdefault(str(e), []).append(entry.where)

  def sort(self, family: Family) -> None:
    """Keeps the wordings that ask for what the family's own do."""
    own = {frozenset(Words.of(t.targets).fields) for t in family.templates}
    made: list[Template | FewShot] = [*self.templates, *self.few_shot]
    self.elsewhere = {
      wording
      for wording in made
      if frozenset(Words.of(wording.targets).fields) not in own
    }
    self.templates = [t for t in self.templates if t not in self.elsewhere]
    self.few_shot = [f for f in self.few_shot if f not in self.elsewhere]


def convert(name: str, pattern: Pattern, target: str, tables: Tables) -> Made:
  """All wordings of a pattern that one of our tasks, or families, can use."""
  translate = pattern.translator(target)
  made = Made()
  # Dictionaries for their order; the same words twice are one wording.
  left_out: dict[tuple[str, str], None] = {}
  templates: dict[Template, None] = {}
  for entry in tables.left_out[name]:
    with made.noting(entry):
      left_out[wordings.without_options(entry, translate)] = None
  for entry in tables.shown[name]:
    with made.noting(entry):
      templates[wordings.template(entry, translate, set(left_out))] = None
  stood_for = {wordings.bare(t) for t in templates}
  for pair in left_out:
    if pair not in stood_for:
      added = wordings.template_without_options(*pair, translate)
      templates[added] = None
  for entry in tables.few_shot.get(name, ()):
    with made.noting(entry):
      made.few_shot += wordings.few_shot(entry, translate)
  for entry in tables.with_example.get(name, ()):
    with made.noting(entry):
      made.few_shot.append(wordings.with_example(entry, translate))
  made.templates = list(templates)
  if pattern.sorted:
    made.sort(translate.family)
  return made
