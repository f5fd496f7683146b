"""Denoisers and tables of them, which are data: a TOML file, shipped or yours.

A table names its denoisers, the share of examples that each gets, and what to
do when a vocabulary has too few sentinels for one.
"""

from __future__ import annotations

from collections.abc import Mapping
import dataclasses
import importlib.resources
import math
import re
import tomllib
from typing import Any

from ul2_flan.tasks.errors import UserError, unknown

# What stands before the inputs, by paradigm. The released UL2 and U-PaLM use
# the first set, as ordinary text; UL2's paper (section 3.1.2) the second.
MODE_TOKENS: Mapping[str, Mapping[str, str]] = {
  'nlu_s2s_nlg': {'R': '[NLU]', 'S': '[S2S]', 'X': '[NLG]'},
  'r_s_x': {'R': '[R]', 'S': '[S]', 'X': '[X]'},
  'none': {'R': '', 'S': '', 'X': ''},
}

ON_SENTINEL_OVERFLOW = ('refuse', 'shorten', 'merge')


@dataclasses.dataclass(frozen=True, slots=True)
class Denoiser:
  """One way to corrupt a segment (UL2, section 3.1).

  Attributes:
    name: names its data set, if it has one of its own.
    mode: the paradigm: R (regular), S (sequential) or X (extreme).
    corruption: 'spans' (T5's random spans) or 'prefix' (a prefix LM).
    density: expected share of the tokens to predict.
    rate: share of the examples, relative to the other denoisers of the table.
    mean_span: expected tokens in a noise span; 0 for a prefix LM.
    random_roll: rotate the mask by a uniform offset, so that where one span
      is enough it is not always the suffix. T5's default, and ours, is not to.
  """

  name: str
  mode: str
  corruption: str
  density: float
  rate: float
  mean_span: float = 0.0
  random_roll: bool = False

  def __post_init__(self) -> None:
    where = f"denoiser '{self.name}'"
    if not re.fullmatch(r'\w+', self.name):
      raise UserError(f'{where}: a name has letters, digits and _ only')
    if self.mode not in ('R', 'S', 'X'):
      raise UserError(f"{where}: mode is '{self.mode}', not R, S or X")
    if not (self.rate > 0 and math.isfinite(self.rate)):
      raise UserError(f'{where}: rate is {self.rate}, not positive')
    if self.corruption == 'spans':
      if not (0 < self.density < 1):
        raise UserError(f'{where}: density {self.density} is not within (0, 1)')
      if not self.mean_span >= 1:
        raise UserError(f'{where}: mean_span {self.mean_span} is less than 1')
    elif self.corruption == 'prefix':
      if not (0 < self.density <= 0.5):
        raise UserError(
          f'{where}: density {self.density} is not within (0, 0.5], '
          'the range of a prefix LM whose split point is uniform'
        )
      if self.mean_span or self.random_roll:
        raise UserError(f'{where}: mean_span and random_roll are for spans')
    else:
      error = unknown('corruption', self.corruption, ['spans', 'prefix'])
      raise UserError(f'{where}: {error}')


@dataclasses.dataclass(frozen=True, slots=True)
class DenoiserTable:
  """A named set of denoisers.

  Attributes:
    name: the default name of the data set and of the mixture.
    description: one line, with the source of the numbers.
    denoisers: their rates add up to 1.
    on_sentinel_overflow: for a denoiser that needs more sentinels than there
      are: 'refuse' it, 'shorten' its segments, or 'merge' spans (fewer and
      longer ones, of the same density). Word pieces never become sentinels.
  """

  name: str
  description: str
  denoisers: tuple[Denoiser, ...]
  on_sentinel_overflow: str = 'refuse'


def presets() -> list[str]:
  """Names of the tables that are shipped.

  >>> presets()
  ['prefix_lm', 'span_corruption', 'ul2', 'ul2r']
  """
  folder = importlib.resources.files('ul2_flan.tasks') / 'denoising/presets'
  return sorted(
    f.name[: -len('.toml')]
    for f in folder.iterdir()
    if f.name.endswith('.toml')
  )


def preset_text(name: str) -> str:
  """The TOML text of a table that is shipped."""
  if name not in presets():
    raise unknown('preset', name, presets())
  folder = importlib.resources.files('ul2_flan.tasks') / 'denoising/presets'
  return (folder / f'{name}.toml').read_text()


def load_preset(name: str) -> DenoiserTable:
  """Loads a table that is shipped.

  >>> [d.name for d in load_preset('ul2r').denoisers]
  ['r_3_15', 's_50', 'x_32_15', 'x_3_50']
  """
  return parse_table(preset_text(name), f'{name}.toml')


def parse_table(text: str, where: str) -> DenoiserTable:
  """Reads a table from TOML.

  Args:
    text: the file's text; its keys are the fields of `DenoiserTable`, and each
      `[[denoisers]]` has those of `Denoiser`.
    where: the file's name, for messages.

  Raises:
    UserError: a key is missing or unknown, or a value breaks its rule.
  """
  try:
    raw = tomllib.loads(text)
  except tomllib.TOMLDecodeError as e:
    raise UserError(f'{where} is not TOML: {e}') from e
  entries = raw.pop('denoisers', [])
  if not entries:
    raise UserError(f'{where} has no [[denoisers]]')
  if not (isinstance(entries, list) and isinstance(entries[0], dict)):
    raise UserError(
      f"{where}: 'denoisers' is not a list of tables. Begin each denoiser with "
      'a line [[denoisers]], in two pairs of brackets'
    )
  try:
    denoisers = [_make(Denoiser, entry) for entry in entries]
    total = math.fsum(d.rate for d in denoisers)
    shares = tuple(
      dataclasses.replace(d, rate=d.rate / total) for d in denoisers
    )
    table: DenoiserTable = _make(DenoiserTable, {**raw, 'denoisers': shares})
  except UserError as e:
    raise UserError(f'{where}: {e}') from e
  names = [d.name for d in denoisers]
  if len(set(names)) < len(names):
    raise UserError(f'{where}: two denoisers have the same name: {names}')
  if table.on_sentinel_overflow not in ON_SENTINEL_OVERFLOW:
    error = unknown(
      'on_sentinel_overflow', table.on_sentinel_overflow, ON_SENTINEL_OVERFLOW
    )
    raise UserError(f'{where}: {error}')
  return table


# What TOML gives for a field; Python would also take True for a number.
_TYPES = {'float': (int, float), 'str': (str,), 'bool': (bool,)}


def _make(cls: Any, entry: Mapping[str, Any]) -> Any:
  """Makes a dataclass from a mapping, and says which key is wrong."""
  fields = {f.name: f for f in dataclasses.fields(cls)}
  what = f"{cls.__name__} '{entry.get('name', '')}'"
  for key in entry:
    if key not in fields:
      raise unknown(f'key of {what}', key, fields)
  for name, field in fields.items():
    if name not in entry and field.default is dataclasses.MISSING:
      raise UserError(f"{what} has no '{name}', only {', '.join(entry)}")
  for key, value in entry.items():
    expected = _TYPES.get(str(fields[key].type), ())
    if expected and type(value) not in expected:
      raise UserError(
        f"{what}: '{key}' is {value!r}, which is not of type {fields[key].type}"
      )
  return cls(**entry)
