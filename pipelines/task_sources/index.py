"""The files below the folders that a user names, listed once for all tasks."""

from __future__ import annotations

import bisect
from collections.abc import Callable, Iterable, Sequence
import dataclasses
import fnmatch
import itertools

from ul2_flan.pipelines.sources import Piece
from ul2_flan.pipelines.sources.lines import COMPRESSIONS
from ul2_flan.pipelines.storage import files
from ul2_flan.tasks.errors import UserError


@dataclasses.dataclass(frozen=True, slots=True)
class File:
  """A file, as it is listed.

  Attributes:
    path: of it.
    size: in bytes.
    folder: path of its folder.
    name: without its folder and without the ending of a compression.
  """

  path: str
  size: int
  folder: str
  name: str


def plain_name(path: str) -> str:
  """A file's name without its folder and the ending of a compression.

  >>> plain_name('gs://bucket/niv2/task001_x.json.gz')
  'task001_x.json'
  """
  name = path.rsplit('/', 1)[-1]
  for suffix in COMPRESSIONS:
    name = name.removesuffix(suffix)
  return name


class Index:
  """Files by their names and by the ends of their folders' paths.

  Buckets answer a listing of everything at once in the time of a few files, so
  1,836 tasks are found in one.
  """

  def __init__(self, listed: Iterable[tuple[str, int]]):
    """Takes paths and sizes in bytes, of which the first of a name is used."""
    self._by_name: dict[str, list[File]] = {}
    self._by_folder: dict[tuple[str, ...], dict[str, list[File]]] = {}
    self._names: list[str] = []
    self._counts: dict[tuple[str, str, str], int] = {}
    for path, size in listed:
      folder = path.rpartition('/')[0]
      file = File(path, size, folder, plain_name(path))
      self._by_name.setdefault(file.name, []).append(file)
      parts = folder.split('/')
      for tail in (tuple(parts[-n:]) for n in range(1, len(parts) + 1)):
        self._by_folder.setdefault(tail, {}).setdefault(folder, []).append(file)

  @classmethod
  def of(cls, roots: Sequence[str]) -> Index:
    """Lists all that lies below these folders, or is one of these files.

    Raises:
      UserError: of one of them there is nothing: it is misspelt, most likely.
    """
    listed: dict[str, int] = {}
    for root in roots:
      found = files.match(files.join(root, '**')) or files.match(root)
      if not found:
        raise UserError(
          f"there is no file below '{root}', nor one of that name"
        )
      for path, size in found:
        listed.setdefault(path, size)
    return cls(listed.items())

  def named(self, name: str) -> list[File]:
    """Files of this name, compressed or not: by root and then by path."""
    return self._by_name.get(name, [])

  def names(self) -> list[str]:
    """The names of all files, without endings of compressions, sorted."""
    if len(self._names) < len(self._by_name):
      self._names = sorted(self._by_name)
    return self._names

  def starting(self, prefix: str) -> list[str]:
    """Names of files that start with a prefix, sorted."""
    names = self.names()
    first = bisect.bisect_left(names, prefix)
    after = itertools.islice(names, first, None)
    return list(itertools.takewhile(lambda n: n.startswith(prefix), after))

  def matching(self, pattern: str) -> list[File]:
    """Files whose paths end like a pattern, each once if also compressed.

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
    found: dict[tuple[str, str], File] = {}
    for file in itertools.chain.from_iterable(groups):
      if fnmatch.fnmatchcase(file.name, name):
        found.setdefault((file.folder, file.name), file)
    return list(found.values())

  def folders(self, tail: str) -> list[str]:
    """Folders that hold files and whose path ends like this.

    >>> Index([('/d/glue/cola/a.json', 1), ('/d/cola/b', 1)]).folders('cola')
    ['/d/glue/cola', '/d/cola']
    """
    return list(self._by_folder.get(tuple(tail.split('/')), {}))

  def count_with(
    self, count: Callable[[Piece], int], what: str = ''
  ) -> Callable[[Piece], int]:
    """The same function, but no file's rows are counted twice.

    Tasks may share a file; `what` tells apart what they count in it.
    """

    def counted(piece: Piece) -> int:
      key = (piece.path, piece.kind, what)
      if key not in self._counts:
        self._counts[key] = count(piece)
      return self._counts[key]

    return counted

  def inside(self, folder: str) -> list[File]:
    """Files that lie in a folder, not deeper."""
    return self._by_folder.get(tuple(folder.split('/')), {}).get(folder, [])


def _fits(tail: Sequence[str], patterns: Sequence[str]) -> bool:
  """Whether each name fits the pattern in its place."""
  return len(tail) == len(patterns) and all(
    fnmatch.fnmatchcase(name, pattern)
    for name, pattern in zip(tail, patterns, strict=True)
  )
