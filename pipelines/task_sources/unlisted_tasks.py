"""Makes tasks of a user's own files, which the catalog does not list."""

import re

from ul2_flan.pipelines.task_sources.finders.file_index import Index
from ul2_flan.tasks import catalog
from ul2_flan.tasks.catalog import Task
from ul2_flan.tasks.errors import unknown

# BIG-bench's `subtask...` files are copies of NIv2's first tasks, which the
# catalog lists under the names without `sub`.
_NIV2_FILE = re.compile(
  r'(?!subtask)(?:(?P<code>[a-z]{3})-)?.*?task\d+_.*\.json'
)

# Codes before files' names, to languages. Finnish is the one translation that
# is around; its files themselves say 'English'.
_LANGUAGES = {'fin': 'fi'}


def unlisted(index: Index, suite: str) -> list[Task]:
  """Makes a task of each file that has a suite's form and no suite lists.

  For NIv2: files such as `fin-translated-task003_x.json`. For P3: folders with
  an `info.train.json`. Tasks that the catalog lists but leaves out are not
  among them.

  Args:
    index: of the folders of that suite.
    suite: 'niv2' or 't0_sf'.

  Returns:
    the tasks, in the order of their names.

  Raises:
    UserError: it is another suite.
  """
  known = {
    source.locator
    for task in catalog.tasks(suite=suite, left_out=True)
    for source in task.sources
  }
  if suite == 'niv2':
    languages = {
      name.removesuffix('.json'): _LANGUAGES.get(match['code'] or '', 'en')
      for name in index.names()
      if name not in known and (match := _NIV2_FILE.fullmatch(name))
    }
  elif suite == 't0_sf':
    folders = [file.folder for file in index.named('info.train.json')]
    names = {folder.rpartition('/')[2] for folder in folders}
    languages = dict.fromkeys(sorted(names - known), 'en')
  else:
    raise unknown('suite for unlisted tasks', suite, ('niv2', 't0_sf'))
  # Two files may give a task of the same name; the last one stands for both.
  tasks = {
    task.name: task
    for name, language in languages.items()
    if (task := catalog.unlisted(suite, name, languages=(language,)))
  }
  return list(tasks.values())
