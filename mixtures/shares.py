"""Computes the shares of data sets in a mixture, on a walk down its definition.

    share = w/Σw · … · w/Σw · s/Σs · m/Σm · n/Σn

with w the weights of the parts on the way down, s the shares of settings
(`rates.setting_shares`), m the weights of the tasks in a setting
(`rates.proportional`), and n the numbers of examples of a task's data sets, of
which there are several if several runs have the task. Each sum is over what
stands side by side and is there. So what is missing is listed, and its share
goes to what stands beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
import dataclasses
import math

from ul2_flan.mixtures import denoisers, rates
from ul2_flan.mixtures.part import Part
from ul2_flan.mixtures.selection import Selection
from ul2_flan.mixtures.stock import DataSet, Stock
from ul2_flan.tasks.catalog import Task
from ul2_flan.tasks.denoising.denoiser import load_preset
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.rendering.templates.setting import Setting


@dataclasses.dataclass(frozen=True, slots=True)
class Missing:
  """Something that a part asks for and no run has.

  Attributes:
    part: its path.
    what: a task, a denoiser, or a table of denoisers; '*' for all tasks.
    settings: of a task, those in which it is missing.
  """

  part: str
  what: str
  settings: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True, slots=True)
class Share:
  """A data set's share of the examples of a part.

  Attributes:
    data_set: whose share it is.
    part: the path of the leaf that selects it.
    cap: at most this many examples of its task count; 0 for no cap.
    rate: its share.
    uncapped: what its share would be without caps.
  """

  data_set: DataSet
  part: str
  cap: int
  rate: float
  uncapped: float

  def times(self, factor: float, uncapped: float) -> Share:
    """Returns the share in a whole that this part has a share of."""
    return dataclasses.replace(
      self, rate=self.rate * factor, uncapped=self.uncapped * uncapped
    )


class Shares:
  """Walks down a definition.

  Attributes:
    missing: what the definition asks for and no run has, in the order of the
      walk.
  """

  def __init__(self, stock: Stock, selection: Selection):
    """Takes what there is, and what users say beside the definition."""
    self._stock = stock
    self._selection = selection
    self.missing: list[Missing] = []

  def of(self, part: Part, path: str = '') -> list[Share]:
    """Returns the shares of a part's data sets.

    Args:
      part: with what it refers to in its place.
      path: of the part; '' for the whole mixture, which has no path.

    Returns:
      shares that add up to 1, but for rounding; none if no run has any of it.
    """
    if part.denoisers:
      return self._of_denoisers(part, path or part.name)
    if not part.parts:
      return self._of_tasks(part, path or part.name)
    walked = [
      (p, self.of(p, f'{path}/{p.name}'.lstrip('/'))) for p in part.parts
    ]
    there = [(p, shares) for p, shares in walked if shares]
    stated = weights = uncapped = [p.weight for p, _ in there]
    if part.unit == 'tokens':
      # Tokens of a part's mean example depend on the shares inside it, which
      # differ with caps and without.
      weights, uncapped = (
        rates.example_weights(
          stated, [_mean_tokens(shares, capped) for _, shares in there]
        )
        for capped in (True, False)
      )
    factors = zip(
      rates.normalised(weights), rates.normalised(uncapped), strict=True
    )
    return [
      share.times(*factor)
      for (_, shares), factor in zip(there, factors, strict=True)
      for share in shares
    ]

  def _of_tasks(self, part: Part, path: str) -> list[Share]:
    """Returns the shares of a leaf's tasks, in all its settings."""
    tasks = self._selection.tasks_of(part)
    choices = rates.setting_shares(part.few_shot, part.no_options)
    shares = {Setting(*c, part.reasoning): s for c, s in choices.items()}
    there = self._there(shares, tasks)
    # One line for a setting that no task has, instead of one for each task.
    absent = tuple(str(s) for s in shares if s not in there)
    if absent:
      self.missing.append(Missing(path, '*', absent))
    data_sets = {
      setting: {task.name: self._standing_in(task, setting) for task in tasks}
      for setting in there
    }
    for task in tasks:
      lacking = tuple(str(s) for s in there if not data_sets[s][task.name])
      if lacking:
        self.missing.append(Missing(path, task.name, lacking))
    of_settings = rates.normalised([shares[setting] for setting in there])
    return [
      share.times(of_setting, of_setting)
      for setting, of_setting in zip(there, of_settings, strict=True)
      for share in _of_setting(part, path, tasks, data_sets[setting])
    ]

  def _there(
    self, settings: Iterable[Setting], tasks: Sequence[Task]
  ) -> list[Setting]:
    """Returns the settings that runs have any of the tasks in.

    A task without options does for both of two settings that differ in these.
    So the tasks with options say which of the two are there, if they have one.
    """
    by_options = [
      setting
      for setting in settings
      if any(self._filled(t, setting) for t in tasks if t.options != 'none')
    ]
    return [
      setting
      for setting in settings
      if setting in by_options
      or (
        setting.counterpart not in by_options
        and any(self._standing_in(task, setting) for task in tasks)
      )
    ]

  def _filled(self, task: Task, setting: Setting) -> list[DataSet]:
    """Returns the data sets of a task in a setting that have examples."""
    data_sets = self._stock.tasks.get(task.name, {}).get(setting, ())
    return [data_set for data_set in data_sets if data_set.examples]

  def _standing_in(self, task: Task, setting: Setting) -> list[DataSet]:
    """Returns the data sets of a task in a setting, or what is the same.

    A task that has no options is the same with and without them.
    """
    data_sets = self._filled(task, setting)
    if not data_sets and task.options == 'none':
      data_sets = self._filled(task, setting.counterpart)
    return data_sets

  def _of_denoisers(self, part: Part, path: str) -> list[Share]:
    """Returns the shares of a leaf's denoisers, at the rates of their table."""
    table = load_preset(part.denoisers).denoisers
    groups, missing = denoisers.find(table, self._stock.denoising)
    names = missing if groups else [part.denoisers]
    self.missing += [Missing(path, name) for name in names]
    total = math.fsum(rate for rate, _ in groups)
    shares = []
    for rate, data_sets in groups:
      size = sum(data_set.examples for data_set in data_sets)
      for data_set in data_sets:
        share = rate / total * data_set.examples / size
        shares.append(Share(data_set, path, 0, share, share))
    return shares


def _of_setting(
  part: Part,
  path: str,
  tasks: Sequence[Task],
  data_sets: dict[str, list[DataSet]],
) -> list[Share]:
  """Returns the shares of tasks within one setting.

  Args:
    data_sets: by task; a task may have none. A task with several counts once
      against its cap, and they share its weight by size.
  """
  filled = [task for task in tasks if data_sets[task.name]]
  sizes = [sum(d.examples for d in data_sets[task.name]) for task in filled]
  caps = [task.cap if part.cap is None else part.cap for task in filled]
  none = [0] * len(caps)  # for the rates without caps
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
    for data_set in data_sets[task.name]
  ]


def _mean_tokens(shares: Iterable[Share], capped: bool) -> float:
  """Returns the mean tokens of an example of a part, both sides together.

  Raises:
    UserError: the runs did not count tokens.
  """
  mean = math.fsum(
    (s.rate if capped else s.uncapped) * s.data_set.tokens / s.data_set.examples
    for s in shares
  )
  if not mean:
    raise UserError(
      'unit = "tokens" needs runs whose manifests count tokens; these do not'
    )
  return mean
