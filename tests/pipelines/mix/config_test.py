"""A mix configuration refuses what would be wrong later."""

import dataclasses

import pytest

from ul2_flan.pipelines.mix import Config
from ul2_flan.tasks.errors import UserError

CONFIG = Config(manifests=['run'], mixture='flan2022_b')


@pytest.mark.parametrize(
  ('changes', 'message'),
  [
    ({'num_examples': -1}, '--num_examples is -1: it must be at least 0'),
    ({'num_validation_examples': -1}, '--num_validation_examples is -1'),
    ({'epochs': 0}, '--epochs is 0: it must be at least 1'),
    ({'min_shards': 0}, '--min_shards is 0'),
    ({'shard_mb': 0}, '--shard_mb is 0'),
    ({'seed': 1 << 63}, '--seed is'),
    ({'name': 'a b'}, "--name 'a b'"),
    ({'manifests': 'run'}, "manifests is 'run': give a list"),
    ({'include': '*'}, 'include is'),
    ({'task_feature_lengths': {'inputs': 9}}, 'are for --pack'),
  ],
)
def test_a_value_that_breaks_a_rule_is_refused(changes, message):
  with pytest.raises(UserError) as e:
    dataclasses.replace(CONFIG, **changes)
  assert message in str(e.value)


def test_a_data_set_is_named_after_the_mixture_and_what_was_done():
  assert CONFIG.data_set == 'flan2022_b_mixed'
  packed = dataclasses.replace(CONFIG, pack='lm')
  assert packed.data_set == 'flan2022_b_packed'
  assert dataclasses.replace(packed, name='mine').data_set == 'mine'


def test_a_manifest_stands_for_its_folder():
  runs = ['gs://b/a', 'gs://b/c/manifest.json', '/d/manifest.json']
  runs += ['e/manifest.json', 'manifest.json', 'f.json', 'g/h.json']
  config = dataclasses.replace(CONFIG, manifests=runs)
  assert config.outputs == (
    *('gs://b/a', 'gs://b/c', '/d'),
    *('e', '.', 'f.json', 'g/h.json'),
  )
