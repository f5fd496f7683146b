"""A user's own tasks, from TOML files in the form of the catalog's.

    suite = "mine"            # a name that the collection has not
    family = "news_topic"     # one of ours, or of [families] below
    [[tasks]]                 # as in `tasks/catalog`
    [families.ticket]         # as a file of `tasks/templates`

In place of `family` may stand `format = "chat"`: the rows bring all words; or
`prompts = "templates.yaml"`: those of promptsource are filled with the rows. A
plan carries the files as text: a worker need not see them, and a change of any
of them makes another plan.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
import dataclasses
import functools
import json
from typing import Any

import orjson

from ul2_flan.tasks import buckets, catalog, shipped
from ul2_flan.tasks.catalog import promptsource, released
from ul2_flan.tasks.catalog.files import with_sources
from ul2_flan.tasks.catalog.schema import Task
from ul2_flan.tasks.errors import UserError, unknown
from ul2_flan.tasks.rendering.instances.prepare import OPTIONAL_FIELDS
from ul2_flan.tasks.rendering.instances.shapes import SHAPES
from ul2_flan.tasks.rendering.templates.family import families, family_of
from ul2_flan.tasks.rendering.text_fixes import TIDY
from ul2_flan.tasks.strict_tables import make, parse, tables_of

_KEYS = ('suite', 'family', 'format', 'families', 'tasks')


@functools.cache
def formats() -> Mapping[str, Mapping[str, str]]:
  """Returns the formats that need no catalog, with how their rows are read.

  >>> list(formats())
  ['chat', 'completion', 'instruction']
  """
  table: Mapping[str, Mapping[str, str]] = _formats()['formats']
  return table


def _formats() -> dict[str, Any]:
  return shipped.table('catalog/formats.toml')


@dataclasses.dataclass(frozen=True, slots=True)
class OwnTasks:
  """The tasks of a user.

  Attributes:
    files: pairs of a file's path and its text, sorted.
  """

  files: tuple[tuple[str, str], ...] = ()

  @classmethod
  def of(cls, texts: Mapping[str, str]) -> OwnTasks:
    """Checks files: paths to their texts.

    Raises:
      UserError: a file is not TOML, breaks a rule of the catalog or of
        families, has a suite of the collection, or a task is there twice.
    """
    own = cls(tuple(sorted(texts.items())))
    _tasks(own.files)
    return own

  @classmethod
  def read(cls, paths: Sequence[str]) -> OwnTasks:
    """Reads files, on the disk or in a bucket.

    Raises:
      UserError: one cannot be read, or `of` refuses it.
    """
    texts = {p: buckets.read_text('--catalog', p) for p in paths}
    for path, text in [*texts.items()]:
      for entry in tables_of(parse(text, path), 'tasks', path):
        if prompts := promptsource.file_of(path, entry):
          texts[prompts] = buckets.read_text('--catalog', prompts)
    return cls.of(texts)

  def with_files(
    self, suite: str, form: str, tasks: Mapping[str, Sequence[str]]
  ) -> OwnTasks:
    """Adds tasks of files that need no catalog.

    Args:
      suite: the tasks'.
      form: one of `formats`.
      tasks: for each task, without its suite, the names of its files.
    """
    lines = [f'suite = {json.dumps(suite)}', f'format = "{form}"']
    for name, files in tasks.items():
      locator = json.dumps(', '.join(files), ensure_ascii=False)
      lines += ['[[tasks]]', f'name = {json.dumps(name)}']
      lines += ['[tasks.sources.files]', f'locator = {locator}']
    text = '\n'.join(lines) + '\n'
    return OwnTasks.of({**dict(self.files), f'--source {suite}': text})

  @property
  def tasks(self) -> Mapping[str, Task]:
    """The tasks by their full names, in the order of the files."""
    return _tasks(self.files)

  @property
  def suites(self) -> tuple[str, ...]:
    """The suites of the tasks, in the order of the files."""
    return tuple(dict.fromkeys(task.suite for task in self.tasks.values()))

  def load(self, name: str) -> Task:
    """Returns a task of the user's, or of the catalog.

    Raises:
      UserError: there is none; the message suggests the most similar name.
    """
    suite, colon, _ = name.partition(':')
    if suite in self.suites:
      if name not in self.tasks:
        raise unknown('task', name, self.tasks)
      return self.tasks[name]
    if colon and suite not in catalog.suites():
      raise unknown('suite', suite, [*catalog.suites(), *self.suites])
    return catalog.load(name)


@functools.lru_cache(maxsize=64)
def _tasks(files: tuple[tuple[str, str], ...]) -> Mapping[str, Task]:
  tasks: dict[str, Task] = {}
  texts = dict(files)
  for path, text in files:
    if path.endswith(promptsource.ENDINGS):
      continue
    raw = parse(text, path)
    for key in raw:
      if key not in _KEYS:
        raise UserError(f'{path}: {unknown("key", key, _KEYS)}')
    for task in _of_file(path, raw, texts):
      if task.name in tasks:
        raise UserError(f"{path}: there is a task '{task.name}' already")
      tasks[task.name] = task
  return tasks


def _of_file(
  path: str, raw: Mapping[str, Any], texts: Mapping[str, str]
) -> Iterable[Task]:
  """Yields the tasks of a file; other texts are templates that it names."""
  suite = raw.get('suite')
  if not isinstance(suite, str) or not suite.isidentifier():
    raise UserError(
      f'{path}: above its [[tasks]] must be a suite, such as suite = "mine"; '
      f'this has {suite!r}'
    )
  if suite in (*catalog.suites(), released.SUITE):
    raise UserError(
      f"{path}: the suite '{suite}' is the collection's. Give yours another "
      'name'
    )
  entries = tables_of(raw, 'tasks', path)
  if not entries:
    raise UserError(f'{path}: it has no [[tasks]]')
  shared = {key: raw[key] for key in ('family', 'format') if key in raw}
  own_families = raw.get('families', {})
  for entry in entries:
    where = f"{path}, task '{entry.get('name')}'"
    prompts = promptsource.file_of(path, entry)
    if not prompts:
      yield _task(suite, where, {**shared, **entry}, own_families)
      continue
    for one in promptsource.parse(texts[prompts], prompts):
      yield _task(
        suite, where, promptsource.entry_of(where, entry, one), own_families
      )


def _task(
  suite: str, where: str, entry: dict[str, Any], own: Mapping[str, Any]
) -> Task:
  """Makes a task of an entry; what people need not say has its usual value."""
  form, family = entry.pop('format', ''), entry.get('family', '')
  if bool(form) == bool(family):
    raise UserError(f"{where}: give a 'family' or a 'format', one of the two")
  if form:
    if form not in formats():
      raise UserError(f'{where}: {unknown("format", form, formats())}')
    entry['family'], table = form, _formats()['family']
  elif family in families():
    table = None
    if family in own:
      raise UserError(f"{where}: a family of ours is called '{family}' too")
  elif family in own:
    table = own[family]
  else:
    known = [*own, *families()]
    raise UserError(f'{where}: {unknown("template family", family, known)}')
  entry = _read_as(entry, formats()[form]['prepare'] if form else '')
  usual = {
    'dataset': entry.get('name'),
    'category': 'own',
    'languages': ['en'],
    'cap': 0,
  }
  name = {'name': f'{suite}:{entry.get("name")}', 'suite': suite}
  text = orjson.dumps(table).decode() if table else ''
  whole = {**usual, **with_sources(where, entry), **name, 'templates': text}
  task = make(Task, whole, where)
  _check(task, where)
  return task


def _read_as(entry: dict[str, Any], prepare: str) -> dict[str, Any]:
  """Says of an entry's first source, from which the others have it, the usual.

  All is for training, and a format's rows are read as it says.
  """
  sources = entry.get('sources')
  if not (isinstance(sources, dict) and sources):
    return entry  # `with_sources` tells what is wrong
  (kind, first), *others = sources.items()
  if not isinstance(first, dict):
    return entry
  usual = {'splits': {'train': 'train'}, 'prepare': prepare}
  return {**entry, 'sources': {kind: {**usual, **first}, **dict(others)}}


def _check(task: Task, where: str) -> None:
  """Refuses what would fail when rows are read: nobody tests a user's tasks."""
  try:
    family = family_of(task)
    for code in task.languages:
      if code not in catalog.languages():
        raise unknown('code of a language', code, catalog.languages())
    for source in task.sources:
      if source.prepare and source.prepare not in SHAPES:
        raise unknown("'prepare'", source.prepare, SHAPES)
      for name in source.tidy.values():
        if name not in TIDY:
          raise unknown("'tidy'", name, TIDY)
      given = {*source.fields, *task.constants}
      if source.fields and not source.prepare:
        if task.options in ('labels', 'scale'):
          given.add('options')
        for field in family.fields:
          if field not in (*given, *OPTIONAL_FIELDS):
            raise UserError(
              f"no column fills the family's field '{field}': add it to the "
              f"fields of source '{source.kind}'"
            )
    if family.has_options != (task.options != 'none'):
      raise UserError(
        f"options are '{task.options}', and the templates of the family "
        f'{family.name} {"do" if family.has_options else "do not"} show some'
      )
  except UserError as e:
    raise UserError(f'{where}: {e}') from e
