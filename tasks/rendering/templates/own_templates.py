"""A user's own templates, which take the place of this project's.

    <folder>/<suite>/<task>.toml      for one task
    <folder>/<family>.toml            for all tasks of a family
    <folder>/released.toml            for runs as google-research/FLAN's code

A plan carries them as text: a worker need not see the folder that they were
read from, and a change of any of them makes another plan.
"""

from __future__ import annotations

from collections.abc import Mapping
import dataclasses
import functools
from pathlib import Path

from ul2_flan.tasks import buckets, catalog
from ul2_flan.tasks.catalog.schema import Task
from ul2_flan.tasks.errors import UserError, unknown
from ul2_flan.tasks.rendering.styles.released_styles import (
  RELEASED,
  Released,
  parse_released,
)
from ul2_flan.tasks.rendering.templates.family import (
  Family,
  families,
  family_of,
  load_family,
  parse_family,
)


@dataclasses.dataclass(frozen=True, slots=True)
class OwnTemplates:
  """The files of templates of a user.

  Attributes:
    files: pairs of a path below the user's folder and the file's text, sorted.
  """

  files: tuple[tuple[str, str], ...] = ()

  @classmethod
  def of(cls, texts: Mapping[str, str]) -> OwnTemplates:
    """Checks files: paths below a folder to their texts.

    Raises:
      UserError: a file is for no task and no family, breaks a rule of
        templates, or has a field that the family's instances lack.
    """
    templates = cls(tuple(sorted(texts.items())))
    for path, text in templates.files:
      if path == RELEASED:
        parse_released(text, path)
      else:
        _load(path, text, _family_name(path))
    return templates

  @classmethod
  def read(cls, folder: str) -> OwnTemplates:
    """Reads the files of a folder, or of a bucket; for '' there are none.

    Raises:
      UserError: the folder has no TOML file, or one that cannot be read, is not
        UTF-8, or that `of` refuses.
    """
    if not folder:
      return cls()
    buckets.refuse_other_schemes('--templates', folder)
    root = folder.rstrip('/') + '/'
    if buckets.is_bucket(root):
      files = buckets.bucket_of(root).below(root)
      paths = [path for path, _ in files if path.endswith('.toml')]
    else:
      paths = sorted(p.as_posix() for p in Path(root).rglob('*.toml'))
      root = Path(root).as_posix() + '/'
    if not paths:
      raise UserError(f"'{folder}' has no templates: no file below it is TOML")
    return cls.of(
      {
        path.removeprefix(root): buckets.read_text('--templates', path)
        for path in paths
      }
    )

  def family(self, task: Task) -> Family:
    """Returns a task's family with the templates that are used for it.

    The user's file for the task comes first, then the one for the family, then
    this project's.
    """
    texts = dict(self.files)
    for path in (_path(task.name), _path(task.family)):
      if path in texts:
        return _load(path, texts[path], task.family)
    return family_of(task)

  def has(self, task: Task, imported: bool = False) -> bool:
    """Whether there are templates for a task that are not this project's.

    Args:
      task: the task; a user's own may bring its templates along.
      imported: count only files for rows as google-research/FLAN makes them.
    """
    if imported:
      return bool(self.family(task).rows)
    paths = {path for path, _ in self.files}
    there = not paths.isdisjoint((_path(task.name), _path(task.family)))
    return there or bool(task.templates)

  @property
  def released(self) -> Released | None:
    """The styles of `released.toml`; None if the folder has no such file."""
    text = dict(self.files).get(RELEASED)
    return None if text is None else parse_released(text, RELEASED)


def _path(name: str) -> str:
  """Returns the file that is for a task, or for a family, of this name.

  >>> _path('flan2021:rte'), _path('nli')
  ('flan2021/rte.toml', 'nli.toml')
  """
  return name.replace(':', '/') + '.toml'


def _task_name(path: str) -> str:
  """Returns the task that a file is for; the inverse of `_path`."""
  return path.removesuffix('.toml').replace('/', ':', 1)


def _family_name(path: str) -> str:
  """Returns the name of the family that a file has templates for."""
  name = path.removesuffix('.toml')
  if '/' in name:
    return catalog.load(_task_name(path)).family
  if name not in families():
    raise unknown('template family', name, families())
  return name


@functools.lru_cache(maxsize=4096)
def _load(path: str, text: str, family: str) -> Family:
  """Returns the family of a file; the same object for the same text."""
  parsed = parse_family(text, family, path)
  known = {**load_family(family).fields}
  if '/' in path and parsed.rows:
    known |= catalog.load(_task_name(path)).flan.fields
  for field in parsed.fields:
    if field not in known:
      raise UserError(f'{path}: {unknown("field", field, known)}')
  return parsed
