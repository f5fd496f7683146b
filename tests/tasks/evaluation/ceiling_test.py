"""An answer counts as writable if it is right after its way through ids."""

from pathlib import Path

import pytest

from ul2_flan.tasks.evaluation.ceiling import writable
from ul2_flan.tasks.evaluation.reading import Question
from ul2_flan.tasks.evaluation.suites import load
from ul2_flan.tasks.vocabulary import Vocabulary


@pytest.fixture(scope='module')
def vocabulary(vocabulary_path) -> Vocabulary:
  return Vocabulary(Path(vocabulary_path).read_bytes())


def count(task: str, vocabulary: Vocabulary, *answers: tuple[str, ...]) -> int:
  questions = [
    Question(task=task, split='test', id=str(i), text='?', answers=of)
    for i, of in enumerate(answers)
  ]
  return writable(
    load(task.partition(':')[0]).task(task), questions, vocabulary
  )


@pytest.mark.parametrize(
  ('task', 'answer', 'right'),
  [
    ('bbh:snarks', '(A)', 1),
    ('bbh:dyck_languages', '] 文', 0),
    ('bbh:word_sorting', 'the  cat', 0),  # spaces are one
    ('mmlu:anatomy', 'C', 1),
    ('tydiqa:ru', 'кошка', 0),
    ('tydiqa:en', 'the cat!', 1),
  ],
)
def test_answers_by_the_rules_of_their_suites(vocabulary, task, answer, right):
  assert count(task, vocabulary, (answer,)) == right


def test_one_of_several_references_is_enough(vocabulary):
  assert count('tydiqa:ru', vocabulary, ('кошка', 'the cat'), ('кот',)) == 1
