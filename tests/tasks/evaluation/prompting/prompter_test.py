"""Exemplars go from the end until a prompt fits."""

import pytest

from ul2_flan.tasks.evaluation.prompting import Prompter
from ul2_flan.tasks.evaluation.reading import Question

PROMPTER = Prompter('Head.\n\n', lambda _: ['one', 'two'], lambda q: q.text)
QUESTION = Question(
  task='bbh:snarks', split='test', id='0', text='Q', answers=()
)


@pytest.mark.parametrize(
  ('longest', 'text', 'shown'),
  [
    (99, 'Head.\n\none\n\ntwo\n\nQ', 2),
    (18, 'Head.\n\none\n\ntwo\n\nQ', 2),
    (17, 'Head.\n\none\n\nQ', 1),
    (12, 'Head.\n\nQ', 0),
    (1, 'Head.\n\nQ', 0),
  ],
)
def test_what_fits(longest, text, shown):
  prompt = PROMPTER(QUESTION, lambda text: len(text) <= longest)
  assert prompt == (text, shown, 2 - shown)
