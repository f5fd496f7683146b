"""A user's own templates, in place of this project's.

    <folder>/<suite>/<task>.toml      for one task
    <folder>/<family>.toml            for all tasks of a family

They travel as text, since a worker need not see the folder that they were read
from, and a plan keeps them apart by what they say.
"""

from __future__ import annotations

from collections.abc import Mapping
import dataclasses
import functools
import hashlib
from pathlib import Path

from ul2_flan.tasks import buckets, catalog
from ul2_flan.tasks.catalog.schema import Task
from ul2_flan.tasks.errors import UserError, unknown
from ul2_flan.tasks.rendering.templates.family import (
  Family,
  families,
  load_family,
  parse_family,
)


@dataclasses.dataclass(frozen=True, slots=True)
class OwnTemplates:
  """Files of templates.

  Attributes:
    files: paths below their folder, and the texts; sorted.
  """

  files: tuple[tuple[str, str], ...] = ()

  @classmethod
  def of(cls, texts: Mapping[str, str]) -> OwnTemplates:
    """Checks files, by their paths below a folder.

    Raises:
      UserError: one is for no task and no family, breaks a rule of templates,
        or has a field that the family's rows lack.
    """
    own = cls(tuple(sorted(texts.items())))
    for path, text in own.files:
      _load(path, text, _family_name(path))
    return own

  @classmethod
  def read(cls, folder: str) -> OwnTemplates:
    """Reads the files of a folder, or of a bucket; '' is none."""
    if not folder:
      return cls()
    root = folder.rstrip('/') + '/'
    if buckets.is_bucket(root):
      found = buckets.bucket_of(root).match(root + '**')
      paths = [path for path, _ in found if path.endswith('.toml')]
    else:
      paths = sorted(p.as_posix() for p in Path(root).rglob('*.toml'))
      root = Path(root).as_posix() + '/'
    if not paths:
      raise UserError(f"'{folder}' has no templates: no file below it is TOML")
    return cls.of(
      {
        path.removeprefix(root): buckets.read_anywhere(path).decode()
        for path in paths
      }
    )

  @property
  def digest(self) -> str:
    """A hexadecimal digest of all files; '' for none."""
    if not self.files:
      return ''
    return hashlib.sha256(repr(self.files).encode()).hexdigest()

  def family(self, task: Task) -> Family:
    """A task's family, with the wordings to be used for it."""
    texts = dict(self.files)
    for path in (_path(task.name), _path(task.family)):
      if path in texts:
        return _load(path, texts[path], task.family)
    return load_family(task.family)


def _path(name: str) -> str:
  """The file for a task, by its name, or for a family.

  >>> _path('flan2021:rte'), _path('nli')
  ('flan2021/rte.toml', 'nli.toml')
  """
  return name.replace(':', '/') + '.toml'


def _family_name(path: str) -> str:
  """The family that a file words."""
  name = path.removesuffix('.toml')
  if '/' in name:
    return catalog.load(name.replace('/', ':', 1)).family
  if name not in families():
    raise unknown('template family', name, families())
  return name


@functools.lru_cache(maxsize=4096)
def _load(path: str, text: str, family: str) -> Family:
  """The family of a file; it is the same object for the same text."""
  own = parse_family(text, family, path)
  known = load_family(family).fields
  for field in own.fields:
    if field not in known:
      raise UserError(f'{path}: {unknown("field", field, known)}')
  return own
