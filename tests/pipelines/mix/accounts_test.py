"""A mix run has as many examples as places."""

import pytest

from ul2_flan.pipelines.mix.accounts import MixAccounts, records
from ul2_flan.pipelines.run import Budget, Counts, Plan


def counts_of(train: int, validation: int) -> Counts:
  counts = Counts()
  counts.add('mix/train/places', 9)
  counts.add('mix/validation/places', 4)
  counts.add('mix/train/examples', train)
  counts.add('mix/validation/examples', validation)
  return counts


def test_as_many_examples_as_places_are_right():
  MixAccounts.check(counts_of(9, 4))


@pytest.mark.parametrize(('train', 'validation'), [(8, 4), (10, 4), (9, 0)])
def test_more_or_fewer_examples_are_noticed(train, validation):
  accounts = MixAccounts(Plan('mix', {}, (), {}, {}, {}), Budget(0.01))
  accounts.close('m', counts_of(train, validation))
  with pytest.raises(AssertionError, match='were written of'):
    accounts.end(Counts(), 'output')


def test_an_example_may_be_left_out_by_its_key():
  counts = counts_of(7, 4)
  counts.add('mix/train/left_out_by_key', 2)
  MixAccounts.check(counts)


def test_a_work_items_records_are_the_examples_of_both_splits():
  assert records(counts_of(9, 4)) == {'read': 13, 'dropped': 0}
