"""What the data of a run are made of: licences and languages."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
import dataclasses
from typing import Any

# As the hub writes them. A licence in other words is 'other' there.
_HUB_LICENCES = frozenset(
  {
    'afl-3.0', 'apache-2.0', 'bsd-2-clause', 'cc-by-3.0', 'cc-by-4.0',
    'cc-by-nc-4.0', 'cc-by-nc-nd-4.0', 'cc-by-nc-sa-3.0', 'cc-by-nc-sa-4.0',
    'cc-by-sa-3.0', 'cc-by-sa-4.0', 'cc0-1.0', 'cdla-sharing-1.0', 'mit',
  }
)  # fmt: skip


# Lines of the licences that people are told of.
_TOLD = 12


@dataclasses.dataclass(frozen=True, slots=True)
class Origin:
  """What the data of a run are made of.

  Attributes:
    licences: licence -> sorted names of tasks, or of text. The licence is ''
      where it is not known, and then comes first.
    languages: ISO 639 codes, sorted.
  """

  licences: Mapping[str, tuple[str, ...]]
  languages: tuple[str, ...] = ()

  @classmethod
  def of(
    cls, named: Iterable[tuple[str, str]], languages: Iterable[str] = ()
  ) -> Origin:
    """Collects licences, each with the name of what is under it.

    >>> Origin.of([('MIT', 'b'), ('', 'text'), ('MIT', 'a')]).licences
    {'': ('text',), 'MIT': ('a', 'b')}
    """
    found: dict[str, set[str]] = {}
    for licence, name in named:
      found.setdefault(licence, set()).add(name)
    ordered = {k: tuple(sorted(found[k])) for k in sorted(found)}
    return cls(ordered, tuple(sorted(set(languages))))

  @classmethod
  def parse(cls, run: Mapping[str, Any], name: str) -> Origin:
    """Reads what a manifest says.

    Args:
      run: of the manifest; that of an older version has no origin.
      name: what is of an unknown licence then.
    """
    raw = run.get('origin')
    if raw is None:
      return cls.of([('', name)])
    return cls.of(raw_pairs(raw['licences']), raw['languages'])

  def pairs(self) -> list[tuple[str, str]]:
    """Returns each licence with each name under it."""
    return raw_pairs(self.licences)

  def without(self, names: Collection[str]) -> Origin:
    """Returns what is left if some names are left out."""
    kept = (pair for pair in self.pairs() if pair[1] not in names)
    return Origin.of(kept, self.languages)

  def text(self) -> str:
    """Tells people what is under which licence, the most used first.

    >>> print(Origin.of([('', 'b'), ('MIT', 'a'), ('MIT', 'c')]).text())
    licences of the data
      UNKNOWN: b
      MIT: a and 1 more
    """
    by_number = sorted(
      self.licences.items(), key=lambda under: (under[0] != '', -len(under[1]))
    )
    lines = []
    for licence, (first, *others) in by_number:
      more = f' and {len(others):,} more' if others else ''
      lines.append(f'{licence or "UNKNOWN"}: {first}{more}')
    if len(lines) > _TOLD:
      lines[_TOLD:] = [f'and {len(lines) - _TOLD} other licences']
    return '\n  '.join(['licences of the data', *lines])

  @property
  def hub_licences(self) -> list[str]:
    """The licences by the names that the hub has, in the same order.

    >>> Origin.of([('MIT', 'a'), ('', 'b'), ('research use', 'c')]).hub_licences
    ['unknown', 'mit', 'other']
    """
    return list(dict.fromkeys(map(hub_licence, self.licences)))


def raw_pairs(licences: Mapping[str, Iterable[str]]) -> list[tuple[str, str]]:
  """Returns each licence with each name under it."""
  return [(k, name) for k, names in licences.items() for name in names]


def hub_licence(licence: str) -> str:
  """Returns the hub's name of a licence.

  >>> hub_licence("Apache-2.0 (the repository's)")
  'apache-2.0'
  """
  if not licence:
    return 'unknown'
  first = licence.split(' (')[0].lower()
  return first if first in _HUB_LICENCES else 'other'
