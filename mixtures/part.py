"""A part of a mixture: what it holds, and how much weight it has."""

from __future__ import annotations

from collections.abc import Iterator
import dataclasses
import re

from ul2_flan.tasks.denoising.denoiser import load_preset
from ul2_flan.tasks.errors import UserError, unknown

UNITS = ('examples', 'tokens')

# What `Part.reasoning` may be.
_REASONING = ('cot', 'direct', 'tk')


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Part:
  """A mixture, or a part of one: a tree.

  It has parts, or else it is a leaf and has one of `mixture`, `denoisers`, or
  `suites` and `tasks`.

  Attributes:
    name: of letters, digits, '_' and '.'.
    description: one line, with the source of the numbers.
    weight: relative to the parts beside it.
    parts: of which it is made.
    mixture: the name of another mixture, which is taken as it is.
    denoisers: the name of a table of denoisers that is shipped, such as 'ul2r'.
    suites: of the collection, or of a user's own tasks.
    tasks: patterns of names, or of categories, such as `cot:*`; they choose
      among the tasks of `suites`, or among all if there are no suites.
    without: patterns of tasks to leave out.
    held_out: patterns of tasks that a model is to be tested with; no task of
      their data sets is in the part.
    inverted: only inverted tasks (True), only the others (False), or both.
    include: which tasks that the collection leaves out are nevertheless in: by
      the reason, such as 'mmlu_related', or by pattern.
    cap: at most this many examples of a task count; 0 for no cap; None for the
      task's own in the catalog.
    temperature: see `rates.proportional`.
    few_shot: the share of settings with exemplars.
    no_options: the share of settings that do not show the options.
    reasoning: which settings: 'cot', 'direct', 'tk' (Tk-Instruct's), or '' for
      the usual ones.
    unit: what the weights of its parts are shares of: one of `UNITS`.
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
  held_out: tuple[str, ...] = ()
  inverted: bool | None = None
  include: tuple[str, ...] = ()
  cap: int | None = None
  temperature: float = 1.0
  few_shot: float = 0.5
  no_options: float = 0.0
  reasoning: str = ''
  unit: str = 'examples'

  def __post_init__(self) -> None:
    self._check_names()
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

  def _check_names(self) -> None:
    # It stands in paths of parts, with '/', and in names of data sets.
    if not re.fullmatch(r'\w[\w.]*', self.name):
      raise UserError(f"'{self.name}' is no name for a mixture or a part")
    kinds = [self.parts, self.mixture, self.denoisers, self.suites + self.tasks]
    if sum(map(bool, kinds)) != 1:
      raise UserError(
        f"'{self.name}' must have one of: parts; mixture; denoisers; suites or "
        'tasks'
      )
    if self.denoisers:
      load_preset(self.denoisers)
    if self.unit not in UNITS:
      raise unknown('unit', self.unit, UNITS)
    if self.reasoning not in ('', *_REASONING):
      raise unknown('reasoning', self.reasoning, _REASONING)
    names = [part.name for part in self.parts]
    if len(set(names)) < len(names):
      raise UserError(f"two parts of '{self.name}' have one name: {names}")

  def leaves(self, path: str = '') -> Iterator[tuple[str, Part]]:
    """Yields its leaves, each with its path: names with '/' between them.

    >>> cot = Part(name='cot', suites=('cot',))
    >>> [path for path, _ in Part(name='all', parts=(cot,)).leaves()]
    ['cot']
    """
    for part in self.parts:
      yield from part.leaves(f'{path}/{part.name}'.lstrip('/'))
    if not self.parts:
      yield path or self.name, self
