"""The layouts of frozen dumps: which column says what, and what names say.

| dump | columns besides inputs and targets | the file's name |
|---|---|---|
| DataProvenanceInitiative/…_submix_original | task_name, template_type | |
| Open-Orca/FLAN | _task_name, _template_type | flan_zsopt_data/… |
| SirNeural/flan_v2 | task: the part of the collection | flan_zs_opt_train… |
| Muennighoff/flan | task | rte_10templates_train… |
"""

from collections.abc import Collection
import dataclasses
import re

from ul2_flan.tasks.catalog import released

_SETTING = re.compile(r'(?<![a-z])(zs|fs)_?(no)?opt(?![a-z])')
_SETTINGS = ('zs_opt', 'zs_noopt', 'fs_opt', 'fs_noopt')


@dataclasses.dataclass(frozen=True, slots=True)
class Layout:
  """Where a file's rows say what.

  Attributes:
    inputs: the column of inputs.
    targets: the column of targets.
    task: the column of FLAN's name of the task, or of the part of the
      collection.
    setting: the column of the setting; '' if the file's name says it.
    of_file: the setting that the file's name says; '' if it says none.
  """

  inputs: str
  targets: str
  task: str
  setting: str
  of_file: str

  @property
  def columns(self) -> list[str]:
    """All columns that are read."""
    names = (self.inputs, self.targets, self.task, self.setting)
    return [name for name in names if name]

  def data_set(self, task: str, setting: str) -> str:
    """Returns `<suite>:<task>:<setting>` of a row; '' if it has none.

    Args:
      task: what its column says.
      setting: the same; '' where there is no column.
    """
    name = released.name_of(task)
    setting = setting or self.of_file
    if not setting and task.endswith('_10templates'):
      setting = 'zs_opt'  # all of FLAN's first ten templates show options
    return f'{name}:{setting}' if name and setting in _SETTINGS else ''


def layout_of(path: str, columns: Collection[str]) -> Layout | None:
  """Returns the layout of a file; None if it is of no dump.

  >>> layout_of('a.parquet', ['inputs', 'targets', 'task_name']).task
  'task_name'
  >>> layout_of('flan_zsopt_data/part.0.json.gz', [
  ...   'inputs', 'targets', '_task_name']).of_file
  'zs_opt'

  Args:
    path: of the file.
    columns: the names of its columns, or the keys of a row.
  """
  by_name = {name.lstrip('_'): name for name in reversed(list(columns))}
  task = by_name.get('task_name') or by_name.get('task', '')
  if not (task and {'inputs', 'targets'} <= by_name.keys()):
    return None
  setting = by_name.get('template_type', '')
  return Layout(
    by_name['inputs'], by_name['targets'], task, setting, _of_name(path)
  )


def _of_name(path: str) -> str:
  """Returns the setting that the name of a file, or of its folder, says."""
  for name in path.lower().split('/')[:-3:-1]:
    if found := _SETTING.search(name):
      return f'{found[1]}_{found[2] or ""}opt'
  return ''
