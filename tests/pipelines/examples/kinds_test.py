"""The name of a data set says what it holds."""

import dataclasses

import pytest

from ul2_flan.pipelines.examples import kinds


@pytest.mark.parametrize(
  ('name', 'group', 'task'),
  [
    ('f:cot:gsm8k:zs_opt', 'cot · zs_opt', 'cot:gsm8k'),
    ('f:niv2:a:b:fs_noopt', 'niv2 · fs_noopt', 'niv2:a:b'),
    ('e:mmlu:anatomy:cot', 'mmlu · cot', 'mmlu:anatomy'),
    ('e:mmlu:anatomy:zs_opt', 'e:mmlu:anatomy:zs_opt', ''),
    ('ul2r', 'ul2r', ''),
    ('a:niv2:x_32_15', 'a:niv2:x_32_15', ''),
    ('a:b:c:zs_opt', 'a:b:c:zs_opt', ''),
  ],
)
def test_a_name_is_read(name: str, group: str, task: str):
  held = kinds.held(name)
  assert (held.group, held.task) == (group, task)


def test_tasks_are_those_of_the_catalog_and_of_the_run(shown_runs):
  manifest = shown_runs['flan'].manifest
  known = kinds.task_of('cot:gsm8k', manifest)
  assert known
  assert known.family == 'reasoning'
  assert kinds.task_of('cot:nothing', manifest) is None
  assert kinds.task_of('', shown_runs['packed'].manifest) is None
  config = {'tasks': {'niv2:mine': {'unlisted': ['niv2', 'mine']}}}
  other = dataclasses.replace(manifest, run={'config': config})
  mine = kinds.task_of('niv2:mine', other)
  assert mine
  assert mine.left_out == 'unlisted'
