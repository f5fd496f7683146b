"""Reads the catalog's files: TOML for families of tasks, TSV for tables.

Most suites have a TOML file for each family of templates, with its tasks. The
1,613 tasks of NIv2 and 660 of P3 differ in little but their names, so each of
these two suites is a table with a line for each task.
"""

from collections.abc import Iterator, Mapping
import dataclasses
import functools
from typing import Any

from ul2_flan.tasks import shipped
from ul2_flan.tasks.catalog import facts
from ul2_flan.tasks.catalog.caps import CAPS
from ul2_flan.tasks.catalog.schema import FlanRows, Source, Suite, Task
from ul2_flan.tasks.errors import UserError, unknown
from ul2_flan.tasks.strict_tables import make, parse


def read_table(file: str) -> Iterator[dict[str, str]]:
  """Yields the lines of a TSV as dictionaries, by the names in its header.

  There is no quoting: no cell has a tab.
  """
  lines = shipped.text(f'catalog/{file}').splitlines()
  header = lines[0].split('\t')
  for number, line in enumerate(lines[1:], start=2):
    cells = line.split('\t')
    if len(cells) != len(header):
      raise UserError(
        f'{file}, line {number}: {len(cells)} cells, the header has '
        f'{len(header)}: {line[:80]!r}'
      )
    yield dict(zip(header, cells, strict=True))


@functools.cache
def suites() -> Mapping[str, Suite]:
  """Returns the suites by name, in the order of `suites.toml`.

  >>> list(suites())
  ['flan2021', 'dialog', 'program_synthesis', 't0_sf', 'niv2', 'cot']
  """
  entries = (
    make(Suite, entry, f"suites.toml, suite '{entry.get('name')}'")
    for entry in shipped.table('catalog/suites.toml')['suites']
  )
  return {suite.name: suite for suite in entries}


@functools.cache
def languages() -> Mapping[str, str]:
  """Maps ISO 639 codes to English names.

  >>> languages()['fi']
  'Finnish'
  """
  return {line['code']: line['name'] for line in read_table('languages.tsv')}


def read_suite(suite: str) -> list[Task]:
  """Reads all tasks of a suite: file by file, each in its own order.

  Raises:
    UserError: a file is malformed, an entry breaks a rule of `schema`, or two
      tasks have one name.
  """
  if suite == 'niv2':
    return list(_niv2())
  if suite == 't0_sf':
    return list(_t0_sf())
  tasks: dict[str, Task] = {}
  # Inverted tasks are like another, which may stand in a later file.
  later: list[tuple[str, dict[str, Any]]] = []
  for file in shipped.names(f'catalog/{suite}'):
    for where, entry in _entries(suite, f'{file}.toml'):
      if 'like' in entry:
        later.append((where, entry))
      else:
        _add(tasks, where, make(Task, with_sources(where, entry), where))
  for where, entry in later:
    _add(tasks, where, _like(tasks, where, entry))
  return list(tasks.values())


def _add(tasks: dict[str, Task], where: str, task: Task) -> None:
  if task.name in tasks:
    raise UserError(f'{where}: there are two tasks of this name')
  tasks[task.name] = task


def _entries(suite: str, file: str) -> Iterator[tuple[str, dict[str, Any]]]:
  """Yields the tasks of a family's file, with what they share filled in.

  Each comes with its place, for messages.
  """
  path = f'{suite}/{file}'
  raw = parse(shipped.text(f'catalog/{path}'), path)
  entries = raw.pop('tasks', [])
  if set(raw) != {'suite', 'family'} or raw['suite'] != suite:
    raise UserError(
      f"{path}: above its [[tasks]] a file must have suite = '{suite}' and a "
      f'family; this has {raw}'
    )
  for entry in entries:
    where = f"{path}, task '{entry.get('name')}'"
    name = f'{suite}:{entry.get("name")}'
    yield where, {'cap': CAPS[suite], **raw, **entry, 'name': name}


def with_sources(where: str, entry: dict[str, Any]) -> dict[str, Any]:
  """Makes the sources of an entry.

  What a later source does not say, it has from the first, but for the locator.
  """
  sources: list[Source] = []
  first: dict[str, Any] = {}
  tables = entry.get('sources', {})
  if not (
    isinstance(tables, dict)
    and all(isinstance(table, dict) for table in tables.values())
  ):
    raise UserError(
      f'{where}: its sources are tables, such as [tasks.sources.files]; these '
      f'are {tables!r}'
    )
  for kind, table in tables.items():
    whole = {**first, **table, 'kind': kind}
    first = first or {k: v for k, v in table.items() if k != 'locator'}
    sources.append(make(Source, whole, f'{where}, source {kind}'))
  flan = make(FlanRows, entry.get('flan', {}), f'{where}, flan')
  return {**entry, 'sources': sources, 'flan': flan}


def _like(tasks: Mapping[str, Task], where: str, entry: dict[str, Any]) -> Task:
  """Makes an inverted task: the rows of another under templates of its own.

  An entry may name another function to `prepare` the rows.
  """
  like = entry.pop('like')
  prepare = entry.pop('prepare', '')
  if like not in tasks:
    raise UserError(f'{where}: {unknown("task", like, tasks)}')
  base = tasks[like]
  inherited = {
    name: getattr(base, name)
    for name in ('sources', 'flan', 'licence', 'examples', 'constants')
  }
  if prepare:
    inherited['sources'] = tuple(
      dataclasses.replace(source, prepare=prepare) for source in base.sources
    )
  return make(Task, {**inherited, **entry, 'inverted': True}, where)


def _niv2() -> Iterator[Task]:
  for line in read_table('niv2.tsv'):
    where = f"niv2.tsv, task '{line['name']}'"
    # NIv2 renamed files that had hyphens, and the collection's list cuts names
    # at a dot: people have files of both spellings.
    names = [line['name'], *filter(None, [line['other_name']])]
    source = {'kind': 'niv2', 'splits': {'train': 'train'}}
    sources = [
      make(Source, {**source, 'locator': f'{n}.json'}, where) for n in names
    ]
    line['family'] = 'niv2'
    yield _from_line('niv2', where, line, sources)


def _t0_sf() -> Iterator[Task]:
  for line in read_table('t0_sf.tsv'):
    where = f"t0_sf.tsv, task '{line['name']}'"
    line |= {'examples': line['train'], 'languages': 'en'}
    # A cell holds the number of examples, and is empty where P3 has no split.
    splits = {s: s for s in ('train', 'validation', 'test') if line.pop(s)}
    source = {'kind': 'p3', 'locator': line['name'], 'splits': splits}
    yield _from_line('t0_sf', where, line, [make(Source, source, where)])


def _from_line(
  suite: str, where: str, line: dict[str, str], sources: list[Source]
) -> Task:
  separate = line['family'] == 'p3_separate_options'
  return make(
    Task,
    {
      'name': f'{suite}:{line["name"]}',
      'suite': suite,
      'family': line['family'],
      'dataset': line['dataset'],
      'category': line['category'],
      'languages': line['languages'].split(','),
      'licence': facts.licence_of(suite, line['name'], line['dataset']),
      'sources': sources,
      'options': 'choices' if separate else 'none',
      'examples': int(line['examples']),
      'cap': CAPS[suite],
      'left_out': line['left_out'],
    },
    where,
  )
