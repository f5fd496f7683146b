"""Finds the places that have the data of tasks, each with what is wanted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
import dataclasses
import fnmatch

from ul2_flan.tasks.catalog import Task
from ul2_flan.tasks.catalog.downloads import Download
from ul2_flan.tasks.catalog.facts import UNKNOWN, Facts, facts_of

# Ways that a program can go alone.
FETCHED = ('git', 'hub', 'url')

# Kinds of sources that are files as their authors made them.
_ORIGINAL = ('csv', 'json', 'jsonl', 'tsv')


@dataclasses.dataclass(frozen=True, slots=True)
class Place:
  """A repository with the data of tasks, or files at URLs.

  Attributes:
    how: 'git', 'hub' or 'url'.
    name: of the repository, with its owner; or the first URL.
    suite: that it is fetched for, which is a folder's name.
    revision: that the catalog states; '' for none.
    files: paths of files or folders in it; empty for all. Of URLs, patterns of
      the files in archives.
    tasks: names of the tasks.
    downloads: the files that are known, with checksums; of URLs, all of them.
    folder: below that of the suite, for files at URLs; else ''.
  """

  how: str
  name: str
  suite: str
  revision: str
  files: tuple[str, ...]
  tasks: tuple[str, ...]
  downloads: tuple[Download, ...] = ()
  folder: str = ''

  @property
  def key(self) -> str:
    """Names it in the lock."""
    return f'{self.how}:{self.name}'

  def wants(self, path: str) -> bool:
    """Whether a file of the repository is one of those wanted.

    A file may be compressed, and its name be that of one spelling of two.
    """
    if self.how == 'url':
      return any(
        fnmatch.fnmatchcase(f'/{path}', f'*/{pattern}')
        for pattern in self.files
      )
    return not self.files or any(
      path == file or path.startswith((f'{file}/', f'{file}.'))
      for file in self.files
    )


def places_of(tasks: Iterable[Task]) -> list[Place]:
  """Joins the tasks of each place that a program can read."""
  by_place: dict[tuple[str, str, str], list[tuple[Task, Facts]]] = {}
  for task in tasks:
    facts = facts_of(task)
    if facts.how in FETCHED:
      key = facts.how, facts.place, task.suite
      by_place.setdefault(key, []).append((task, facts))
  places = []
  for (how, name, suite), its in by_place.items():
    revision = its[0][1].revision
    files = dict.fromkeys(f for pair in its for f in _files(*pair))
    places.append(
      Place(
        how,
        name,
        suite,
        '' if revision == UNKNOWN else revision,
        () if '' in files else tuple(files),
        tuple(task.name for task, _ in its),
        tuple(dict.fromkeys(d for _, f in its for d in f.downloads)),
        its[0][0].dataset if how == 'url' else '',
      )
    )
  return places


def _files(task: Task, facts: Facts) -> Iterator[str]:
  """Yields the paths of a task's files, one for each spelling of its name."""
  if facts.how == 'url':
    for source in task.sources:
      if source.kind in _ORIGINAL:
        yield source.locator.replace('{split}', '*')
    return
  first = task.sources[0]
  for source in task.sources:
    if source.kind == first.kind:
      yield facts.files.replace(first.locator, source.locator)
