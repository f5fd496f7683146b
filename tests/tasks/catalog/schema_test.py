"""An entry checks itself, and an error names the file and the entry."""

from __future__ import annotations

import dataclasses

import pytest

from ul2_flan.tasks import catalog
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.strict_tables import make

SOURCE = {'kind': 'tfds', 'locator': 'a:1.0.0'}
TASK = {
  'name': 'flan2021:a',
  'suite': 'flan2021',
  'family': 'nli',
  'dataset': 'a',
  'category': 'b',
  'languages': ['en'],
  'sources': [catalog.Source(kind='tfds', locator='a:1.0.0')],
  'cap': 1,
}


def test_lists_of_a_file_become_tuples_and_a_task_is_frozen() -> None:
  task = make(catalog.Task, TASK, 'nli.toml, task a')
  assert task.languages == ('en',)
  assert isinstance(task.sources, tuple)
  with pytest.raises(dataclasses.FrozenInstanceError):
    task.cap = 2


@pytest.mark.parametrize(
  ('change', 'message'),
  [
    ({'suit': 1}, "unknown key of a task 'suit'. Did you mean 'suite'"),
    ({'name': 'flan2021:a b'}, 'seqio takes no task named'),
    ({'name': 'cot:gsm8k'}, 'is not a name of the suite flan2021'),
    ({'category': ''}, "it has no 'category'"),
    ({'options': 'lables'}, "Did you mean 'labels'"),
    ({'labels': ['yes', 'no']}, "options 'none' with labels"),
    ({'options': 'labels'}, r"options 'labels' with labels \(\)"),
    ({'options': 'labels', 'labels': ['a', 'a']}, 'a label twice'),
    ({'left_out': 'mmlu'}, "reason to be left out 'mmlu'"),
    ({'cap': -1}, 'cap -1'),
    (
      {
        'options': 'labels',
        'labels': ['yes', 'no'],
        'sources': [catalog.Source(kind='csv', locator='a', classes=('x',))],
      },
      r"csv has 1 classes for labels \('yes', 'no'\)",
    ),
  ],
)
def test_mistakes_in_a_task_are_named(
  change: dict[str, object], message: str
) -> None:
  with pytest.raises(UserError, match=message) as error:
    make(catalog.Task, {**TASK, **change}, 'nli.toml, task a')
  assert str(error.value).startswith('nli.toml, task a: ')


@pytest.mark.parametrize(
  ('change', 'message'),
  [
    ({'kind': 'tdfs'}, "Did you mean 'tfds'"),
    ({'locator': ''}, "source 'tfds' has no locator"),
    ({'splits': {'dev': 'train'}}, "unknown split 'dev'"),
    ({'splits': {'train': 'train[10%]'}}, 'is not a split such as'),
    ({'fields': {'a': '0'}, 'tidy': {'b': 'x'}}, "field in tidy or joins 'b'"),
  ],
)
def test_mistakes_in_a_source_are_named(
  change: dict[str, object], message: str
) -> None:
  with pytest.raises(UserError, match=message):
    make(catalog.Source, {**SOURCE, **change}, 'nli.toml, source tfds')


def test_a_missing_key_is_named() -> None:
  with pytest.raises(UserError, match="x: it has no 'locator'"):
    make(catalog.Source, {'kind': 'tfds'}, 'x')


@pytest.mark.parametrize(
  ('left_out', 'languages', 'foreign'),
  [
    ('', ('fi',), False),  # NIv2's instructions are in English
    ('unlisted', ('en', 'fi'), False),
    ('unlisted', ('fi',), True),
  ],
)
def test_only_a_users_own_task_brings_foreign_instructions(
  left_out: str, languages: tuple[str, ...], foreign: bool
) -> None:
  task = make(
    catalog.Task, {**TASK, 'left_out': left_out, 'languages': languages}, 'x'
  )
  assert task.foreign == foreign
