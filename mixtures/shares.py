"""The shares of data sets in a mixture, on the way down its definition.

    share = part / its siblings · setting / settings · weight / weights

with the weights of `rates.proportional`. What is not there is listed, and its
share goes to what stands beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
import dataclasses
import fnmatch
import math

from ul2_flan.mixtures import rates
from ul2_flan.mixtures.definition import Part
from ul2_flan.mixtures.stock import DataSet, Stock, catalog_tasks
from ul2_flan.tasks.catalog import Task
from ul2_flan.tasks.catalog.schema import LEFT_OUT
from ul2_flan.tasks.denoising.denoiser import Denoiser, load_preset
from ul2_flan.tasks.errors import UserError, unknown
from ul2_flan.tasks.rendering.templates.setting import Setting


@dataclasses.dataclass(frozen=True, slots=True)
class Missing:
  """What a part should have and has not.

  Attributes:
    what: a task or a denoiser; '*' for all tasks.
    settings: those that it is missing in.
  """

  part: str
  what: str
  settings: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True, slots=True)
class Share:
  """A data set's share of a part: with caps, and without."""

  data_set: DataSet
  part: str
  cap: int
  rate: float
  uncapped: float

  def times(self, factor: float, uncapped: float) -> Share:
    return dataclasses.replace(
      self, rate=self.rate * factor, uncapped=self.uncapped * uncapped
    )


class Shares:
  """Walks a definition.

  Attributes:
    missing: what was looked for and not found, in the order of the walk.
  """

  def __init__(
    self, stock: Stock, include: Sequence[str], exclude: Sequence[str]
  ):
    """Takes what is to be in and to be held out, as `resolve` does."""
    self._stock = stock
    self._include = tuple(include)
    self._exclude = tuple(exclude)
    here = {name: stock.task(name) for name in stock.tasks}
    self._tasks = {**catalog_tasks(), **here}
    self._check_patterns('include', [p for p in include if p not in LEFT_OUT])
    self._check_patterns('exclude', exclude)
    self.missing: list[Missing] = []

  def of(self, part: Part, path: str = '') -> list[Share]:
    """The shares of a part's data sets, which add up to 1; or none."""
    if part.denoisers:
      return self._of_denoisers(part, path or part.name)
    if not part.parts:
      return self._of_tasks(part, path or part.name)
    found = [
      (p, self.of(p, f'{path}/{p.name}'.lstrip('/'))) for p in part.parts
    ]
    found = [(p, shares) for p, shares in found if shares]
    if not found:
      return []
    weights = uncapped = [p.weight for p, _ in found]
    if part.unit == 'tokens':
      weights, uncapped = (
        rates.example_weights(
          [p.weight for p, _ in found],
          [_mean_tokens(shares, capped) for _, shares in found],
        )
        for capped in (True, False)
      )
    factors = zip(
      rates.normalised(weights), rates.normalised(uncapped), strict=True
    )
    return [
      share.times(factor, factor_uncapped)
      for (_, shares), (factor, factor_uncapped) in zip(
        found, factors, strict=True
      )
      for share in shares
    ]

  def _of_tasks(self, part: Part, path: str) -> list[Share]:
    tasks = self._chosen(part)
    choices = rates.setting_shares(part.few_shot, part.no_options)
    shares = {Setting(*c, part.reasoning): s for c, s in choices.items()}
    there = {
      setting
      for setting in shares
      if any(self._filled(task, setting) for task in tasks)
    }
    absent = [str(s) for s in shares if s not in there]
    if absent:
      self.missing.append(Missing(path, '*', tuple(absent)))
    found = {
      setting: {task.name: self._standing_in(task, setting) for task in tasks}
      for setting in shares
      if setting in there
    }
    for task in tasks:
      lacking = tuple(
        str(s) for s, by_task in found.items() if not by_task[task.name]
      )
      if lacking:
        self.missing.append(Missing(path, task.name, lacking))
    total = rates.normalised([shares[s] for s in found]) if found else []
    return [
      share.times(of_setting, of_setting)
      for of_setting, by_task in zip(total, found.values(), strict=True)
      for share in self._of_setting(part, path, tasks, by_task)
    ]

  def _of_setting(
    self,
    part: Part,
    path: str,
    tasks: Sequence[Task],
    by_task: dict[str, list[DataSet]],
  ) -> list[Share]:
    """Shares of tasks within one setting, and of their data sets by size."""
    filled = [task for task in tasks if by_task[task.name]]
    sizes = [sum(d.examples for d in by_task[task.name]) for task in filled]
    caps = [task.cap if part.cap is None else part.cap for task in filled]
    none = [0] * len(caps)
    temperature = part.temperature
    capped = rates.normalised(rates.proportional(sizes, caps, temperature))
    uncapped = rates.normalised(rates.proportional(sizes, none, temperature))
    return [
      Share(data_set, path, cap, rate, without).times(
        data_set.examples / size, data_set.examples / size
      )
      for task, size, cap, rate, without in zip(
        filled, sizes, caps, capped, uncapped, strict=True
      )
      for data_set in by_task[task.name]
    ]

  def _chosen(self, part: Part) -> list[Task]:
    """The tasks that a part is of, whether they are there or not."""
    include = (*part.include, *self._include)
    return [
      task
      for task in self._tasks.values()
      if (not part.suites or task.suite in part.suites)
      and (not part.tasks or _matches(task, part.tasks))
      and (part.inverted is None or task.inverted == part.inverted)
      and not _matches(task, (*part.without, *self._exclude))
      and (
        not task.left_out or task.left_out in include or _matches(task, include)
      )
    ]

  def _filled(self, task: Task, setting: Setting) -> list[DataSet]:
    data_sets = self._stock.tasks.get(task.name, {}).get(setting, ())
    return [data_set for data_set in data_sets if data_set.examples]

  def _standing_in(self, task: Task, setting: Setting) -> list[DataSet]:
    """A task's data sets; without options to show, both settings are one."""
    found = self._filled(task, setting)
    if not found and task.options == 'none':
      other = dataclasses.replace(setting, options=not setting.options)
      found = self._filled(task, other)
    return found

  def _of_denoisers(self, part: Part, path: str) -> list[Share]:
    table = load_preset(part.denoisers).denoisers
    wanted = _kinds(table)
    filled = [d for d in self._stock.denoising if d.examples]
    # Other runs have some of the denoisers, of which these have all.
    found = [d for d in filled if _kinds(d.table) == wanted] or filled
    mixed = [d for d in found if _kinds(d.denoisers) == wanted]
    separate = {
      denoiser.name: [d for d in found if _holds_only(d, denoiser)]
      for denoiser in table
    }
    groups = {d.name: d.rate for d in table if separate[d.name]}
    if groups:
      lacking = [name for name in separate if name not in groups]
      self.missing += [Missing(path, name) for name in lacking]
    elif mixed:
      separate, groups = {'': mixed}, {'': 1.0}
    else:
      self.missing.append(Missing(path, part.denoisers))
    total = math.fsum(groups.values())
    shares = []
    for name, rate in groups.items():
      size = sum(data_set.examples for data_set in separate[name])
      for data_set in separate[name]:
        share = rate / total * data_set.examples / size
        shares.append(Share(data_set, path, 0, share, share))
    return shares

  def _check_patterns(self, key: str, patterns: Iterable[str]) -> None:
    """A pattern of nothing would be a mistake that nobody notices."""
    tasks = self._tasks.values()
    for pattern in patterns:
      if not any(_matches(task, [pattern]) for task in tasks):
        categories = {task.category for task in tasks if task.category}
        known = {*LEFT_OUT, *categories, *self._tasks}
        raise unknown(f'reason, category or task to {key}', pattern, known)


def _kinds(denoisers: Iterable[Denoiser]) -> dict[Denoiser, float]:
  """What denoisers do, whatever their names, to their rates."""
  return {
    dataclasses.replace(d, name='any', rate=1.0): d.rate for d in denoisers
  }


def _holds_only(data_set: DataSet, denoiser: Denoiser) -> bool:
  return _kinds(data_set.denoisers).keys() == _kinds([denoiser]).keys()


def _mean_tokens(shares: Iterable[Share], capped: bool) -> float:
  """Tokens of a part's examples, on average."""
  mean = math.fsum(
    (s.rate if capped else s.uncapped) * s.data_set.tokens / s.data_set.examples
    for s in shares
  )
  if not mean:
    raise UserError(
      'shares in tokens need runs whose manifests count tokens; these do not'
    )
  return mean


def _matches(task: Task, patterns: Iterable[str]) -> bool:
  """Whether a pattern is that of its name, or of its category in any case."""
  return any(
    fnmatch.fnmatchcase(task.name, pattern)
    or fnmatch.fnmatchcase(task.category.lower(), pattern.lower())
    for pattern in patterns
  )
