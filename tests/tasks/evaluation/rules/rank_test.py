"""Ranks of choices, beside t5's."""

import random

from hypothesis import given
from hypothesis import strategies as st
import pytest

from ul2_flan.tasks.evaluation import scores
from ul2_flan.tasks.evaluation.rules.rank import (
  RANK_BY,
  Choice,
  f1_of,
  rank_f1_parts,
  rank_scores,
)

# t5's dependencies warn when they are imported.
pytestmark = pytest.mark.filterwarnings('ignore')

# Distinct scores: t5 takes the first of a tie.
questions = st.lists(
  st.lists(
    st.tuples(st.floats(-50, -1), st.booleans(), st.integers(1, 9)),
    min_size=2, max_size=4, unique_by=lambda one: one[0] / one[2],
  ).filter(lambda of: len({one[0] for one in of}) == len(of)),
  min_size=1, max_size=5,
)  # fmt: skip


@given(questions, st.randoms(use_true_random=False))
def test_accuracies_are_those_of_t5(questions, shuffle: random.Random):
  rows = [
    (Choice(q, c, float(right), tokens, 1), score)
    for q, choices in enumerate(questions)
    for c, (score, right, tokens) in enumerate(choices)
  ]
  shuffle.shuffle(rows)
  choices, values = zip(*rows, strict=True)
  ours = rank_scores(choices, values)
  targets = [((c.question, c.choice), c.credit, 1.0, c.tokens) for c in choices]
  theirs = scores._t5().rank_classification(targets, values)
  assert ours['accuracy'] == pytest.approx(theirs['accuracy'])
  theirs = scores._t5().rank_classification(
    targets, values, normalize_by_target_length=True
  )
  assert ours['accuracy_per_token'] == pytest.approx(theirs['accuracy'])
  assert ours['ties'] == 0


def two(*rows):
  choices = [
    Choice(q, c, float(c == right), 1, 1)
    for q, (right, *_) in enumerate(rows)
    for c in range(2)
  ]
  return rank_scores(choices, [s for _, *pair in rows for s in pair])


def test_f1a_is_that_of_the_second_choice_over_all_questions():
  # Right yes, missed yes, wrong yes, right no.
  found = two((1, -2, -1), (1, -1, -2), (0, -2, -1), (0, -1, -2))
  assert found['accuracy'] == 50
  assert found['f1a'] == pytest.approx(100 * 2 / 4)
  assert two((0, -1, -2))['f1a'] == 0


def test_ties_are_counted_and_share_their_credits():
  found = two((1, -1, -1), (0, -1, -2))
  assert (found['accuracy'], found['ties']) == (75, 50)


def test_lengths_change_ranks():
  choices = [Choice(7, 0, 1.0, 10, 10), Choice(7, 1, 0.0, 1, 9)]
  found = rank_scores(choices, [-10, -9])
  assert found['accuracy'] == 0
  assert found['accuracy_per_token'] == 100
  assert (found['accuracy_per_character'], found['ties']) == (50, 0)


def test_soft_scores_and_questions_of_different_sizes():
  choices = [
    Choice(0, 0, 0.25, 1, 1), Choice(0, 1, 0.75, 1, 1), Choice(0, 2, 0.0, 1, 1),
    Choice(1, 0, 1.0, 1, 1), Choice(1, 1, 0.0, 1, 1),
  ]  # fmt: skip
  found = rank_scores(choices, [-3, -1, -2, -1, -2])
  assert found['accuracy'] == pytest.approx(100 * 1.75 / 2)
  assert 'f1a' not in found


def test_each_way_to_rank_can_be_the_one_that_counts():
  # The second choice is likelier per token, the first by their sum.
  choices = [Choice(0, 0, 1.0, 1, 9), Choice(0, 1, 0.0, 4, 9)]
  found = {by: rank_scores(choices, [-2.0, -4.0], by) for by in RANK_BY}
  assert {by: one['accuracy'] for by, one in found.items()} == {
    'sum': 100, 'token': 0, 'character': 100
  }  # fmt: skip
  assert [one['f1a'] for one in found.values()] == [0, 0, 0]
  for by, name in (
    ('sum', 'accuracy_by_sum'),
    ('token', 'accuracy_per_token'),
    ('character', 'accuracy_per_character'),
  ):
    assert name not in found[by]
    others = [one for other, one in found.items() if other != by]
    assert all(one[name] == found[by]['accuracy'] for one in others)


def test_what_f1_is_made_of():
  choices = [Choice(q, c, float(c == 1), 1, 1) for q in (0, 1) for c in (0, 1)]
  parts = rank_f1_parts(choices, [-2.0, -1.0, -1.0, -2.0])
  assert parts.tolist() == [[True, False], [False, True]]
  assert f1_of(parts.sum(0)) == pytest.approx(200 / 3)
  assert rank_f1_parts(choices[:3], [-1.0] * 3) is None
