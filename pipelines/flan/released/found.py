"""What is found of frozen dumps: which tasks and settings, and how much."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
import dataclasses

from ul2_flan.pipelines.flan.config import Config
from ul2_flan.pipelines.task_sources import Index
from ul2_flan.pipelines.task_sources.released import TEMPLATE, Dump
from ul2_flan.pipelines.task_sources.released import find as find_dump
from ul2_flan.tasks.catalog import Task, released
from ul2_flan.tasks.errors import UserError


@dataclasses.dataclass(slots=True)
class Released:
  """What was found of frozen dumps.

  Attributes:
    dump: their files, with a sample.
    settings: tasks that the run makes of them, to the settings that they have.
    elsewhere: tasks that the dumps have too, and another source as well: that
      one counts.
  """

  dump: Dump = dataclasses.field(default_factory=Dump)
  settings: dict[str, list[str]] = dataclasses.field(default_factory=dict)
  elsewhere: list[str] = dataclasses.field(default_factory=list)

  @classmethod
  def find(cls, index: Index, config: Config, roots: Sequence[str]) -> Released:
    """Finds the files of dumps and the tasks that these may have.

    The sample need not see all tasks: of a suite of which it sees some, any
    task may come, in the settings that it sees of the suite.

    Raises:
      UserError: no file is one of a dump.
    """
    dump = find_dump(index, config.read_options, roots[0])
    if not dump.rows:
      seen = '; '.join(reason for reason, _ in dump.unknown.most_common(2))
      raise UserError(
        f'no file below {", ".join(roots)} has rows of a frozen dump'
        + (f' ({seen})' if seen else '')
        + ': they have inputs, targets, and task_name or task'
      )
    found = cls(dump)
    suites: dict[str, dict[str, None]] = {}
    seen_tasks: dict[str, dict[str, None]] = {}
    for data_set in dump.rows:
      name, _, setting = data_set.rpartition(':')
      suites.setdefault(name.partition(':')[0], {})[setting] = None
      seen_tasks.setdefault(name, {})[setting] = None
    if dump.one_task_files:
      for name, settings in seen_tasks.items():
        found.settings[name] = _wanted_settings(settings, config)
      return found
    for suite, settings in suites.items():
      whole = f'{suite}:{released.WHOLE}'
      its = [name for name in seen_tasks if name.startswith(f'{suite}:')]
      if its != [whole]:
        its = list(dict.fromkeys([*its, *released.candidates(suite)]))
      for name in its:
        found.settings[name] = _wanted_settings(settings, config)
    return found

  def wanted(self, config: Config) -> Iterator[Task]:
    """Yields the tasks that a run asks for; forgets all others."""
    for name in list(self.settings):
      task = released.load(name)
      suites = config.suites or [name.partition(':')[0]]
      if (
        task is None
        or not self.settings[name]
        or name in config.without
        or (name not in config.tasks if config.tasks else False)
        or name.partition(':')[0] not in suites
        or (task.left_out and not (config.left_out or config.tasks))
      ):
        del self.settings[name]
      else:
        yield task

  def told(self, tasks: int) -> Iterator[str]:
    """Yields what people should know of the dumps of a run.

    Args:
      tasks: how many it makes of them.
    """
    if not self.dump.pieces:
      return
    yield (
      f'{tasks:,} tasks from frozen dumps, rendered by {TEMPLATE}: about '
      f'{sum(self.dump.rows.values()):,} rows'
    )
    if self.dump.broken_lines:
      yield (
        'warning: no inputs of these have a line break, so they have lost '
        'them: texts of this dump were decoded from ids of T5'
      )
    if self.dump.held_out:
      yield (
        f'{self.dump.held_out:,} files of validation or test splits are not '
        'read: rows of training are held out instead'
      )
    if self.elsewhere:
      yield (
        f'{len(self.elsewhere):,} tasks of the dumps are made from their own '
        f'--source instead, the first is {self.elsewhere[0]}'
      )
    if self.dump.unknown:
      reason, count = self.dump.unknown.most_common(1)[0]
      yield f'warning: {count} files are of no dump: {reason}'

  def in_manifest(self) -> Mapping[str, object]:
    """Returns what the manifest says of the dumps."""
    if not self.dump.pieces:
      return {}
    lost = {'lost': ['line breaks']} if self.dump.broken_lines else {}
    return {'released': {'rendered_by': TEMPLATE, **lost}}


def _wanted_settings(settings: Mapping[str, None], config: Config) -> list[str]:
  return [setting for setting in config.settings if setting in settings]
