"""MMLU's prompts in three forms.

All 8,377 questions of the shared data were compared once with the originals:
lm-evaluation-harness's template, hendrycks/test's `evaluate.py`, and the 57
strings of jasonwei20/flan-2.
"""

import pytest
from support.evaluation.suite_files import CHAIN, MMLU, material

from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.evaluation.prompting import prompter

ABOUT = 'The following are multiple choice questions (with answers) about'


def ask(*template: str) -> str:
  made = material('mmlu:anatomy', MMLU)
  return prompter(made, *template)(made.questions['test'][0]).text


def test_flans_direct_prompt():
  assert (
    ask('direct')
    == f"""{ABOUT} anatomy.

Q: What, now?
(A) a  (B) b (C) c (D) d
A: (B)

Q: Why?
(A) 1
2 (B) 3 (C) 4 (D) 5
A: (D)

Q: Which?
(A) i (B) j  (C) k (D) l
A:"""
  )


def test_the_authors_own_prompt():
  assert (
    ask('direct', 'hendrycks')
    == f"""{ABOUT}  anatomy.

What, now?{' '}
A. a{' '}
B. b
C. c
D. d
Answer: B

Why?
A. 1
2
B. 3
C. 4
D. 5
Answer: D

 Which?{' '}
A. i
B. j{' '}
C. k
D. l
Answer:"""
  )


def test_the_chain_of_thought():
  assert (
    ask('cot')
    == f"""About anatomy.

Q: X?
(A) 1 (B) 2
{CHAIN} The answer is (A).

Q: Y?
{CHAIN} The answer is (B).

Q: Which?
(A) i (B) j  (C) k (D) l
{CHAIN}"""
  )


@pytest.mark.parametrize(
  ('variant', 'message'),
  [('direct', r'needs anatomy_dev\.csv'), ('cot', r'needs mmlu-cot\.json')],
)
def test_what_is_needed(variant, message):
  path = 'data/test/anatomy_test.csv'
  made = material('mmlu:anatomy', {path: MMLU[path]})
  with pytest.raises(UserError, match=message):
    prompter(made, variant)
