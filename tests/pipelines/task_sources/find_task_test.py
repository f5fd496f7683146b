"""The first source with a training split is read, if one can be."""

import dataclasses

import pytest
from support.task_sources.exports import TASK, export, numbered
from support.task_sources.task_rows import rows_of, task_with

from ul2_flan.pipelines.task_sources import (
  Index,
  ReadOptions,
  locate,
  why_no_train,
)
from ul2_flan.tasks import catalog
from ul2_flan.tasks.errors import UserError


def test_a_source_that_can_be_used_is_read_instead_of_one_that_cannot(tmp_path):
  export(tmp_path, 'train-00000-of-00003.parquet', numbered(4))
  export(tmp_path / 'elsewhere', 'train.jsonl', numbered(2))
  other = task_with(kind='rows', locator='elsewhere/org/name/config')
  task = dataclasses.replace(TASK, sources=TASK.sources + other.sources)
  assert rows_of(task, tmp_path).rows == numbered(2)


def both(first, second):
  return dataclasses.replace(first, sources=first.sources + second.sources)


def test_a_source_with_a_training_split_goes_before_one_without(tmp_path):
  splits = {'train': 'train', 'validation': 'validation'}
  one, two = (
    task_with(kind='rows', locator=locator, splits=splits)
    for locator in ('one/org/name/config', 'two/org/name/config')
  )
  export(tmp_path / 'one', 'validation.jsonl', numbered(2))
  located = locate(both(one, two), Index.of([str(tmp_path)]), ReadOptions())
  assert located is not None
  assert (located.source, [*located.splits]) == (0, ['validation'])
  path = tmp_path / 'one/org/name/config/validation.jsonl'
  expected = f'only a validation split was found: {path}'
  assert why_no_train(located) == expected
  export(tmp_path / 'two', 'train.jsonl', numbered(3))
  located = locate(both(one, two), Index.of([str(tmp_path)]), ReadOptions())
  assert located is not None
  assert (located.source, [*located.splits]) == (1, ['train'])


def test_the_error_tells_the_first_problem_of_all_sources(tmp_path):
  for name in ('a', 'b'):
    export(tmp_path / name, 'train-00000-of-00002.jsonl', numbered(1))
  tasks = (
    task_with(kind='rows', locator=f'{name}/org/name/config') for name in 'ab'
  )
  with pytest.raises(UserError, match=r"a/org/name/config: of split 'train'"):
    locate(both(*tasks), Index.of([str(tmp_path)]), ReadOptions())


def test_nothing_is_found_among_no_files():
  assert locate(TASK, Index([]), ReadOptions()) is None
  assert why_no_train(None) == 'no file of a training split'


@pytest.mark.parametrize(
  ('task', 'name'),
  [
    ('cot:gsm8k', 'gsm8k_train.tsv'),
    (
      'niv2:task002_quoref_answer_generation',
      'task002_quoref_answer_generation.json',
    ),
  ],
)
def test_other_files_of_the_same_name_are_listed_as_unread(
  task: str, name: str
):
  paths = [f'/{folder}/{name}' for folder in 'zab']
  index = Index((path, 1) for path in paths)
  located = locate(catalog.load(task), index, ReadOptions())
  assert located is not None
  assert [piece.path for piece in located.splits['train']] == paths[:1]
  assert located.unread == tuple(paths[1:])


def test_a_table_of_other_columns_does_not_hide_an_export(tmp_path):
  """The authors' file has no line of names, and is called the same."""
  task = catalog.load('flan2021:ag_news_subset')
  folder = tmp_path / 'ag_news'
  folder.mkdir()
  (folder / 'train.csv').write_text('text,label\n' + 'A. B.,2\n' * 201)
  assert len(rows_of(task, tmp_path).rows) == 1  # all but those of validation
  (folder / 'train.csv').write_text('3,A,B\n' * 201)
  assert len(rows_of(task, tmp_path).rows) == 1
  # Where there is no other, its rejects say what is wrong.
  (folder / 'train.csv').write_text('A. B.\n' * 201)
  assert len(rows_of(task, tmp_path).rejects) == 1
