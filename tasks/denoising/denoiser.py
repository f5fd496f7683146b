"""Denoisers, and the TOML tables that list them.

A table names its denoisers, gives each its share of the examples, and says what
to do if a denoiser needs more sentinels than the vocabulary has. The tables in
`presets/` are shipped; a user's own has the same form.
"""

import dataclasses
import math
import re

from ul2_flan.tasks import shipped
from ul2_flan.tasks.errors import UserError, unknown
from ul2_flan.tasks.strict_tables import make, parse, tables_of

_PRESETS = 'denoising/presets'

MODES = ('R', 'S', 'X', 'none')
CORRUPTIONS = ('spans', 'prefix', 'causal')
ON_SENTINEL_OVERFLOW = ('refuse', 'shorten', 'merge')


@dataclasses.dataclass(frozen=True, slots=True)
class Denoiser:
  """One way to corrupt a segment (UL2, section 3.1.2 and Table 1).

  Table 1's mean span mu and corruption rate r are `mean_span` and `density`
  here. For its S-denoiser (mu = L/4, r = 0.25, one span at the end) take the
  corruption 'prefix' with a density of 0.25: `noise_masks.min_prefix_tokens`.

  Attributes:
    name: letters, digits and _; also the name of its data set if denoisers are
      written apart.
    mode: the paradigm: R (regular), S (sequential), X (extreme), or 'none' for
      examples that never have a mode token.
    corruption: 'spans' (T5's random spans), 'prefix' (a prefix LM) or 'causal'
      (a causal LM: no inputs, and all tokens are targets).
    density: expected share of the tokens that are noise, to be predicted;
      within (0, 1) for spans and (0, 0.5] for a prefix; 1 for a causal LM.
    rate: share of the examples, relative to the other denoisers of the table.
    mean_span: expected tokens of a noise span, at least 1; 0 for an LM.
    random_roll: whether to rotate the mask by a uniform offset. Without it, a
      segment short enough for a single span has that span at its end, always.
      T5 does not rotate by default, nor do the shipped tables.

  Raises:
    UserError: a value is out of its range.

  >>> Denoiser('x_64_50', 'X', 'spans', density=0.5, rate=1, mean_span=64).mode
  'X'
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
    if self.mode not in MODES:
      raise UserError(f"{where}: mode is '{self.mode}', not R, S, X or none")
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
    elif self.corruption == 'causal':
      if (self.mode, self.density) != ('none', 1):
        raise UserError(
          f"{where}: a causal LM has mode 'none', since it has no inputs for a "
          'mode token to stand in, and density 1, since it predicts all tokens'
        )
    else:
      error = unknown('corruption', self.corruption, CORRUPTIONS)
      raise UserError(f'{where}: {error}')
    if self.corruption != 'spans' and (self.mean_span or self.random_roll):
      raise UserError(f'{where}: mean_span and random_roll are for spans')


@dataclasses.dataclass(frozen=True, slots=True)
class DenoiserTable:
  """A named set of denoisers.

  Attributes:
    name: the default name of the data set and of the mixture.
    description: one line that names the source of the numbers.
    denoisers: in the order of the file; their rates add up to 1.
    on_sentinel_overflow: what happens to a denoiser that needs more sentinels
      than the vocabulary has: 'refuse' stops the run, 'shorten' takes shorter
      segments, 'merge' takes fewer and longer spans of the same density. (T5's
      own code would go on counting down into the ordinary word pieces.)
    join_documents: so many documents are joined before they are cut, so that
      segments are full; 0 to cut each alone.
  """

  name: str
  description: str
  denoisers: tuple[Denoiser, ...]
  on_sentinel_overflow: str = 'refuse'
  join_documents: int = 0

  def __post_init__(self) -> None:
    if self.on_sentinel_overflow not in ON_SENTINEL_OVERFLOW:
      raise unknown(
        'on_sentinel_overflow', self.on_sentinel_overflow, ON_SENTINEL_OVERFLOW
      )
    if self.join_documents < 0:
      raise UserError(f'join_documents is {self.join_documents}, less than 0')


def presets() -> list[str]:
  """Returns the names of the shipped tables, sorted.

  >>> presets()  # doctest: +NORMALIZE_WHITESPACE
  ['causal_lm', 'mt5', 'pile_t5', 'prefix_lm', 'span_corruption', 't5_1_1',
   'ul2', 'ul2_appendix', 'ul2r']
  """
  return shipped.names(_PRESETS)


def preset_text(name: str) -> str:
  """Returns the TOML text of a shipped table.

  Raises:
    UserError: there is no table of this name.
  """
  if name not in presets():
    raise unknown('preset', name, presets())
  return shipped.text(f'{_PRESETS}/{name}.toml')


def load_preset(name: str) -> DenoiserTable:
  """Loads a shipped table.

  >>> [d.name for d in load_preset('ul2r').denoisers]
  ['r_3_15', 's_50', 'x_32_15', 'x_3_50']
  """
  return parse_table(preset_text(name), f'{name}.toml')


def parse_table(text: str, where: str) -> DenoiserTable:
  """Reads a table from TOML and scales its rates so that they add up to 1.

  Args:
    text: the file's text. Its keys are the fields of `DenoiserTable`; the keys
      of each `[[denoisers]]` are the fields of `Denoiser`.
    where: the file's name, for messages.

  Raises:
    UserError: a key is missing or unknown, or a value breaks its rule.

  >>> table = parse_table('''
  ... name = "mine"
  ... description = "T5's span corruption, and three times as many prefix LMs"
  ... [[denoisers]]
  ... name = "r"
  ... mode = "R"
  ... corruption = "spans"
  ... mean_span = 3
  ... density = 0.15
  ... rate = 1
  ... [[denoisers]]
  ... name = "s"
  ... mode = "S"
  ... corruption = "prefix"
  ... density = 0.5
  ... rate = 3
  ... ''', 'mine.toml')
  >>> [(d.name, d.rate) for d in table.denoisers]
  [('r', 0.25), ('s', 0.75)]
  """
  raw = parse(text, where)
  entries = tables_of(raw, 'denoisers', where)
  if not entries:
    raise UserError(f'{where} has no [[denoisers]]')
  denoisers = [
    make(Denoiser, entry, f"{where}, denoiser '{entry.get('name', i)}'")
    for i, entry in enumerate(entries, 1)
  ]
  names = [d.name for d in denoisers]
  if len(set(names)) < len(names):
    raise UserError(f'{where}: two denoisers have the same name: {names}')
  total = math.fsum(d.rate for d in denoisers)
  shares = [dataclasses.replace(d, rate=d.rate / total) for d in denoisers]
  return make(DenoiserTable, {**raw, 'denoisers': shares}, where)
