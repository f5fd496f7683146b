"""A Flan run is planned: who does which task, and what the manifest says."""

import json

from hypothesis import given
from hypothesis import strategies as st
import pytest
from support import plans
from support.task_files import NIV2

from ul2_flan.pipelines import flan
from ul2_flan.pipelines.flan import planning
from ul2_flan.tasks import catalog, shipped
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.rendering import SETTINGS, OwnTemplates, Setting

TASK = f'niv2:{NIV2[0]}'


@pytest.mark.parametrize(
  ('flag', 'message'),
  [
    ('--tasks=niv2:task001_quoref_question_generatio', 'Did you mean'),
    ('--vocabulary=/none', '--vocabulary'),
    ('--tasks=cot:aqua', 'none of 1 tasks'),
  ],
)
def test_what_is_wrong_is_told_before_work_starts(flags, flag, message):
  with pytest.raises(UserError) as e:
    flan.main(flags('out', flag))
  assert message in str(e.value)


def test_small_tasks_share_a_work_item(flags):
  plan = plans.plan_of('flan', flags())
  assert len(plan.items) == 1
  # Four tasks of NIv2; one of chain of thought, and its three inversions.
  assert len(plan.items[0].parts) == 8
  assert plan.parts(TASK)[0].num_shards == 1


def test_a_data_set_is_a_task_in_a_setting(flags):
  plan = plans.plan_of('flan', flags())
  for name, group in plan.groups.items():
    assert group.data_sets == tuple(
      f'flan:{name}:{setting}' for setting in ('zs_opt', 'fs_opt')
    )
  evaluations = plan.manifest['run']['evaluation']
  assert set(evaluations) == set(plan.data_sets)


def write_cola(folder, files: int, rows: int):
  cola = folder / 'glue' / 'cola'
  cola.mkdir(parents=True)
  for k in range(files):
    lines = [
      json.dumps({'sentence': f'It is {k} {i}.', 'label': i % 2})
      for i in range(rows)
    ]
    (cola / f'train-{k:05d}-of-{files:05d}.jsonl').write_text('\n'.join(lines))


@pytest.mark.parametrize('item_bytes', [1 << 9, 1 << 14])
def test_a_large_task_is_divided_and_nothing_of_it_lost(
  tmp_path, vocabulary_path, monkeypatch, item_bytes
):
  write_cola(tmp_path, 6, 200)
  monkeypatch.setattr(planning, '_ITEM_BYTES', item_bytes)
  flags = [f'--source=flan2021={tmp_path}', '--tasks=flan2021:cola', '--cap=0']
  flags += ['--vocabulary', vocabulary_path, '--shard_mb=0.01']
  plan = plans.plan_of('flan', flags)
  parts = plan.parts('flan2021:cola')
  assert len(parts) > 2
  assert sum(plan.sources().values()) == sum(
    path.stat().st_size for path in tmp_path.rglob('*.jsonl')
  )
  # Parts number their shards one after another.
  firsts = [part.first_shard for part in parts]
  counts = [part.num_shards for part in parts]
  assert firsts == [sum(counts[:i]) for i in range(len(parts))]
  group = plan.groups['flan2021:cola']
  assert group.shards == sum(counts)
  assert not group.joins


def test_a_cap_leaves_a_large_task_whole(
  tmp_path, vocabulary_path, monkeypatch
):
  write_cola(tmp_path, 6, 200)
  monkeypatch.setattr(planning, '_ITEM_BYTES', 1 << 14)
  flags = [f'--source=flan2021={tmp_path}', '--tasks=flan2021:cola']
  flags += ['--vocabulary', vocabulary_path]
  # The catalog has 8,350 rows for it; little of them is to be rendered.
  (part,) = plans.plan_of('flan', [*flags, '--cap=100']).parts('flan2021:cola')
  assert part.num_shards == 1
  parts = plans.plan_of('flan', [*flags, '--cap=0']).parts('flan2021:cola')
  assert len(parts) > 1


@given(st.sets(st.sampled_from(SETTINGS[:-1]), min_size=1))
def test_settings_are_one_to_a_task_without_options(settings):
  made = flan.Config(
    sources={}, vocabulary='', settings=[str(s) for s in settings]
  )

  def settings_of(task: str) -> set[Setting]:
    names = planning._data_sets(catalog.load(task), made, OwnTemplates())
    return {Setting.parse(name.rsplit(':', 1)[1]) for name in names}

  one_each = {s for s in settings if s.options or s.counterpart not in settings}
  assert settings_of('cot:gsm8k') == one_each
  usual = {s for s in settings if s.reasoning != 'cot'}
  assert settings_of('flan2021:rte') == usual
  assert settings_of('flan2021:gigaword') == usual & one_each


def test_templates_may_tell_settings_of_a_task_without_options_apart(config):
  text = shipped.text('templates/headline.toml')
  text = text.replace('[[templates]]', '[[templates]]\nsettings = ["opt"]', 1)
  templates = OwnTemplates.of({'headline.toml': text})
  task = catalog.load('flan2021:gigaword')
  ours = planning._data_sets(task, config(), OwnTemplates())
  assert ours == tuple(f'flan:{task.name}:{s}' for s in ('zs_opt', 'fs_opt'))
  assert len(planning._data_sets(task, config(), templates)) == 4


def test_a_task_without_a_template_for_any_setting_is_missing(config):
  planned = flan.plan(
    config(settings=['zs_opt_cot'], suites=['niv2', 'cot']), output='none'
  )
  assert planned.missing[TASK] == 'no template for zs_opt_cot'
  assert TASK not in planned.plan.config['tasks']
  assert 'flan:cot:gsm8k:zs_opt_cot' in planned.plan.data_sets


def test_the_manifest_says_which_features_there_are(config):
  def features(**changes):
    made = config(tasks=[TASK], settings=['zs_opt'], **changes)
    return flan.plan(made, output='none').plan.manifest['features']

  assert features(inputs_length=99, decoder_only=True) == {
    'inputs': {'dtype': 'int32', 'length': 99, 'add_eos': False},
    'targets': {'dtype': 'int32', 'length': 512, 'add_eos': True},
  }
  more = features(keep_text=True, provenance=True)
  assert {k for k, f in more.items() if f['dtype'] == 'string'} == {
    *('inputs_pretokenized', 'targets_pretokenized'),
    *('provenance/source', 'provenance/key'),
    *('provenance/template', 'provenance/exemplars'),
  }


def test_a_configuration_and_its_flags_make_the_same_plan(flags, config):
  made = config(settings=['zs_opt', 'fs_opt'], inputs_length=1024)
  assert flan.plan(made, output='none').plan == plans.plan_of('flan', flags())
