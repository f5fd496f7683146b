"""What is planned is told to people by suite, and to programs by task."""

import json
import re

from support.task_files import NIV2, write_niv2

from ul2_flan.pipelines import flan
from ul2_flan.pipelines.flan import outline
from ul2_flan.pipelines.run import Group, Plan

TASKS = ('cot:a', 'cot:b', 'niv2:c')
PLAN = Plan(
  'flan', {}, (), {task: Group((), 1, 1, 0) for task in TASKS}, {}, {}
)


def test_tasks_and_missing_ones_are_counted_by_suite():
  missing = {'niv2:d': 'no file', 't0_sf:e': 'no file'}
  planned = outline.planned(PLAN, 'out', missing, {}, {}, {})
  lines = re.findall(r'^(\w+) +(\d+) +(\d+)$', planned.outline, re.M)
  assert lines == [('cot', '2', '0'), ('niv2', '1', '1'), ('t0_sf', '0', '1')]
  assert planned.facts['tasks'] == {'cot': 2, 'niv2': 1}
  assert planned.facts['missing'] == planned.missing == missing
  assert json.loads(json.dumps(planned.facts)) == planned.facts


def test_nothing_is_said_of_what_is_not_there():
  planned = outline.planned(PLAN, 'out', {}, {}, {}, {})
  assert 'missing:' not in planned.outline
  assert 'several' not in planned.outline
  assert 'warning' not in planned.outline
  assert planned.facts['several_files'] == {}


def test_a_suite_without_a_source_is_a_line(flags, capsys):
  args = flags('out', '--plan_only', '--suites=cot,niv2', suites=('cot',))
  assert flan.main(args) == 0
  out = capsys.readouterr().out
  assert 'niv2: 1,556 tasks, no --source niv2=DIR is given' in out
  assert out.count('no --source') == 1


def test_a_program_is_told_of_every_task(flags, capsys):
  name = f'niv2:{NIV2[0]}'
  args = flags('out', '--plan_only', '--json', '--tasks', f'{name},cot:aqua')
  assert flan.main(args) == 0
  told = json.loads(capsys.readouterr().out)
  assert told['tasks'] == {'niv2': 1}
  (why,) = told['missing'].values()
  assert re.fullmatch(
    r'no file of a training split: looked for aqua_train.tsv below .*/cot', why
  )
  assert told['several_files'] == {}


def test_languages_that_cannot_be_written_are_told():
  unwritable = {'Arabic': ['niv2:c'], 'Thai': ['niv2:c', 'cot:a']}
  planned = outline.planned(PLAN, 'out', {}, {}, {}, unwritable)
  told = ' '.join(planned.outline.split())
  assert 'warning: 2 tasks with languages' in told
  assert '(Arabic 1, Thai 2)' in told
  assert planned.facts['unwritable'] == unwritable


def test_several_files_of_one_task_are_told(config, tmp_path):
  one = write_niv2(tmp_path / 'a', NIV2[0], 30)
  two = write_niv2(tmp_path / 'b', NIV2[0], 30)
  write_niv2(tmp_path / 'b', NIV2[1], 30)
  made = config(sources={'niv2': [str(tmp_path)]}, settings=['zs_opt'])
  planned = flan.plan(made, output='none')
  assert 'several files of one name: 1 task\n' in planned.outline
  assert f'niv2:{NIV2[0]}: 2 files, of which the run reads {one}' in (
    planned.outline
  )
  assert planned.facts['several_files'] == {
    f'niv2:{NIV2[0]}': [str(one), str(two)]
  }
