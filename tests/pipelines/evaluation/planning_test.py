"""A plan tells what can be asked, and refuses what no model can answer."""

import json
from pathlib import Path

import pytest
from support.evaluation import suite_files

from ul2_flan.pipelines.evaluation.planning import make_plan
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.evaluation.prompting import bbes


def test_all_tasks_that_have_files_are_planned(plan):
  made = plan()
  assert {name: len(g.data_sets) for name, g in made.groups.items()} == {
    'mmlu:anatomy': 2, 'bbh:navigate': 2, 'tydiqa:fi': 1, 'mgsm:de': 2,
  }  # fmt: skip
  assert all(group.split == 'test' for group in made.groups.values())
  assert made.config['tasks']['mmlu:anatomy'] == {
    'split': 'validation',
    'questions': 1,
  }
  assert made.manifest['run']['evaluation']['eval:mgsm:de:cot'] == (
    'suite:mgsm:de:cot'
  )
  # Each task is made by one part, of all its data sets.
  assert [part.group for item in made.items for part in item.parts] == [
    *made.groups
  ]


def test_features_keep_text_and_have_eos_as_in_training(plan):
  features = plan().manifest['features']
  assert features['inputs'] == {
    'dtype': 'int32', 'length': 2048, 'add_eos': True
  }  # fmt: skip
  assert features['targets']['length'] == 1024
  assert features['targets_pretokenized'] == {'dtype': 'string'}
  assert features['sample'] == {'dtype': 'int64'}
  features = plan(decoder_only=True).manifest['features']
  assert [features[k]['add_eos'] for k in ('inputs', 'targets')] == [
    False,
    True,
  ]


def test_choices_that_are_ranked_are_features(plan, config, big_bench_folder):
  made = plan(sources={'bbes': [str(big_bench_folder)]}, split='', exemplars=1)
  assert made.manifest['run']['evaluation'] == {
    'eval:bbes:crass_ai:direct': 'rank:bbes:crass_ai:direct',
    'eval:bbes:physics_questions:direct': 'suite:bbes:physics_questions:direct',
  }
  features = made.manifest['features']
  assert features['credit'] == {'dtype': 'string'}
  assert features['choice'] == {'dtype': 'int64'}
  assert (made.config['ranked'], made.config['exemplars']) == (True, 1)
  assert 'credit' not in plan().manifest['features']
  assert 'ranked' not in plan().config
  few = make_plan(
    config(sources={'bbes': [str(big_bench_folder)]}, exemplars=2)
  )
  assert 'too few' in few.missing['bbes:crass_ai:direct']


def test_what_is_missing_is_told(config):
  planned = make_plan(config())
  assert planned.missing['bbh:snarks'] == 'no questions of split test'
  # XQuAD's languages are in no mean, so nobody misses them.
  assert 'tydiqa:zh' not in planned.missing
  assert 'tydiqa:ar' in planned.missing
  assert 'has no exemplar' in planned.missing['tydiqa:en:direct']
  assert 'missing: ' in planned.outline


def test_a_variant_without_its_file_is_missing(config, tmp_path: Path):
  folder = suite_files.write(tmp_path)
  (folder / 'mmlu/mmlu-cot.json').unlink()
  sources = {'mmlu': [str(folder / 'mmlu')]}
  planned = make_plan(config(sources=sources, tasks=['mmlu:anatomy']))
  assert planned.plan.data_sets == ('eval:mmlu:anatomy:direct',)
  assert 'mmlu-cot.json' in planned.missing['mmlu:anatomy:cot']
  (folder / 'mmlu/mmlu-cot.json').write_text('{"virology": "x"}')
  planned = make_plan(config(sources=sources, tasks=['mmlu:anatomy']))
  assert planned.plan.data_sets == ('eval:mmlu:anatomy:direct',)
  assert 'with "anatomy" in it' in planned.missing['mmlu:anatomy:cot']


@pytest.mark.parametrize(
  ('changes', 'message'),
  [
    ({'tasks': ['bbh:snarks']}, 'the first is bbh:snarks: no questions of spl'),
    ({'split': 'train', 'suites': ['bbh']}, 'no questions of split train'),
    ({'tasks': ['tydiqa:fi'], 'variants': ['cot']}, 'look at --suites'),
  ],
)
def test_a_run_of_nothing_is_refused(config, changes, message):
  with pytest.raises(UserError, match=message):
    make_plan(config(**changes))


def test_answers_that_cannot_be_written_are_refused_unless_told(config):
  planned = make_plan(config())
  # The vocabulary of tests has no 'Y', nor a 'K'; 'koira' will do.
  assert planned.facts['ceilings'] == {'bbh:navigate': 50.0}
  told = 'bbh:navigate 50.0'
  assert f'higher\naccuracy than: {told}' in planned.outline
  assert planned.plan.manifest['run']['ceilings'] == planned.facts['ceilings']
  with pytest.raises(UserError, match=f'{told}. Give --allow_unwritable'):
    make_plan(config(allow_unwritable=False))
  without = {'without': ['bbh:navigate']}
  assert make_plan(config(allow_unwritable=False, **without)).plan.groups


def test_a_plan_draws_exemplars_among_some_questions_alone(
  config, tmp_path, monkeypatch
):
  task = {'examples': [{'input': f'{i}?', 'target': '1'} for i in range(3000)]}
  file = tmp_path / 'physics_questions/task.json'
  file.parent.mkdir()
  file.write_text(json.dumps(task))
  drawn = []

  def draw(answers, count):
    drawn.append(len(answers))
    return [((0, 0),) * count] * len(answers)

  monkeypatch.setattr(bbes, '_drawn', draw)
  planned = make_plan(config(sources={'bbes': [str(tmp_path)]}))
  assert planned.plan.config['tasks']['bbes:physics_questions'][
    'questions'
  ] == (3000)
  assert drawn
  assert max(drawn) < 100


def test_the_ceilings_of_t5_and_mt5(shared_data, config):
  found = {}
  for name in ('t5', 'mt5'):
    made = config(
      sources={
        'tydiqa': [f'{shared_data}/eval/xquad'],
        'bbh': [f'{shared_data}/eval/{x}' for x in ('bbh', 'bbh_cot-prompts')],
      },
      tasks=['tydiqa:zh', 'bbh:dyck_languages'],
      vocabulary=f'{shared_data}/vocab/{name}.spiece.model',
    )
    found[name] = make_plan(made).facts['ceilings']
  assert found['t5'] == {'bbh:dyck_languages': 63.43, 'tydiqa:zh': 12.21}
  assert set(found['mt5']) == {'tydiqa:zh'}
  assert 93 < found['mt5']['tydiqa:zh'] < 100
