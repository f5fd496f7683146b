"""Tasks of files that the collection has not got: a user's own."""

from __future__ import annotations

import re

from ul2_flan.pipelines.task_sources.index import Index
from ul2_flan.tasks import catalog
from ul2_flan.tasks.catalog import Task
from ul2_flan.tasks.errors import unknown

_NIV2_FILE = re.compile(
  r'(?!subtask)(?:(?P<code>[a-z]{3})-)?.*?task\d+_.*\.json'
)

# Of the one translation that is around; its files say 'English'.
_LANGUAGES = {'fin': 'fi'}


def unlisted(index: Index, suite: str) -> list[Task]:
  """Tasks for what lies there and is in no suite, in the order of their names.

  NIv2: files such as `fin-translated-task003_x.json`. P3: folders with an
  `info.train.json`. What the catalog has and leaves out is not among them.

  Args:
    index: of the folders of that suite.
    suite: 'niv2' or 't0_sf'.
  """
  known = {
    source.locator
    for task in catalog.tasks(suite=suite, left_out=True)
    for source in task.sources
  }
  if suite == 'niv2':
    found = {
      name.removesuffix('.json'): _LANGUAGES.get(match['code'] or '', 'en')
      for name in index.names()
      if name not in known and (match := _NIV2_FILE.fullmatch(name))
    }
  elif suite == 't0_sf':
    folders = [file.folder for file in index.named('info.train.json')]
    names = {folder.rpartition('/')[2] for folder in folders}
    found = dict.fromkeys(sorted(names - known), 'en')
  else:
    raise unknown('suite for unlisted tasks', suite, ('niv2', 't0_sf'))
  tasks = {
    task.name: task
    for name, language in found.items()
    if (task := catalog.unlisted(suite, name, languages=(language,)))
  }
  return list(tasks.values())
