"""A part checks itself, and knows its leaves."""

import pytest

from ul2_flan.mixtures.part import Part
from ul2_flan.tasks.errors import UserError

COT = {'name': 'm', 'suites': ('cot',)}


@pytest.mark.parametrize(
  ('change', 'message'),
  [
    ({'name': 'a/b'}, "'a/b' is no name for a mixture or a part"),
    ({'suites': ()}, "'m' must have one of: parts; mixture; denoisers; suites"),
    ({'denoisers': 'ul2r'}, 'must have one of'),
    ({'suites': (), 'denoisers': 'ul3'}, "preset 'ul3'"),
    ({'unit': 'token'}, "unknown unit 'token'.*'tokens'"),
    ({'reasoning': 'chain'}, "unknown reasoning 'chain'"),
    ({'weight': 0.0}, 'weight 0.0'),
    ({'weight': float('inf')}, 'weight inf'),
    ({'weight': float('nan')}, 'weight nan'),
    ({'temperature': -1.0}, 'temperature -1.0: above 0'),
    ({'cap': -1}, 'cap is -1: at least 1, or 0 for none'),
    ({'few_shot': 1.5}, r'few_shot is 1.5: within \[0, 1\]'),
    ({'no_options': -0.5}, r'no_options is -0.5: within \[0, 1\]'),
  ],
)
def test_a_value_that_breaks_its_rule_is_named(change, message):
  with pytest.raises(UserError, match=message):
    Part(**{**COT, **change})


def test_two_parts_of_one_name_are_refused():
  with pytest.raises(UserError, match="two parts of 'all' have one name"):
    Part(name='all', parts=(Part(**COT), Part(**COT)))


def test_a_leaf_is_its_own_leaf():
  leaf = Part(**COT)
  assert list(leaf.leaves()) == [('m', leaf)]


def test_leaves_have_the_path_to_them():
  leaf = Part(**COT)
  inner = Part(name='inner', parts=(leaf,))
  outer = Part(name='outer', parts=(inner, leaf))
  assert list(outer.leaves()) == [('inner/m', leaf), ('m', leaf)]
