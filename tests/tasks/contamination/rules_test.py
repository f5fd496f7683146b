"""Rules as papers have them."""

import pytest

from ul2_flan.tasks.contamination import RULES, rules
from ul2_flan.tasks.errors import UserError


def test_words_and_shares_are_the_papers():
  assert {name: (r.words, r.share) for name, r in RULES.items()} == {
    '13gram': (13, 0.0),
    '12gram': (12, 0.0),
    'palm8': (8, 0.7),
  }
  assert all(rule.words >= rules.LEAST_WORDS for rule in RULES.values())


def test_nothing_found_is_never_contaminated():
  assert not any(rule.holds(0.0) for rule in RULES.values())
  assert all(rule.holds(1.0) for rule in RULES.values())


def test_an_unknown_rule_is_told_with_the_nearest():
  with pytest.raises(UserError, match=r"'13grams'.*'13gram'"):
    rules.load('13grams')
