"""Tasks are found by their files; who misses one is told why."""

import json
import re

import pytest
from support.task_files import NIV2, write_cot
from support.task_sources.prepared_directories import prepare

from ul2_flan.pipelines import flan
from ul2_flan.pipelines.flan import find_tasks
from ul2_flan.tasks import catalog
from ul2_flan.tasks.errors import UserError

NAMES = [f'niv2:{name}' for name in NIV2]


def test_every_task_that_is_asked_for_is_found_or_missing(config):
  found = find_tasks.find(config())
  names = [task.name for task, _ in found.located]
  assert list(found.known) == names
  asked = [t.name for s in ('niv2', 'cot') for t in catalog.tasks(suite=s)]
  assert sorted([*names, *found.missing]) == sorted(asked)
  assert names == [name for name in asked if name in names]
  assert set(NAMES) < set(names)
  why = found.missing['cot:aqua']
  assert why.startswith('no file of a training split: looked for aqua_')


def test_only_what_is_named_is_found_and_no_more(config):
  found = find_tasks.find(config(tasks=[NAMES[2], NAMES[0]]))
  assert [task.name for task, _ in found.located] == [NAMES[0], NAMES[2]]
  assert found.missing == {}
  found = find_tasks.find(config(suites=['niv2'], without=[NAMES[0]]))
  assert NAMES[0] not in {*found.known, *found.missing}
  assert set(NAMES[1:]) == set(found.known)


@pytest.mark.parametrize(
  ('suites', 'reason'),
  [
    ((), 'no --source flan2021=DIR is given'),
    (('niv2', 'cot'), 'its suite is not in --suites'),
  ],
)
def test_a_named_task_whose_suite_is_not_looked_at_is_missing(
  config, suites, reason
):
  tasks = ['cot:gsm8k', 'flan2021:rte']
  found = find_tasks.find(config(tasks=tasks, suites=suites))
  assert found.missing == {'flan2021:rte': reason}
  without = config(tasks=tasks, suites=suites, without=['flan2021:rte'])
  assert find_tasks.find(without).missing == {}


def test_a_suite_without_a_source_is_missing_as_a_whole(config):
  found = find_tasks.find(config(suites=['cot', 'dialog']))
  dialog = [task.name for task in catalog.tasks(suite='dialog')]
  reason = 'no --source dialog=DIR is given'
  assert {found.missing[name] for name in dialog} == {reason}


def test_rows_are_held_out_where_no_split_is_there_for_it(config, tmp_path):
  for split in ('train', 'validation'):
    folder = tmp_path / 'glue' / 'cola'
    folder.mkdir(parents=True, exist_ok=True)
    rows = [{'sentence': f'A {i}.', 'label': i % 2} for i in range(300)]
    lines = '\n'.join(map(json.dumps, rows))
    (folder / f'{split}.jsonl').write_text(lines)
  sources = {'flan2021': [str(tmp_path)], 'niv2': config().sources['niv2']}
  tasks = ['flan2021:cola', NAMES[0]]
  found = find_tasks.find(
    config(sources=sources, tasks=tasks, validation_fraction=0.03)
  )
  held_out = {name: known['held_out'] for name, known in found.known.items()}
  # The catalog takes CoLA's validation split from its training split.
  assert held_out == {'flan2021:cola': 0.0, NAMES[0]: 0.03}


def test_a_file_of_no_task_can_be_had_and_the_plan_keeps_which(
  config, collection, tmp_path
):
  data = (collection / 'niv2' / f'{NIV2[0]}.json').read_bytes()
  (tmp_path / 'task9999_mine.json').write_bytes(data)
  sources = {'niv2': [str(tmp_path)]}
  assert not find_tasks.find(config(sources=sources)).located
  found = find_tasks.find(config(sources=sources, unlisted=True))
  assert found.known == {
    'niv2:task9999_mine': {
      'source': 0,
      'held_out': 0.01,
      'unlisted': ['niv2', 'task9999_mine'],
    }
  }


def test_missing_tasks_are_told_and_strictly_an_error(flags, capsys):
  assert flan.main(flags('out', '--plan_only')) == 0
  out = capsys.readouterr().out
  assert 'no file of a training split' in out
  with pytest.raises(UserError, match=r'missing, and the run is --strict'):
    flan.main(flags('out', '--plan_only', '--strict'))
  args = flags('out', '--plan_only', '--strict', '--tasks', ','.join(NAMES))
  assert flan.main([*args, '--suites=niv2']) == 0


def test_a_run_without_a_task_says_what_is_wrong_with_the_first(flags):
  reason = 'flan2021:rte: no --source flan2021=DIR is given'
  with pytest.raises(UserError, match=f'none of 1 tasks .*{reason}'):
    flan.main(flags('out', '--tasks=flan2021:rte'))
  with pytest.raises(UserError, match='no task is left'):
    flan.main(flags('out', '--tasks=cot:gsm8k', '--without=cot:gsm8k'))


def test_a_file_of_another_split_is_told(vocabulary_path, tmp_path):
  path = write_cot(tmp_path, 'esnli', 9)
  path = path.rename(tmp_path / 'esnli_dev.tsv')
  flags = [f'--source=cot={tmp_path}', '--vocabulary', vocabulary_path]
  reason = f'only a validation split was found: {path}'
  with pytest.raises(UserError, match=re.escape(reason)):
    flan.main([*flags, '--output=none', '--tasks=cot:esnli'])


def test_tasks_that_are_no_part_of_the_collection_are_hinted_at(
  vocabulary_path, tmp_path, capsys
):
  folder = tmp_path / 'p3' / 'ag_news_classify'
  folder.mkdir(parents=True)
  row = {'inputs_pretokenized': 'Sport?', 'targets_pretokenized': 'Sports'}
  (folder / 'train.jsonl').write_text(f'{json.dumps(row)}\n' * 20)
  flags = [f'--source=t0_sf={tmp_path / "p3"}', '--vocabulary', vocabulary_path]
  flags += ['--output', str(tmp_path / 'out')]
  with pytest.raises(
    UserError, match=r'none of 193 .* leaves out all .* 1 of them: --left_out'
  ):
    flan.main(flags)
  # Tasks of other suites do not hide it.
  write_cot(tmp_path / 'cot', 'gsm8k', 9)
  flags.append(f'--source=cot={tmp_path / "cot"}')
  assert flan.main([*flags, '--plan_only']) == 0
  said = capsys.readouterr().out
  assert 't0_sf: the collection leaves out all tasks that have files' in said
  assert 'cot: the collection' not in said
  assert flan.main([*flags, '--left_out', '--plan_only']) == 0


@pytest.mark.parametrize(
  ('name', 'data'),
  [
    ('label.labels.txt', b'entailment\n\xff\n'),
    ('features.json', b'[[[[1]]]]'),
    ('features.json', b'\xff'),
    ('dataset_info.json', b'{"splits": [{"name": 5}]}'),
    ('dataset_info.json', b'{"splits": 5}'),
    ('dataset_info.json', b'[' * 3000),
  ],
)
def test_a_broken_task_is_told_of_and_its_neighbour_is_found(
  config, tmp_path, name: str, data: bytes
):
  columns = dict.fromkeys(('premise', 'hypothesis'), 'text')
  made = prepare(
    tmp_path / 'made',
    {'train': [300], 'validation': [9]},
    columns={**columns, 'label': 'classLabel'},
    classes=('entailment', 'not_entailment'),
    name='super_glue',
  )
  folder = tmp_path / 'flan2021/super_glue/rte/1.0.2'
  folder.parent.mkdir(parents=True)
  made.rename(folder)
  (folder / name).write_bytes(data)
  healthy = tmp_path / 'flan2021/glue/cola/train.jsonl'
  healthy.parent.mkdir(parents=True)
  healthy.write_text('{}\n')
  sources = {'flan2021': [str(tmp_path / 'flan2021')]}
  tasks = ['flan2021:rte', 'flan2021:cola']
  found = find_tasks.find(config(sources=sources, tasks=tasks))
  assert found.missing.keys() == {'flan2021:rte'}
  assert [task.name for task, _ in found.located] == ['flan2021:cola']
  assert str(folder / name) in found.missing['flan2021:rte']
  # A run that finds nothing says first what is wrong with a file.
  only = config(sources=sources, tasks=['flan2021:bool_q', 'flan2021:rte'])
  error = find_tasks.nothing_found(only, find_tasks.find(only))
  assert 'the first is flan2021:rte' in str(error)


def test_an_expression_chooses_tasks_by_licence_and_tells_what_it_leaves_out(
  config, flags, capsys
):
  every = find_tasks.find(config())
  licences = {task.name: task.licence for task, _ in every.located}
  found = find_tasks.find(config(licence='mit'))
  kept = [task.name for task, _ in found.located]
  assert kept == [
    name for name, licence in licences.items() if licence == 'MIT'
  ]
  assert kept
  assert found.known.keys() == set(kept)
  assert found.unlicensed == {
    name: licence for name, licence in licences.items() if name not in kept
  }
  assert found.missing == every.missing
  assert flan.main(flags('out', '--plan_only', '--licence', 'mit')) == 0
  out = capsys.readouterr().out
  assert f'left out by --licence: {len(found.unlicensed)} tasks, of the' in out
  with pytest.raises(
    UserError, match=r"--licence 'gpl\*' fits none of \d+ tasks"
  ):
    flan.main(flags('out', '--plan_only', '--licence', 'gpl*'))
  with pytest.raises(UserError, match=r"--licence ',': give patterns"):
    config(licence=',')
