"""A user's own files become tasks, unless the catalog has them."""

import pytest

from ul2_flan.pipelines.task_sources import Index, ReadOptions, locate, unlisted
from ul2_flan.tasks import catalog
from ul2_flan.tasks.errors import UserError


def test_files_that_no_catalog_has_become_unlisted_tasks():
  index = Index(
    (f'/d/{name}', 1)
    for name in (
      'task002_quoref_answer_generation.json',
      'subtask002_quoref_answer_generation.json',
      'subtask047_misc_answering_science_questions.json',
      'task9002_mine.json.gz',
      'fin-translated-task002_quoref_answer_generation.json',
      'README.json',
    )
  )
  tasks = unlisted(index, 'niv2')
  assert [(task.name, task.languages) for task in tasks] == [
    ('niv2:fin_translated_task002_quoref_answer_generation', ('fi',)),
    ('niv2:task9002_mine', ('en',)),
  ]
  assert all(locate(task, index, ReadOptions()) for task in tasks)


def test_folders_with_files_of_p3_become_unlisted_tasks():
  listed = next(catalog.tasks(suite='t0_sf')).sources[0].locator
  index = Index(
    (f'/d/{name}', 1)
    for name in (
      f'{listed}/info.train.json',
      'my_prompt/info.train.json',
      'my_prompt/train.jsonl',
      'raw/config/train.jsonl',
    )
  )
  (task,) = unlisted(index, 't0_sf')
  assert task.name == 't0_sf:my_prompt'
  assert locate(task, index, ReadOptions())


def test_other_suites_have_no_unlisted_tasks():
  with pytest.raises(UserError, match='suite'):
    unlisted(Index([]), 'cot')
