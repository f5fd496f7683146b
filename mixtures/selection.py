"""Chooses the tasks that a part of a mixture is made of."""

from collections.abc import Collection, Iterable, Mapping, Sequence
import fnmatch

from ul2_flan.mixtures.part import Part
from ul2_flan.tasks.catalog import Task
from ul2_flan.tasks.catalog.schema import LEFT_OUT
from ul2_flan.tasks.errors import unknown


class Selection:
  """Chooses among the tasks that there are."""

  def __init__(
    self,
    tasks: Mapping[str, Task],
    include: Sequence[str] = (),
    exclude: Sequence[str] = (),
    without: Collection[str] = (),
  ):
    """Takes what the user says beside the definition.

    Args:
      tasks: all that parts may choose, by name.
      include: reasons to be left out, such as 'mmlu_related', or patterns of
        tasks or categories, which the collection leaves out and the mixture
        shall have.
      exclude: patterns of tasks or categories that it shall not have.
      without: names of tasks that it shall not have either.

    Raises:
      UserError: a pattern is that of no task. It would be a mistake that nobody
        notices.
    """
    self._tasks = tasks
    self._include = tuple(include)
    self._exclude = tuple(exclude)
    self._without = frozenset(without)
    self._check('include', [p for p in include if p not in LEFT_OUT])
    self._check('exclude', exclude)

  def tasks_of(self, part: Part) -> list[Task]:
    """Returns the tasks that a part asks for, whether runs have them or not.

    Raises:
      UserError: it asks for a suite that neither the collection nor a run has.
    """
    suites = {task.suite for task in self._tasks.values()}
    for suite in part.suites:
      if suite not in suites:
        raise unknown(f"suite of '{part.name}'", suite, suites)
    include = (*part.include, *self._include)
    tested = {t.dataset for t in self.held_out(part)}
    return [
      task
      for task in self._tasks.values()
      if (not part.suites or task.suite in part.suites)
      and (not part.tasks or matches(task, part.tasks))
      and (part.inverted is None or task.inverted == part.inverted)
      and task.name not in self._without
      and task.dataset not in tested
      and not matches(task, (*part.without, *self._exclude))
      and (
        not task.left_out or task.left_out in include or matches(task, include)
      )
    ]

  def held_out(self, part: Part) -> list[Task]:
    """Returns the tasks that a model is to be tested with."""
    if not part.held_out:
      return []
    tasks = self._tasks.values()
    return [task for task in tasks if matches(task, part.held_out)]

  def _check(self, key: str, patterns: Iterable[str]) -> None:
    tasks = self._tasks.values()
    for pattern in patterns:
      if not any(matches(task, [pattern]) for task in tasks):
        categories = {task.category for task in tasks if task.category}
        known = {*LEFT_OUT, *categories, *self._tasks}
        raise unknown(f'reason, category or task to --{key}', pattern, known)


def matches(task: Task, patterns: Iterable[str]) -> bool:
  """Whether one of the patterns is that of a task.

  A pattern, such as `*translation*`, is compared with the whole name, and with
  the whole category in any case.
  """
  return any(
    fnmatch.fnmatchcase(task.name, pattern)
    or fnmatch.fnmatchcase(task.category.lower(), pattern.lower())
    for pattern in patterns
  )
