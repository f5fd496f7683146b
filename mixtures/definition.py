"""Reads definitions of mixtures from TOML: trees of parts with weights.

A part holds parts of its own, or selects tasks of the Flan collection, or a
table of denoisers (`part.Part`). The definitions that are shipped are the TOML
files beside this one; a user's files are read in the same way.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
import dataclasses
import functools
import importlib.resources
from typing import Any

from ul2_flan.mixtures.part import Part
from ul2_flan.tasks import buckets
from ul2_flan.tasks.errors import UserError, unknown
from ul2_flan.tasks.strict_tables import make, parse, tables_of

# A part has these keys from the part around it, unless it has them itself. The
# first say what is selected: a part with parts only hands them on.
_SELECTION = (
  'suites', 'tasks', 'without', 'held_out', 'include', 'inverted'
)  # fmt: skip
_INHERITED = (
  *_SELECTION, 'cap', 'temperature', 'few_shot', 'no_options', 'reasoning'
)  # fmt: skip


def read(text: str, where: str) -> dict[str, Part]:
  """Reads the `[[mixtures]]` of a file, by name.

  Args:
    text: the content of a TOML file.
    where: its name, for messages.

  Raises:
    UserError: it is not TOML, a key is unknown, a value breaks its rule, or two
      mixtures have one name.
  """
  return _read_all([(where, text)])


def _read_all(files: Iterable[tuple[str, str]]) -> dict[str, Part]:
  """Reads the mixtures of several files, by name; no name may be there twice.

  Args:
    files: of each the name, for messages, and the content.
  """
  mixtures: dict[str, Part] = {}
  places: dict[str, str] = {}
  for where, text in files:
    for mixture in _read(text, where):
      if (before := places.get(mixture.name)) is not None:
        both = where if before == where else f'{before} and {where}'
        raise UserError(
          f"{both}: '{mixture.name}' is there twice. A name is that of one "
          'mixture: rename one of them'
        )
      mixtures[mixture.name] = mixture
      places[mixture.name] = where
  return mixtures


def _read(text: str, where: str) -> Iterator[Part]:
  """Yields the mixtures of a file."""
  table = parse(text, where)
  for key in table:
    if key != 'mixtures':
      raise UserError(f'{where}: {unknown("key", key, ["mixtures"])}')
  for entry in tables_of(table, 'mixtures', where):
    yield _part(entry, {}, where)


def _part(entry: Any, around: Mapping[str, Any], where: str) -> Part:
  """Makes a part of a table, with what it has from the part around it."""
  if not isinstance(entry, dict):
    raise UserError(f'{where}: {entry!r} is not a table such as [[mixtures]]')
  where = f"{where}, '{entry.get('name', '?')}'"
  if {'mixture', 'denoisers'} & entry.keys():
    # These select for themselves.
    around = {k: v for k, v in around.items() if k not in _SELECTION}
  entry = {**around, **entry}
  # Also what it has from further outside goes on to its parts.
  inherited = {k: v for k, v in entry.items() if k in _INHERITED}
  parts = entry.get('parts', [])
  if not isinstance(parts, list):
    raise UserError(f'{where}: parts are a list of tables')
  entry['parts'] = [_part(part, inherited, where) for part in parts]
  if parts:
    # It selects by its parts alone: `Part` refuses both.
    entry = {k: v for k, v in entry.items() if k not in _SELECTION}
  return make(Part, entry, where)


@functools.cache
def shipped() -> Mapping[str, Part]:
  """Reads the definitions that come with this package, file by file."""
  folder = importlib.resources.files('ul2_flan.mixtures')
  return _read_all(
    (file.name, file.read_text(encoding='utf-8'))
    for file in sorted(folder.iterdir(), key=lambda file: file.name)
    if file.name.endswith('.toml')
  )


def load(
  name: str,
  files: Sequence[str] = (),
  kind: str = 'mixture',
  suites: Iterable[str] = (),
) -> Part:
  """Returns a mixture; mixtures that its parts name stand in their place.

  >>> [part.name for part in load('flan2022_b').parts]
  ['muffin', 't0_sf', 'niv2', 'cot']

  Args:
    name: of the mixture.
    files: paths of a user's TOML files. Their definitions take the place of
      shipped ones of the same name.
    kind: what the name is called in an error.
    suites: a user's own, each of which is a mixture of its name.

  Raises:
    UserError: there is no such mixture, it contains itself, a file cannot be
      read, or two files have a mixture of the same name.
  """
  own = {
    suite: Part(name=suite, description='a suite of your own', suites=(suite,))
    for suite in suites
  }
  known = {**own, **definitions(files)}
  if name not in known:
    raise unknown(kind, name, known)
  return _expand(name, known, ())


def definitions(files: Sequence[str] = ()) -> Mapping[str, Part]:
  """Returns all definitions by name, those of a user's files first.

  Raises:
    UserError: a file cannot be read, two of them have the same name, or one
      refers to a mixture that there is not.
  """
  # A path that was given twice is one file.
  texts = [
    (f, buckets.read_text('--definitions', f)) for f in dict.fromkeys(files)
  ]
  own = _read_all(texts)
  known = {**own, **{k: v for k, v in shipped().items() if k not in own}}
  for where, text in texts:
    for mixture in _read(text, where):
      for _, leaf in mixture.leaves():
        if leaf.mixture and leaf.mixture not in known:
          error = unknown('mixture', leaf.mixture, known)
          raise UserError(f"{where}, '{mixture.name}': {error}")
  return known


def _expand(
  name: str, known: Mapping[str, Part], above: tuple[str, ...]
) -> Part:
  """Returns a mixture without references to others.

  Args:
    above: the mixtures that refer to this one, the outermost first.
  """
  if name not in known:
    raise unknown('mixture', name, known)
  if name in above:
    raise UserError(f'{" > ".join((*above, name))}: a mixture within itself')

  def expand(part: Part) -> Part:
    if part.mixture:
      other = _expand(part.mixture, known, (*above, name))
      return dataclasses.replace(other, name=part.name, weight=part.weight)
    return dataclasses.replace(part, parts=tuple(map(expand, part.parts)))

  return expand(known[name])
