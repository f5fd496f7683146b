"""The files below the folders that a user names, listed once for all tasks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
import dataclasses

from ul2_flan.pipelines import files
from ul2_flan.pipelines.sources.lines import COMPRESSIONS


@dataclasses.dataclass(frozen=True, slots=True)
class File:
  """A file, as it is listed.

  Attributes:
    path: of it.
    size: in bytes.
    name: without its folder and without the ending of a compression.
  """

  path: str
  size: int
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
    self.count = 0
    for path, size in listed:
      self.count += 1
      file = File(path, size, plain_name(path))
      self._by_name.setdefault(file.name, []).append(file)
      folder = path.rpartition('/')[0]
      parts = folder.split('/')
      for tail in (tuple(parts[-n:]) for n in range(1, len(parts) + 1)):
        self._by_folder.setdefault(tail, {}).setdefault(folder, []).append(file)

  @classmethod
  def of(cls, roots: Sequence[str]) -> Index:
    """Lists all that lies below these folders, or is one of these files."""
    listed: dict[str, int] = {}
    for root in roots:
      found = files.match(files.join(root, '**')) or files.match(root)
      for path, size in found:
        listed.setdefault(path, size)
    return cls(listed.items())

  def named(self, name: str) -> list[File]:
    """Files of this name, compressed or not: by root and then by path."""
    return self._by_name.get(name, [])

  def names(self) -> Iterable[str]:
    """The names of all files, without endings of compressions."""
    return self._by_name

  def folders(self, tail: str) -> list[str]:
    """Folders that hold files and whose path ends like this.

    >>> Index([('/d/glue/cola/a.json', 1), ('/d/cola/b', 1)]).folders('cola')
    ['/d/glue/cola', '/d/cola']
    """
    return list(self._by_folder.get(tuple(tail.split('/')), {}))

  def inside(self, folder: str) -> list[File]:
    """Files that lie in a folder, not deeper."""
    return self._by_folder.get(tuple(folder.split('/')), {}).get(folder, [])
