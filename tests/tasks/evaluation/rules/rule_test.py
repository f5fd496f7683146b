"""What each rule takes for the same answer."""

import pytest

from ul2_flan.tasks.evaluation.rules import RULES


@pytest.mark.parametrize(
  ('rule', 'reference', 'form'),
  [
    ('exact', ' ] ] ', '] ]'),
    ('exact', 'Yes', 'Yes'),
    ('option', '(C)', 'C'),
    ('option', 'C', 'C'),
    ('option', 'no option', ''),
    ('number', '114,200', '114200'),
    ('number', 'none', ''),
    ('squad', 'The Cat.', 'cat'),
  ],
)
def test_the_form_of_a_reference(rule, reference, form):
  assert RULES[rule].form(reference, 'en') == form


def test_answers_that_differ_in_case_are_one_vote_and_not_one_answer():
  rule = RULES['exact']
  assert rule.vote('Yes  SIR') == rule.vote('yes sir')
  assert rule.answer_form('Yes', 'en') != rule.form('yes', 'en')
