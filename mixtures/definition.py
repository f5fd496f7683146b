"""What a mixture is: a tree of parts with weights, read from TOML.

A part holds parts of its own, or selects tasks of the Flan collection, or a
table of denoisers. Shipped definitions are the TOML files beside this one; a
user's files are read in the same way.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
import dataclasses
import functools
import importlib.resources
import re
import tomllib
from typing import Any

from ul2_flan.tasks import buckets, catalog
from ul2_flan.tasks.catalog.schema import make
from ul2_flan.tasks.denoising.denoiser import load_preset
from ul2_flan.tasks.errors import UserError, unknown

UNITS = ('examples', 'tokens')

# What a part has from the one around it unless it says otherwise: what it
# selects, and how. A part with parts only hands the selection on.
_SELECTION = ('suites', 'tasks', 'without', 'include', 'inverted')
_INHERITED = (
  *_SELECTION, 'cap', 'temperature', 'few_shot', 'no_options', 'reasoning'
)  # fmt: skip


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Part:
  """A mixture, or a part of one.

  Attributes:
    description: one line, with the source of the numbers.
    weight: relative to the parts beside it.
    parts: of which it is made. Or else it is a leaf:
    mixture: another mixture, by name, which is taken as it is.
    denoisers: a table of denoisers that is shipped, such as 'ul2r'.
    suites: of the collection.
    tasks: patterns of names, or of categories, such as `cot:*`; of its suites,
      or of all if none are given.
    without: the same, of what is left out.
    inverted: only inverted tasks (True), or only the others (False).
    include: reasons for which the collection leaves out tasks that are to be
      in, such as 'mmlu_related', or patterns of them.
    cap: the most examples of a task that count; 0 for no cap; None for the
      catalog's.
    temperature: see `rates.proportional`.
    few_shot: the share of settings with exemplars.
    no_options: the share of settings that do not show the options.
    reasoning: of the settings: 'cot', 'direct', or '' for what is usual.
    unit: of what the weights of its parts are shares: one of `UNITS`.
  """

  name: str
  description: str = ''
  weight: float = 1.0
  parts: tuple[Part, ...] = ()
  mixture: str = ''
  denoisers: str = ''
  suites: tuple[str, ...] = ()
  tasks: tuple[str, ...] = ()
  without: tuple[str, ...] = ()
  inverted: bool | None = None
  include: tuple[str, ...] = ()
  cap: int | None = None
  temperature: float = 1.0
  few_shot: float = 0.5
  no_options: float = 0.0
  reasoning: str = ''
  unit: str = 'examples'

  def __post_init__(self) -> None:
    if not re.fullmatch(r'\w[\w.]*', self.name):
      raise UserError(f"'{self.name}' is no name for a mixture or a part")
    kinds = [self.parts, self.mixture, self.denoisers, self.suites + self.tasks]
    if sum(map(bool, kinds)) != 1:
      raise UserError(
        f"'{self.name}' must have one of: parts; mixture; denoisers; suites or "
        'tasks'
      )
    for suite in self.suites:
      if suite not in catalog.suites():
        raise unknown('suite', suite, catalog.suites())
    if self.denoisers:
      load_preset(self.denoisers)
    if self.unit not in UNITS:
      raise unknown('unit', self.unit, UNITS)
    if self.reasoning not in ('', 'cot', 'direct'):
      raise unknown('reasoning', self.reasoning, ('cot', 'direct'))
    for key in ('few_shot', 'no_options'):
      if not 0 <= getattr(self, key) <= 1:
        raise UserError(f'{key} is {getattr(self, key)}: within [0, 1]')
    # TOML has inf and nan.
    if not (0 < self.weight < float('inf') and self.temperature > 0):
      raise UserError(
        f'weight {self.weight}, temperature {self.temperature}: above 0'
      )
    if (self.cap or 0) < 0:
      raise UserError(f'cap is {self.cap}: at least 1, or 0 for none')
    names = [part.name for part in self.parts]
    if len(set(names)) < len(names):
      raise UserError(f"two parts of '{self.name}' have one name: {names}")

  def leaves(self, path: str = '') -> Iterator[tuple[str, Part]]:
    """Its leaves, each with its path: names with '/' in between."""
    for part in self.parts:
      yield from part.leaves(f'{path}/{part.name}'.lstrip('/'))
    if not self.parts:
      yield path or self.name, self


def read(text: str, where: str) -> dict[str, Part]:
  """Reads `[[mixtures]]`, by name.

  Args:
    where: the file's name, for messages.

  Raises:
    UserError: it is not TOML, a key is unknown, or a value breaks its rule.
  """
  try:
    table = tomllib.loads(text)
  except tomllib.TOMLDecodeError as e:
    raise UserError(f'{where}: {e}') from e
  for key in table:
    if key != 'mixtures':
      raise UserError(f'{where}: {unknown("key", key, ["mixtures"])}')
  found: dict[str, Part] = {}
  for entry in table.get('mixtures', ()):
    part = _part(entry, {}, where)
    if part.name in found:
      raise UserError(f"{where}: '{part.name}' is there twice")
    found[part.name] = part
  return found


def _part(entry: Any, around: Mapping[str, Any], where: str) -> Part:
  if not isinstance(entry, dict):
    raise UserError(f'{where}: {entry!r} is not a table such as [[mixtures]]')
  where = f"{where}, '{entry.get('name', '?')}'"
  if {'mixture', 'denoisers'} & entry.keys():
    # They select for themselves.
    around = {k: v for k, v in around.items() if k not in _SELECTION}
  entry = {**around, **entry}
  inherited = {k: v for k, v in entry.items() if k in _INHERITED}
  parts = entry.get('parts', [])
  if not isinstance(parts, list):
    raise UserError(f'{where}: parts are a list of tables')
  entry['parts'] = [_part(part, inherited, where) for part in parts]
  if parts:
    entry = {k: v for k, v in entry.items() if k not in _SELECTION}
  try:
    part: Part = make(Part, entry, where)
  except TypeError as e:
    raise UserError(f'{where}: a value of the wrong kind: {e}') from e
  return part


@functools.cache
def shipped() -> Mapping[str, Part]:
  """The definitions that come with this package, in the order of files."""
  folder = importlib.resources.files('ul2_flan.mixtures')
  found: dict[str, Part] = {}
  for file in sorted(folder.iterdir(), key=lambda file: file.name):
    if file.name.endswith('.toml'):
      found |= read(file.read_text(), file.name)
  return found


def load(name: str, files: Sequence[str] = ()) -> Part:
  """A mixture by name, with what it refers to in its place.

  Args:
    files: paths of a user's TOML files, whose definitions come first.

  >>> [part.name for part in load('flan2022_b').parts]
  ['muffin', 't0_sf', 'niv2', 'cot']

  Raises:
    UserError: there is none, or it contains itself.
  """
  return _expand(name, definitions(files), ())


def definitions(files: Sequence[str] = ()) -> Mapping[str, Part]:
  """All definitions by name, those of a user's files first."""
  known: dict[str, Part] = {}
  for path in files:
    try:
      text = buckets.read_anywhere(path).decode()
    except (OSError, UnicodeDecodeError) as e:
      raise UserError(f"definitions '{path}': {e}") from e
    known |= read(text, path)
  return {**known, **{k: v for k, v in shipped().items() if k not in known}}


def _expand(
  name: str, known: Mapping[str, Part], above: tuple[str, ...]
) -> Part:
  if name not in known:
    raise unknown('mixture', name, known)
  if name in above:
    raise UserError(f'{" > ".join((*above, name))}: a mixture within itself')

  def expand(part: Part) -> Part:
    if part.mixture:
      there = _expand(part.mixture, known, (*above, name))
      return dataclasses.replace(there, name=part.name, weight=part.weight)
    return dataclasses.replace(part, parts=tuple(map(expand, part.parts)))

  return expand(known[name])
