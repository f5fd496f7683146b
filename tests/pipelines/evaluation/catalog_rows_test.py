"""Rows of the catalog's tasks as questions, from files to prompts."""

import json
from pathlib import Path

import pytest
from support.corpora import quarantined
from support.outputs import manifest_of, records_of

from ul2_flan.pipelines import evaluation
from ul2_flan.pipelines.contamination.items import items_of
from ul2_flan.pipelines.engines import Engine
from ul2_flan.pipelines.engines.local.runner import WorkFailedError
from ul2_flan.pipelines.evaluation.find_suites import find_tasks, read_material
from ul2_flan.pipelines.evaluation.planning import make_plan
from ul2_flan.tasks import records

ONE = Engine(local_workers=1)

ROWS = [
  {'premise': f'It rains in {place}.', 'hypothesis': f'{place} is wet.'}
  | {'label': label}
  for place, label in [
    ('Oslo', 'entailment'), ('Rome', 'not_entailment'), ('Bern', 'entailment')
  ]
]  # fmt: skip


def write(path: Path, rows: list[dict[str, str]]) -> None:
  path.parent.mkdir(parents=True, exist_ok=True)
  path.write_text(''.join(json.dumps(row) + '\n' for row in rows))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
  write(tmp_path / 'rows/RTE/train.jsonl', ROWS * 100)
  write(tmp_path / 'rows/RTE/val.jsonl', [*ROWS, {**ROWS[0], 'label': None}])
  return tmp_path / 'rows'


@pytest.fixture
def of_templates(config, folder):
  """Makes a configuration of the suite alone."""

  def make(**changes):
    fields = {'sources': {'flan_templates': [str(folder)]}, 'split': ''}
    return config(**{**fields, 'tasks': ['flan_templates:rte'], **changes})

  return make


def test_the_split_that_papers_report_is_asked(of_templates):
  (found,) = find_tasks(of_templates())
  assert found.split == 'test'
  assert {piece.split for piece in found.pieces} == {'test'}
  material = read_material(found.task, found.pieces, found.source)
  assert len(material.questions['test']) == 3
  assert [one.reason for one in material.left_out] == ['no_label']
  (found,) = find_tasks(of_templates(split='validation'))
  material = read_material(found.task, found.pieces, found.source)
  assert len(material.questions['validation']) == 200


def test_each_template_is_a_data_set_of_the_same_rows(of_templates, tmp_path):
  planned = make_plan(of_templates(option_order=2))
  assert 'flan_templates:rte: 1 no_label' in planned.outline
  output = tmp_path / 'out'
  made = evaluation.run(
    of_templates(option_order=2), output=str(output), engine=ONE
  )
  assert [*made.data_sets] == [
    f'eval:flan_templates:rte:template_{i}' for i in range(8)
  ]
  prompts = {}
  for name in made.data_sets:
    rows = [
      records.decode_example(record)
      for record in records_of(output, name, 'test')
    ]
    assert [row['id'][0].decode() for row in rows] == [
      f'test-{i // 2}' for i in range(6)
    ]
    assert [row['choice'][0] for row in rows] == [0, 1] * 3
    for i in (0, 2, 4):
      assert {row['credit'][0] for row in rows[i : i + 2]} == {b'1.0', b'0.0'}
    prompts[name] = rows[0]['inputs_pretokenized'][0]
  assert len({*prompts.values()}) == 8
  # A search knows them as the prompts do.
  items = [*items_of(manifest_of(output))]
  assert [(item.task, item.id) for item in items] == [
    ('flan_templates:rte', f'test-{i}') for i in range(3)
  ]
  assert items[0].texts == (
    'It rains in Oslo.', 'Oslo is wet. yes no', 'Oslo is wet. A yes B no'
  )  # fmt: skip


def test_each_order_of_options_is_a_data_set_of_the_same_rows(
  of_templates, tmp_path
):
  """Every order asks the same; all but the first as `--option_order` does."""

  def prompts(name: str, **settings: int) -> dict[str, list[tuple[str, str]]]:
    made = evaluation.run(
      of_templates(**settings), output=str(tmp_path / name), engine=ONE
    )
    return {
      data_set: [
        (row['inputs_pretokenized'][0].decode(), row['credit'][0].decode())
        for row in map(
          records.decode_example, records_of(tmp_path / name, data_set, 'test')
        )
      ]
      for data_set in made.data_sets
    }

  both = prompts('both', option_orders=2)
  first, second = prompts('first'), prompts('second', option_order=1)
  assert both == first | {
    f'{data_set}_order_1': asked for data_set, asked in second.items()
  }
  assert len(both) == 16
  assert any(both[name] != both[f'{name}_order_1'] for name in first)


def test_one_order_can_be_asked_by_its_name(of_templates):
  planned = make_plan(of_templates(variants=['template_3_order_2']))
  (group,) = planned.plan.groups.values()
  assert group.data_sets == ('eval:flan_templates:rte:template_3_order_2',)


@pytest.mark.parametrize('suite', ['nlp', 'flan_templates'])
def test_rows_that_are_no_questions_are_counted(
  of_templates, folder, tmp_path, suite: str
):
  """In each data set, and kept once; a missing label is no fault."""
  file = folder / 'RTE/val.jsonl'
  file.write_text(file.read_text() + '{"premise": \n')
  sources = {suite: [str(folder)]}
  config = of_templates(
    sources=sources, tasks=[f'{suite}:rte'], split='', without=[]
  )
  told = make_plan(config).outline
  assert f'{suite}:rte: ' in told
  assert '1 no_label' in told
  assert '1 not_json' in told
  output = str(tmp_path / 'out')
  # One of five is more than a hundredth.
  with pytest.raises(WorkFailedError, match=r'questions are .* not_json\)'):
    evaluation.run(config, output=output, engine=ONE)
  made = evaluation.run(
    config, output=output, engine=ONE, max_reject_fraction=0.25
  )
  for name in made.data_sets:
    counts = made.run['counts'][name]
    assert (counts['questions'], counts['prompts']) == (5, 3)
    assert counts['rejected/not_json'] == counts['dropped/no_label'] == 1
  (kept,) = quarantined(tmp_path / 'out')
  assert (kept['source'], kept['reason']) == (str(file), 'not_json')
  summary = (tmp_path / 'out/summary.txt').read_text()
  assert 'which are no questions: not_json' in summary


def test_a_task_without_files_is_missing(of_templates):
  planned = make_plan(
    of_templates(tasks=['flan_templates:rte', 'flan_templates:cb'])
  )
  assert planned.missing == {
    'flan_templates:cb': 'no questions of split validation'
  }
