"""A Flan configuration refuses what would be wrong later."""

import json

import pytest

from ul2_flan.pipelines.storage import vocabularies
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.rendering import OwnTemplates


@pytest.mark.parametrize(
  ('changes', 'message'),
  [
    (
      {'tasks': ['niv2:task001_quoref_question_generatio']},
      "Did you mean 'niv2:task001_quoref_question_generation'",
    ),
    ({'without': ['nonsense']}, 'lacks a suite'),
    ({'suites': ['niv3']}, "Did you mean 'niv2'"),
    ({'sources': {'niv3': ['d']}}, "Did you mean 'niv2'"),
    ({'sources': {'niv2': 'd'}}, "sources['niv2'] is 'd': give a list"),
    ({'settings': ['zs_op']}, "Did you mean 'zs_opt'"),
    ({'settings': []}, '--settings is empty'),
    ({'settings': 'zs_opt'}, "settings is 'zs_opt': give a list"),
    ({'name': 'a:b'}, "--name 'a:b'"),
    ({'cap': -1}, '--cap is -1'),
    ({'validation_cap': -1}, '--validation_cap is -1'),
    ({'validation_fraction': 0.5}, 'within'),
    ({'inputs_length': 3}, '--inputs_length is 3: it must be at least 8'),
    ({'targets_length': 3}, '--targets_length is 3'),
    ({'seed': 1 << 63}, '--seed is'),
    ({'shard_mb': float('nan')}, '--shard_mb is nan'),
    ({'exemplars': (3, 1)}, '--exemplars 3 1: two of 1 to '),
    ({'exemplars': (0, 1)}, '--exemplars 0 1'),
    ({'exemplars': (1, 999)}, '--exemplars 1 999'),
  ],
)
def test_a_value_that_breaks_a_rule_is_refused(config, changes, message):
  with pytest.raises(UserError) as e:
    config(**changes)
  assert message in str(e.value)


@pytest.fixture
def written(config, vocabulary_path):
  """Makes what the plan keeps of a configuration."""
  vocabulary = vocabularies.load(vocabulary_path, None)

  def make(**changes):
    made = config(**changes)
    templates = OwnTemplates.read('')
    return made.as_written(vocabulary, templates, {'cot:gsm8k': {'source': 0}})

  return make


@pytest.mark.parametrize(
  ('changes', 'key'),
  [
    ({'settings': ['fs_opt']}, 'settings'),
    ({'promptsource': 'p'}, 'read_options'),
    ({'inputs_length': 99}, 'lengths'),
    ({'targets_length': 99}, 'lengths'),
    ({'decoder_only': True}, 'lengths'),
    ({'exemplars': (2, 3)}, 'shots'),
    ({'cap': 0}, 'cap'),
    ({'validation_cap': 0}, 'validation_cap'),
    ({'validation_fraction': 0.1}, 'validation_fraction'),
    ({'name': 'other'}, 'name'),
    ({'seed': 1}, 'seed'),
    ({'shard_mb': 1}, 'shard_bytes'),
    ({'provenance': True}, 'provenance'),
    ({'keep_text': True}, 'keep_text'),
  ],
)
def test_the_plan_keeps_all_that_bytes_depend_on(written, changes, key):
  one, two = written(), written(**changes)
  assert {k for k in one if one[k] != two[k]} == {key}
  assert json.loads(json.dumps(two)) == two


def test_the_plan_keeps_nothing_that_changes_no_byte(written):
  assert 'block_rows' not in written()['read_options']
