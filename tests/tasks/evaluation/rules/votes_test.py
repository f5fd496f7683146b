"""Majorities, and what fewer samples would have said."""

import itertools
from statistics import fmean

from hypothesis import given, settings
from hypothesis import strategies as st
import pytest

from ul2_flan.tasks.evaluation.rules.votes import expected_accuracy, majority

samples = st.lists(st.sampled_from(['a', 'b', 'c', '']), min_size=1, max_size=6)


@given(samples)
def test_the_majority_is_most_frequent_and_the_first_of_equals(votes):
  winner = majority(votes)
  voted = [vote for vote in votes if vote]
  assert winner == max(voted, key=voted.count, default='')


def test_a_tie_goes_to_the_greater_sum_of_log_likelihoods():
  votes = ['a', 'b', 'a', 'b', 'c']
  assert majority(votes, [-1, -4, -4, -2, 0]) == 'a'
  assert majority(votes, [-3, -1, -3, -2, 0]) == 'b'
  assert majority(votes, [-2, -1, -1, -2, 0]) == 'a'  # the first


def test_samples_without_an_answer_do_not_vote():
  assert majority(['', '', 'b']) == 'b'
  assert majority(['', '']) == ''


@settings(max_examples=40)
@given(samples, st.data())
def test_fewer_samples_score_what_all_their_orders_do(votes, data):
  right = [vote in ('a', 'c') for vote in votes]
  size = data.draw(st.integers(1, len(votes)))
  orders = itertools.permutations(votes, size)
  brute = fmean(majority(order) in ('a', 'c') for order in orders)
  assert expected_accuracy(votes, right, size) == pytest.approx(brute)


def test_one_sample_scores_their_share_and_all_score_the_majority():
  votes = ['a'] * 25 + ['b'] * 10 + [''] * 5
  right = [vote == 'a' for vote in votes]
  assert expected_accuracy(votes, right, 1) == pytest.approx(25 / 40)
  assert expected_accuracy(votes, right, 40) == 1
  assert 0.8 < expected_accuracy(votes, right, 5) < 1
