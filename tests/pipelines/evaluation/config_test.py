"""A configuration refuses what no run can do, and names the flag."""

import pytest

from ul2_flan.pipelines.evaluation import Config
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.evaluation import suites


def config(**changes) -> Config:
  fields = {'sources': {'bbh': ['a']}, 'vocabulary': 'v', **changes}
  return Config(**fields)


@pytest.mark.parametrize(
  ('changes', 'message'),
  [
    ({'sources': {'bhb': ['a']}}, "--source: unknown suite 'bhb'.*'bbh'"),
    ({'sources': {'bbh': 'a'}}, r"sources\['bbh'\] is 'a': give a list"),
    ({'suites': ['mmlu']}, '--suites mmlu: no --source mmlu=DIR is given'),
    ({'tasks': ['bbh:snark']}, "--tasks: unknown task .*'bbh:snark|'snarks'"),
    ({'without': ['x:snarks']}, "--without: unknown suite 'x'"),
    ({'variants': ['cott']}, "variant of --variants 'cott'.*'cot'"),
    ({'variants': 'cot'}, "variants is 'cot': give a list"),
    ({'split': 'validatoin'}, "split of --split 'validatoin'.*'validation'"),
    ({'template': 'hendryks'}, "template of --template .*'hendrycks'"),
    ({'samples': 0}, '--samples is 0: it must be at least 1'),
    ({'exemplars': -1}, '--exemplars is -1: it must be at least 0'),
    ({'inputs_length': 7}, '--inputs_length is 7: it must be at least 8'),
    ({'targets_length': 1 << 21}, '--targets_length is .* at most'),
    ({'name': 'a:b'}, "--name 'a:b'"),
    ({'option_orders': 5}, '--option_orders is 5: it must be at most 4'),
    ({'option_order': 1, 'option_orders': 2}, '--option_order 1 .*one of them'),
  ],
)
def test_what_no_run_can_do_is_refused(changes, message):
  with pytest.raises(UserError, match=message):
    config(**changes)


def test_variants_are_those_that_a_suite_has():
  bbh, tydiqa = suites.load('bbh'), suites.load('tydiqa')
  assert config().variants_of(bbh) == ['direct', 'cot']
  assert config(variants=['cot']).variants_of(bbh) == ['cot']
  assert config(variants=['cot']).variants_of(tydiqa) == []
