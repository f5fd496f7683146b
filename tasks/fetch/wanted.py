"""Finds the places that have the data of tasks, each with what is wanted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
import dataclasses

from ul2_flan.tasks.catalog import Task
from ul2_flan.tasks.catalog.facts import UNKNOWN, Facts, facts_of

# Ways that a program can go alone.
FETCHED = ('git', 'hub')


@dataclasses.dataclass(frozen=True, slots=True)
class Place:
  """A repository with the data of tasks.

  Attributes:
    how: 'git' or 'hub'.
    name: of the repository, with its owner.
    suite: that it is fetched for, which is a folder's name.
    revision: that the catalog states; '' for none.
    files: paths of files or folders in it; empty for all.
    tasks: names of the tasks.
  """

  how: str
  name: str
  suite: str
  revision: str
  files: tuple[str, ...]
  tasks: tuple[str, ...]

  @property
  def key(self) -> str:
    """Names it in the lock."""
    return f'{self.how}:{self.name}'

  def wants(self, path: str) -> bool:
    """Whether a file of the repository is one of those wanted.

    A file may be compressed, and its name be that of one spelling of two.
    """
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
      )
    )
  return places


def _files(task: Task, facts: Facts) -> Iterator[str]:
  """Yields the paths of a task's files, one for each spelling of its name."""
  first = task.sources[0]
  for source in task.sources:
    if source.kind == first.kind:
      yield facts.files.replace(first.locator, source.locator)
