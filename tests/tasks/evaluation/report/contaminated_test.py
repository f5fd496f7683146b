"""Scores of touched items stand beside those of clean ones."""

import dataclasses
import json
from pathlib import Path

import pytest
from support import manifests, tiny_manifests
from support.evaluation.predictions import predictions, write

from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.evaluation.__main__ import main
from ul2_flan.tasks.evaluation.report import contaminated
from ul2_flan.tasks.manifest import Shard, Split

BBH = [('bbh', 'direct')]


def report(folder: Path, **states: str) -> str:
  """The report of a search, of snarks' prompts by their ids."""
  lines = [
    json.dumps(
      {
        'task': 'bbh:snarks',
        'id': id.replace('_', '-'),
        'judged': state != 'not judged',
        'touched': state == 'touched',
      }
    )
    for id, state in states.items()
  ]
  path = folder / 'c/items/items.jsonl'
  path.parent.mkdir(parents=True)
  path.write_text('\n'.join(lines) + '\n')
  shard = Shard('c/items/items.jsonl', len(lines), 0, '00000000')
  tiny = tiny_manifests.MANIFEST
  manifest = dataclasses.replace(
    tiny,
    name='c',
    data_sets={'c:items': {'test': Split((shard,), {'examples': len(lines)})}},
    run={**tiny.run, 'job': 'contamination'},
  )
  (folder / 'manifest.json').write_bytes(manifests.to_json(manifest))
  return str(folder)


STATES = {'test_0': 'touched', 'test_1': 'clean', 'test_2': 'not judged'}


def test_items_are_read_by_task_and_id(tmp_path):
  items = contaminated.read_items(report(tmp_path, **STATES))
  assert items == {
    ('bbh:snarks', id.replace('_', '-')): state for id, state in STATES.items()
  }
  assert contaminated.read_items(f'{tmp_path}/manifest.json') == items


def test_halves_have_a_mean_each():
  items = {
    ('bbh:snarks', 'test-0'): contaminated.TOUCHED,
    ('bbh:snarks', 'test-1'): contaminated.CLEAN,
    ('bbh:navigate', 'test-0'): contaminated.CLEAN,
  }
  # The first of three questions of each task is right.
  made = contaminated.halves(predictions(1, 3, BBH), items)
  found = {half.which: (half.items, half.tasks, half.mean) for half in made}
  beside = contaminated.BESIDE
  assert [*found] == ['clean', 'touched', beside, 'not judged']
  assert found['touched'][:2] == (1, 1)
  assert found['touched'][2].value == 100
  assert found[beside][:2] == (1, 1)
  assert found[beside][2].value == 0
  assert found['clean'][:2] == (2, 2)
  assert found['clean'][2].value == 50
  assert found['not judged'][0] == 27 * 3 - 3


def test_the_command_tells_of_both(tmp_path, capsys):
  answers = write(tmp_path / 'a.jsonl', predictions(1, 3, BBH))
  folder = report(tmp_path, **STATES)
  assert main(['scores', answers, '--contamination', folder]) == 0
  said = capsys.readouterr().out
  assert 'bbh direct, touched: 1 item of 1 task: mean 100.00, between' in said
  assert main(['scores', answers, '--contamination', folder, '--json']) == 0
  facts = json.loads(capsys.readouterr().out)['contamination']
  assert [half['which'] for half in facts][:2] == ['clean', 'touched']
  assert facts[1]['mean']['value'] == 100


def test_answers_to_other_prompts_are_refused():
  with pytest.raises(UserError, match='no prediction has the id'):
    contaminated.halves(predictions(1, 3, BBH), {})


def test_another_run_is_no_report(tmp_path):
  tiny = tiny_manifests.MANIFEST
  (tmp_path / 'manifest.json').write_bytes(manifests.to_json(tiny))
  with pytest.raises(UserError, match=r'--contamination .* is of a run of'):
    contaminated.read_items(str(tmp_path))
  with pytest.raises(UserError, match=r'--contamination .*Give the output'):
    contaminated.read_items(str(tmp_path / 'no'))
