"""Accounts of whole runs add everything up before they judge."""

import pytest
from support.tiny_plans import plan_of_sizes

from ul2_flan.pipelines.run import Budget, Counts
from ul2_flan.pipelines.run.accounts import WholeAccounts


class Balanced(WholeAccounts):
  """Takes runs of which as much came as went."""

  @staticmethod
  def check(counts: Counts) -> None:
    if counts['a/in'] != counts['a/out']:
      raise AssertionError(f'{counts["a/in"]} in, {counts["a/out"]} out')


def test_groups_are_judged_together():
  accounts = Balanced(plan_of_sizes([1]), Budget())
  accounts.close('g', Counts({'a': {'in': 2}}))
  accounts.close('h', Counts({'a': {'in': 1}}))
  accounts.end(Counts({'a': {'out': 3}}), 'out')
  assert accounts.left_out == {}


def test_what_is_lost_is_found_at_the_end():
  accounts = Balanced(plan_of_sizes([1]), Budget())
  accounts.close('g', Counts({'a': {'in': 2}}))
  with pytest.raises(AssertionError, match='2 in, 0 out'):
    accounts.end(Counts(), 'out')


@pytest.mark.parametrize('mixtures', [{}, {'g': {'g:a': 0.5, 'g:b': 0.5}}])
def test_mixtures_are_those_of_the_plan(mixtures):
  plan = plan_of_sizes([1], manifest={'mixtures': mixtures})
  assert Balanced(plan, Budget()).mixtures == mixtures
