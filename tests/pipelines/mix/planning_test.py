"""A mix run is planned from manifests, and mistakes are told before it."""

import dataclasses
import re
import shutil

import pytest
from support.corpora import tree
from support.outputs import manifest_of
from support.plans import plan_of

from ul2_flan.pipelines import mix
from ul2_flan.pipelines.launch import command
from ul2_flan.pipelines.launch.kind import kind_of
from ul2_flan.pipelines.mix.planning import shuffled_bytes
from ul2_flan.pipelines.run import plan as plan_lib
from ul2_flan.tasks.errors import UserError


def test_there_is_a_work_item_for_each_shard(flags):
  plan = plan_of('mix', flags('out', '--shard_mb=0.02'))
  splits = plan.config['splits']
  assert splits['train']['shards'] > 5
  assert len(plan.items) == sum(made['shards'] for made in splits.values())
  assert len(plan.items) == plan.num_shards
  # Their sizes are those of the whole, and close to each other.
  sizes = [item.size for item in plan.items]
  assert sum(sizes) == plan.estimate['bytes']
  train = sizes[: splits['train']['shards']]
  assert max(train) - min(train) <= 1
  assert not any(plan.groups[name].joins for name in plan.groups)


def test_what_is_shuffled_is_not_packed_yet(flags):
  plain = plan_of('mix', flags())
  packed = plan_of('mix', flags('out', '--pack=enc_dec'))
  assert packed.estimate['bytes'] > 2 * plain.estimate['bytes']
  plain_bytes = shuffled_bytes(plain)
  assert abs(shuffled_bytes(packed) - plain_bytes) <= 2
  assert plain.estimate['examples'] == packed.estimate['examples']


def test_the_plan_tells_what_is_shuffled_and_who_has_room_for_it(
  flags, monkeypatch
):
  planned = command.read(kind_of('mix'), flags()).planned
  shuffled = shuffled_bytes(planned.plan)
  assert planned.facts['shuffled_bytes'] == shuffled
  assert planned.facts['shuffled_in_memory_bytes'] == 5 * shuffled
  assert 'on disks with the default' in planned.outline
  assert '--passes' not in planned.outline
  monkeypatch.setattr('ul2_flan.pipelines.mix.planning._SMALL_MEMORY', 1 << 16)
  planned = command.read(kind_of('mix'), flags()).planned
  assert re.search(
    r'in memory, about .*; --passes \d+ makes it', planned.outline
  )


def test_the_plan_knows_which_runs_it_is_for(flags, flan_run):
  plan = plan_of('mix', flags())
  assert plan.config['manifests'] == [
    {'output': str(flan_run), 'plan': manifest_of(flan_run).run['plan']}
  ]
  data_sets = manifest_of(flan_run).data_sets
  for split, members in plan.config['members'].items():
    assert members
    for name, (run, examples, _) in members.items():
      assert run == 0
      assert examples == data_sets[name][split].examples


def test_a_configuration_and_its_flags_make_the_same_plan(flags, flan_run):
  config = mix.Config(
    manifests=[str(flan_run)],
    mixture='flan2022_b',
    num_examples=700,
    min_shards=5,
  )
  plan = mix.plan(config, output='none').plan
  assert plan == plan_of('mix', flags())
  other = mix.plan(dataclasses.replace(config, seed=1), output='none').plan
  assert other.fingerprint != plan.fingerprint


@pytest.mark.parametrize(
  ('more', 'message'),
  [
    (['--mixture=flan2022'], 'Did you mean'),
    (['--passes=0'], '--passes'),
    (['--pack=enc_dec', '--task_feature_lengths=inputs=12'], 'none is cut'),
    (['--manifest=/none'], 'does not exist'),
    (['--exclude', 'niv2:*', 'cot:*'], 'nothing of the mixture'),
  ],
)
def test_what_is_wrong_is_told_before_work_starts(flags, more, message):
  with pytest.raises(UserError) as e:
    mix.main(flags('out', *more))
  assert message in str(e.value)


def test_a_plan_alone_writes_nothing(flags, tmp_path, capsys):
  assert mix.main(flags('out', '--plan_only')) == 0
  out = capsys.readouterr().out
  assert not (tmp_path / 'out').exists()
  for word in ('repeats', 'shards', 'disk, about', 'missing in'):
    assert word in out


def test_plans_of_a_mix_come_back_from_their_file(flags, tmp_path):
  plan = plan_of('mix', flags('out', '--pack=prefix_lm'))
  path = tmp_path / 'plan.json'
  path.write_bytes(plan.to_json())
  assert plan_lib.load(str(path)).fingerprint == plan.fingerprint


@pytest.mark.parametrize('name', ['flan', 'flan/', 'link', '../x/flan'])
def test_a_mix_is_never_written_over_what_it_reads(tmp_path, flan_run, name):
  (tmp_path / 'x').mkdir()
  run = shutil.copytree(flan_run, tmp_path / 'x/flan')
  (tmp_path / 'x/link').symlink_to(run)
  before = tree(run)
  output = f'{tmp_path}/x/{name}'
  config = mix.Config(manifests=[str(run)], mixture='flan2022_b')
  for overwrite in (False, True):
    with pytest.raises(UserError, match='would replace what it reads'):
      mix.run(config, output=output, overwrite=overwrite)
  assert tree(run) == before
