"""A run takes the tasks of a dump that it asks for."""

import pytest
from support.plans import plan_of

from ul2_flan.pipelines.launch import command
from ul2_flan.pipelines.launch.kind import kind_of
from ul2_flan.tasks import catalog
from ul2_flan.tasks.errors import UserError


def tasks(flags, *more: str) -> set[str]:
  return set(plan_of('flan', flags('out', *more)).config['tasks'])


def test_any_task_of_a_suite_that_the_sample_sees_may_come(flags):
  names = tasks(flags)
  assert {name.partition(':')[0] for name in names} == {
    'flan2021', 'cot', 'niv2', 'dialog'
  }  # fmt: skip
  assert {t.name for t in catalog.tasks(suite='niv2')} <= names
  assert 'cot:gsm8k_inverted' in names
  assert not any('all_tasks' in name for name in names)


def test_suites_tasks_and_licences_choose(flags):
  assert tasks(flags, '--tasks=cot:gsm8k,flan2021:rte') == {
    'cot:gsm8k', 'flan2021:rte'
  }  # fmt: skip
  assert len(tasks(flags, '--suites=cot', '--without=cot:qed')) == 17
  mit = tasks(flags, '--licence=mit', '--suites=cot')
  assert mit
  assert all(catalog.load(n).licence == 'MIT' for n in mit if '_inv' not in n)


def test_another_source_of_a_task_goes_first(flags, tmp_path):
  (tmp_path / 'gsm8k_train.tsv').write_text('Q\tA\tBecause.\n' * 3)
  argv = flags('out', f'--source=cot={tmp_path}', '--suites=cot')
  read = command.read(kind_of('flan'), argv)
  assert 'released' not in read.planned.plan.config['tasks']['cot:gsm8k']
  assert '1 tasks of the dumps are made from their own' in read.planned.outline


def test_a_folder_without_a_dump_is_an_error(flags, tmp_path):
  (tmp_path / 'a.jsonl').write_text('{"text": "no dump"}\n')
  with pytest.raises(UserError, match='the record has text'):
    plan_of('flan', flags('out', folder=tmp_path / 'a.jsonl'))
