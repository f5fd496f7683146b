"""Reads the catalog's files: TOML for families of tasks, TSV for tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
import dataclasses
import functools
import importlib.resources
import tomllib
from typing import Any

from ul2_flan.tasks.catalog.schema import Mixture, Source, Suite, Task, make
from ul2_flan.tasks.errors import UserError, unknown


def _folder() -> Any:
  return importlib.resources.files('ul2_flan.tasks') / 'catalog'


def read_table(file: str) -> Iterator[dict[str, str]]:
  """Rows of a TSV with a header; no quoting, since no cell has a tab."""
  lines = (_folder() / file).read_text(encoding='utf-8').splitlines()
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
  """The suites by name, in the order of `suites.toml`."""
  raw = tomllib.loads((_folder() / 'suites.toml').read_text(encoding='utf-8'))
  entries = (
    make(Suite, entry, f"suites.toml, suite '{entry.get('name')}'")
    for entry in raw['suites']
  )
  return {suite.name: suite for suite in entries}


@functools.cache
def mixtures() -> Mapping[str, Mixture]:
  """The paper's mixtures by name, in the order of `suites.toml`."""
  raw = tomllib.loads((_folder() / 'suites.toml').read_text(encoding='utf-8'))
  entries = (
    make(Mixture, entry, f"suites.toml, mixture '{entry.get('name')}'")
    for entry in raw['mixtures']
  )
  return {mixture.name: mixture for mixture in entries}


@functools.cache
def languages() -> Mapping[str, str]:
  """ISO 639 codes to English names."""
  return {row['code']: row['name'] for row in read_table('languages.tsv')}


def read_suite(suite: str) -> list[Task]:
  """Every task of a suite, in the order of the files and of their names."""
  if suite == 'niv2':
    return list(_niv2())
  if suite == 't0_sf':
    return list(_t0_sf())
  tasks: dict[str, Task] = {}
  later: list[tuple[str, dict[str, Any]]] = []
  files = sorted(f.name for f in (_folder() / suite).iterdir())
  for file in (f for f in files if f.endswith('.toml')):
    for where, entry in _entries(suite, file):
      if 'like' in entry:
        later.append((where, entry))
      else:
        _add(tasks, where, make(Task, _with_sources(where, entry), where))
  for where, entry in later:
    _add(tasks, where, _like(tasks, where, entry))
  return list(tasks.values())


def _add(tasks: dict[str, Task], where: str, task: Task) -> None:
  if task.name in tasks:
    raise UserError(f'{where}: there are two tasks of this name')
  tasks[task.name] = task


def _entries(suite: str, file: str) -> Iterator[tuple[str, dict[str, Any]]]:
  """The tables of a family's file, with what they share filled in."""
  path = f'{suite}/{file}'
  try:
    raw = tomllib.loads((_folder() / suite / file).read_text(encoding='utf-8'))
  except tomllib.TOMLDecodeError as e:
    raise UserError(f'{path} is not TOML: {e}') from e
  entries = raw.pop('tasks', [])
  if set(raw) != {'suite', 'family'} or raw['suite'] != suite:
    raise UserError(
      f"{path}: above its [[tasks]] a file has suite = '{suite}' and a "
      f'family; this has {raw}'
    )
  for entry in entries:
    where = f"{path}, task '{entry.get('name')}'"
    yield (
      where,
      {
        'cap': suites()[suite].cap,
        **raw,
        **entry,
        'name': f'{suite}:{entry.get("name")}',
      },
    )


def _with_sources(where: str, entry: dict[str, Any]) -> dict[str, Any]:
  """The table with its sources made; later ones inherit from the first."""
  sources: list[Source] = []
  first: dict[str, Any] = {}
  for kind, own in entry.get('sources', {}).items():
    table = {**first, **own, 'kind': kind}
    first = first or {k: v for k, v in own.items() if k != 'locator'}
    sources.append(make(Source, table, f'{where}, source {kind}'))
  return {**entry, 'sources': sources}


def _like(tasks: Mapping[str, Task], where: str, entry: dict[str, Any]) -> Task:
  """An inverted task: another's rows under templates of its own.

  With `prepare`, that is what makes its fields.
  """
  like = entry.pop('like')
  prepare = entry.pop('prepare', '')
  if like not in tasks:
    raise UserError(f'{where}: {unknown("task", like, tasks)}')
  base = tasks[like]
  inherited = {
    name: getattr(base, name)
    for name in ('sources', 'licence', 'examples', 'constants')
  }
  if prepare:
    inherited['sources'] = tuple(
      dataclasses.replace(source, prepare=prepare) for source in base.sources
    )
  task: Task = make(Task, {**inherited, **entry, 'inverted': True}, where)
  return task


def _niv2() -> Iterator[Task]:
  for row in read_table('niv2.tsv'):
    where = f"niv2.tsv, task '{row['name']}'"
    # Upstream renamed files that had hyphens, and the collection's list cuts
    # names at a dot: both spellings are in use.
    names = [row['name'], *filter(None, [row['other_name']])]
    splits = {'train': 'train'}
    sources = [
      make(
        Source,
        {'kind': 'niv2', 'locator': f'{n}.json', 'splits': splits},
        where,
      )
      for n in names
    ]
    yield _from_row('niv2', where, row, sources=sources, family='niv2')


def _t0_sf() -> Iterator[Task]:
  for row in read_table('t0_sf.tsv'):
    where = f"t0_sf.tsv, task '{row['name']}'"
    row['examples'] = row['train']
    row['languages'] = 'en'
    splits = {s: s for s in ('train', 'validation', 'test') if row.pop(s)}
    source = {'kind': 'p3', 'locator': row['name'], 'splits': splits}
    sources = [make(Source, source, where)]
    yield _from_row('t0_sf', where, row, sources=sources, family='')


def _from_row(
  suite: str, where: str, row: dict[str, str], *, sources: Any, family: str
) -> Task:
  separate = row.get('family') == 'p3_separate_options'
  task: Task = make(
    Task,
    {
      'name': f'{suite}:{row["name"]}',
      'suite': suite,
      'family': family or row['family'],
      'dataset': row['dataset'],
      'category': row['category'],
      'languages': row['languages'].split(','),
      'licence': suites()[suite].licence,
      'sources': sources,
      'options': 'choices' if separate else 'none',
      'examples': int(row['examples']),
      'cap': suites()[suite].cap,
      'left_out': row['left_out'],
    },
    where,
  )
  return task
