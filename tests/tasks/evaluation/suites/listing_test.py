"""The suites' tasks as people see them."""

import pytest

from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.evaluation import suites
from ul2_flan.tasks.evaluation.suites.listing import describe, listing, tasks


def test_all_tasks_are_listed():
  every = [*tasks()]
  assert len(every) == sum(len(suites.load(s).tasks) for s in suites.names())
  lines = [*listing(every)]
  assert len(lines) == len(every) + 3
  assert lines[-1].endswith('tasks for evaluation, which no mixture has')
  snarks = next(line for line in lines if line.startswith('bbh:snarks '))
  assert snarks.split() == [
    'bbh:snarks', '50.00', '3', 'test', 'en', 'NLP', 'exact', 'MIT'
  ]  # fmt: skip


@pytest.mark.parametrize(
  ('fields', 'names'),
  [
    ({'suite': 'mgsm', 'language': 'German'}, ['mgsm:de']),
    ({'language': 'fi'}, ['tydiqa:fi']),
    ({'suite': 'bbh', 'category': 'stem'}, []),
  ],
)
def test_tasks_by_what_they_are(fields, names):
  assert [task.name for task in tasks(**fields)] == names


def test_a_task_has_all_that_its_suite_says():
  said = '\n'.join(describe('bbh:tracking_shuffled_objects_five_objects'))
  suite = suites.load('bbh')
  assert f'canary       {suite.canary}\n' in said
  assert 'sub-task of  tracking_shuffled_objects\n' in said
  assert 'random       20.00\n' in said
  assert '  cot\n' in said
  assert 'extractor  answer_line\n    metric     exact' in said
  said = '\n'.join(describe('bbes:navigate'))
  assert 'metric     rank' in said
  assert 'extractor' not in said
  assert 'exact_or_nothing' in '\n'.join(describe('bbes:physics_questions'))
  assert 'squad, and squad_by_language' in '\n'.join(describe('tydiqa:fi'))
  assert 'apart, in no mean' in '\n'.join(describe('tydiqa:zh'))


def test_a_benchmark_tells_its_data_set():
  said = '\n'.join(describe('nlp:multirc'))
  assert '  licence      CCG' in said
  assert '  published    Khashabi et al. 2018' in said
  assert '  source       tfds super_glue/multirc:1.0.2\n' in said
  assert 'by Flan in flan2021:multirc, niv2:' in said
  assert 'most likely, counted by F1' in said
  assert '  licence      unknown\n' in '\n'.join(describe('nlp:record'))


def test_what_is_not_there():
  with pytest.raises(UserError, match="Did you mean 'snarks'"):
    list(describe('bbh:snark'))
  with pytest.raises(UserError, match="Did you mean 'bbh'"):
    list(tasks(suite='bhb'))
