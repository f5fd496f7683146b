"""Lists the files below a user's folders once, and finds them by name.

A bucket lists everything below a folder in about the time that it takes to look
for a few files. So a run lists once, and finds its 1,836 tasks in memory.
"""

from __future__ import annotations

import bisect
from collections.abc import Callable, Iterable, Sequence
import dataclasses
import fnmatch
import itertools
import os

from ul2_flan.pipelines.sources import Piece
from ul2_flan.pipelines.sources.decompress import plain_name
from ul2_flan.pipelines.storage import folders
from ul2_flan.pipelines.task_sources.finders import hub_cache
from ul2_flan.tasks.errors import UserError


@dataclasses.dataclass(frozen=True, slots=True)
class File:
  """A file of a listing.

  Attributes:
    path: the whole path.
    size: bytes as stored.
    folder: the path of its folder; in the hub's cache with the data set's name.
    name: its name without the ending of a compression.
  """

  path: str
  size: int
  folder: str
  name: str


class Index:
  """Files by their names and by the ends of their folders' paths.

  Everything is in the order of the listing: where several files fit a task, the
  one below the folder that the user named first comes first.
  """

  def __init__(self, listed: Iterable[tuple[str, int]]):
    """Takes paths and sizes in bytes."""
    self._by_name: dict[str, list[File]] = {}
    self._by_folder: dict[tuple[str, ...], dict[str, list[File]]] = {}
    self._inside: dict[str, list[File]] = {}
    self._names: list[str] = []
    self._counts: dict[tuple[str, str, str], int] = {}
    for path, size in hub_cache.without_old(listed):
      folder = hub_cache.folder_of(path)
      file = File(path, size, folder, plain_name(path))
      self._by_name.setdefault(file.name, []).append(file)
      self._inside.setdefault(folder, []).append(file)
      # Each end of the path finds the folder: 'c', 'b/c' and 'a/b/c'. Who names
      # '.' is in a folder with a name.
      parts = _spelled(folder).split('/')
      for tail in (tuple(parts[-n:]) for n in range(1, len(parts) + 1)):
        self._by_folder.setdefault(tail, {}).setdefault(folder, []).append(file)

  @classmethod
  def of(
    cls,
    roots: Sequence[str],
    is_ours: Callable[[str, str], bool] = lambda root, path: False,
    bare: Callable[[], list[tuple[str, int]]] = list,
  ) -> Index:
    """Lists all files below some folders; a root may also be a file.

    A file below several roots is listed below the first, however these are
    spelled. A link has its own place: tasks are found by the names of folders.

    Args:
      roots: the folders.
      is_ours: says of a root and a file below it whether the run writes the
        file itself, so that it is no source.
      bare: lists what the root `hf://` stands for.

    Raises:
      UserError: there is nothing below a root, which is most likely misspelt.
    """
    listed: dict[str, tuple[str, int]] = {}
    for root in roots:
      # As it stands first: brackets may be a part of a name.
      matching = bare() if root == 'hf://' else folders.below(root)
      matching = matching or folders.named(root) or folders.match(root)
      if not matching:
        raise UserError(
          f"there is no file below '{root}', nor one of that name"
        )
      for path, size in matching:
        if not is_ours(root, path):
          listed.setdefault(_spelled(path), (path, size))
    return cls(listed.values())

  def named(self, name: str) -> list[File]:
    """Returns the files of this name, compressed or not."""
    return self._by_name.get(name, [])

  def files(self) -> list[File]:
    """Returns all files, in the order of the listing of their names."""
    return [file for files in self._by_name.values() for file in files]

  def all_folders(self) -> list[str]:
    """Returns the folders that hold files."""
    return list(self._inside)

  def names(self) -> list[str]:
    """Returns the names of all files, sorted, without compressions' endings."""
    if len(self._names) < len(self._by_name):
      self._names = sorted(self._by_name)
    return self._names

  def starting(self, prefix: str) -> list[str]:
    """Returns the names of files that start with a prefix, sorted."""
    names = self.names()
    first = bisect.bisect_left(names, prefix)
    after = itertools.islice(names, first, None)
    return list(itertools.takewhile(lambda n: n.startswith(prefix), after))

  def matching(self, pattern: str) -> list[File]:
    """Returns the files whose paths end like a pattern.

    Of a file and its compressed copy in the same folder, only one is returned.

    >>> index = Index([('/d/rte/train.tsv.gz', 1), ('/d/qnli/train.tsv', 1)])
    >>> [file.path for file in index.matching('r*/train.tsv')]
    ['/d/rte/train.tsv.gz']

    Args:
      pattern: names with slashes between them; `*` stands for any characters
        of one name.
    """
    *folders, name = pattern.split('/')
    if '*' not in ''.join(folders):
      tails = [tuple(folders)] if tuple(folders) in self._by_folder else []
    else:
      tails = [tail for tail in self._by_folder if _fits(tail, folders)]
    if folders:
      groups: Iterable[list[File]] = (
        g for tail in tails for g in self._by_folder[tail].values()
      )
    elif '*' in name:
      groups = self._by_name.values()
    else:
      groups = [self.named(name)]
    matching: dict[tuple[str, str], File] = {}
    for file in itertools.chain.from_iterable(groups):
      if fnmatch.fnmatchcase(file.name, name):
        matching.setdefault((file.folder, file.name), file)
    return once(matching.values())

  def folders(self, tail: str) -> list[str]:
    """Returns the folders that hold files and whose paths end like this.

    >>> Index([('/d/glue/cola/a.json', 1), ('/d/cola/b', 1)]).folders('cola')
    ['/d/glue/cola', '/d/cola']
    """
    return list(self._by_folder.get(tuple(tail.split('/')), {}))

  def count_with(
    self, count: Callable[[Piece], int], what: str = ''
  ) -> Callable[[Piece], int]:
    """Wraps a function so that it counts the rows of each file only once.

    Args:
      count: counts the rows of a whole file.
      what: a name for what it counts, where tasks that share a file count
        different things in it.
    """

    def counted(piece: Piece) -> int:
      key = (piece.path, piece.kind, what)
      if key not in self._counts:
        self._counts[key] = count(piece)
      return self._counts[key]

    return counted

  def inside(self, folder: str) -> list[File]:
    """Returns the files that lie in a folder, not deeper."""
    return self._inside.get(folder, [])


def once(listed: Iterable[File]) -> list[File]:
  """Returns each file under the first of its names, where links give others."""
  found = list(listed)
  if len(found) < 2:
    return found
  identities = folders.identities([file.path for file in found])
  # Of equal keys a dict has the last value, and the place of the first.
  first = dict(zip(reversed(identities), reversed(found), strict=True))
  return [first[identity] for identity in dict.fromkeys(identities)]


def _spelled(path: str) -> str:
  """Spells a local path in the only way, with links as they are."""
  return path if '://' in path else os.path.abspath(path)


def _fits(tail: Sequence[str], patterns: Sequence[str]) -> bool:
  """Whether each name fits the pattern in its place."""
  return len(tail) == len(patterns) and all(
    fnmatch.fnmatchcase(name, pattern)
    for name, pattern in zip(tail, patterns, strict=True)
  )
