"""The configurations of a card: names under which people load data sets."""

from collections.abc import Iterator, Mapping
import dataclasses
import re

from ul2_flan.tasks.manifest import Split, folder_of

# With more data sets than this, those of a suite and setting are one. Readers
# take tens of seconds for a card of thousands.
_MOST = 100


@dataclasses.dataclass(frozen=True, slots=True)
class Config:
  """Some data sets under one name.

  Attributes:
    name: of letters, digits, '_', '.' and '-'.
    paths: of the shards of each split, with '*'.
  """

  name: str
  paths: Mapping[str, str]


class Configs:
  """Collects the data sets of a run.

  Attributes:
    examples: of each split of each data set.
  """

  def __init__(self) -> None:
    """Begins with nothing."""
    self.examples: dict[tuple[str, str], int] = {}
    self._paths: dict[str, dict[str, str]] = {}

  def add(self, made: Mapping[str, Mapping[str, Split]]) -> None:
    """Adds data sets."""
    for name, splits in made.items():
      paths = self._paths[name] = {}
      for split, info in splits.items():
        self.examples[name, split] = info.examples
        file = info.shards[0].path.rpartition('/')[2]
        paths[split] = re.sub(r'\d{5,}-of-\d{5,}', '*', file)

  def __iter__(self) -> Iterator[Config]:
    """Yields all data sets together, then each, or if they are many groups."""
    if len(self._paths) > 1:
      yield self._together()
    groups: dict[str, dict[str, str]] = {}
    for name, paths in self._paths.items():
      pattern = _pattern(name) if len(self._paths) > _MOST else name
      below = f'{folder_of(pattern)}/'
      known = groups.setdefault(pattern, {})
      known.update({split: below + path for split, path in paths.items()})
    for pattern, group in groups.items():
      yield Config(pattern.replace(':*', '').replace(':', '-'), group)

  def _together(self) -> Config:
    """Returns all data sets as one, under the first part of their names."""
    top = next(iter(self._paths)).partition(':')[0]
    files: dict[str, str] = {}
    for paths in self._paths.values():
      files |= paths
    return Config(top, {k: f'{top}/**/{path}' for k, path in files.items()})


def _pattern(name: str) -> str:
  """Returns the pattern of all tasks of a suite in a setting.

  >>> _pattern('flan:niv2:task001_a:fs_opt'), _pattern('ul2r')
  ('flan:niv2:*:fs_opt', 'ul2r')
  """
  parts = name.split(':')
  return ':'.join([*parts[:2], '*', parts[-1]]) if len(parts) > 3 else name
