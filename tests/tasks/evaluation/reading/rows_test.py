"""Rows of every form become the same questions."""

import pytest

from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.evaluation.reading import NoQuestion, Question, questions_of
from ul2_flan.tasks.evaluation.suites import load


def only(suite, row, key=''):
  (question,) = questions_of(load(suite), [row], 'test', key)
  return question


@pytest.mark.parametrize(
  'row',
  [
    {'question': 'Q', 'choices': ['a', 'b', 'c', 'd'], 'answer': 2},
    {'question': b'Q', 'choices': [b'a', b'b', b'c', b'd'], 'answer': 'C'},
    {'question': 'Q', 'A': 'a', 'B': 'b', 'C': 'c', 'D': 'd', 'answer': 'C'},
    {'input': 'Q', 'A': 'a', 'B': 'b', 'C': 'c', 'D': 'd', 'target': 'C'},
    {
      'question': 'Q', 'choice0': 'a', 'choice1': 'b', 'choice2': 'c',
      'choice3': 'd', 'answer': '2',
    },
  ],
)  # fmt: skip
def test_mmlu(row):
  question = only('mmlu', row, 'anatomy')
  assert question == only('mmlu', row | {'subject': 'anatomy'})
  assert (question.text, question.answers) == ('Q', ('C',))
  assert question.options == ('a', 'b', 'c', 'd')
  assert (question.task, question.key) == ('mmlu:anatomy', 'test-0')


@pytest.mark.parametrize(
  'answers',
  [
    {'text': ['x', 'y', 'x'], 'answer_start': [0, 1, 2]},
    {'text': [b'x', b'y']},
    [{'text': 'x', 'answer_start': 0}, {'text': 'y'}],
  ],
)
def test_tydiqa_has_all_references_once(answers):
  row = {
    'id': 'korean-5-1',
    'question': 'Q',
    'context': 'P',
    'answers': answers,
  }
  question = only('tydiqa', row)
  assert question == only('tydiqa', row, 'ko')
  assert (question.task, question.id) == ('tydiqa:ko', 'korean-5-1')
  assert (question.passage, question.answers) == ('P', ('x', 'y'))


def test_mgsm():
  exported = {'question': 'Q', 'answer': None, 'answer_number': 18}
  plain = {'question': 'Q', 'answer': '18'}
  assert only('mgsm', exported, 'bn') == only('mgsm', plain, 'bn')
  exemplar = exported | {'answer': 'A chain.'}
  assert only('mgsm', exemplar, 'bn').chain == 'A chain.'


GOOD = {
  'bbh': {'input': 'x', 'target': 'y'},
  'mmlu': {'question': 'Q', 'choices': list('abcd'), 'answer': 3},
  'tydiqa': {
    'id': '1', 'question': 'Q', 'context': 'P', 'answers': [{'text': 'A'}]
  },
}  # fmt: skip


@pytest.mark.parametrize(
  ('suite', 'row', 'reason', 'message'),
  [
    (
      *('bbh', {'input': 'x'}, 'missing_field'),
      "it has no 'target'. Its columns: input",
    ),
    ('mmlu', {**GOOD['mmlu'], 'answer': 4}, 'no_question', 'range'),
    ('mmlu', {**GOOD['mmlu'], 'answer': 'E'}, 'no_question', "'E'"),
    ('mmlu', 5, 'no_question', 'Its columns: none'),
    (
      *('tydiqa', {**GOOD['tydiqa'], 'answers': []}, 'no_answer'),
      'no_answer. Its columns: id, question',
    ),
  ],
)
def test_a_row_that_is_no_question(suite, row, reason, message):
  key = next(iter(load(suite).tasks))
  good = only(suite, GOOD[suite], key)
  rows = [GOOD[suite], row, GOOD[suite]]
  first, none, last = questions_of(load(suite), rows, 'test', key, 'f.json')
  assert first == good
  assert isinstance(none, NoQuestion)
  assert (none.task, none.path, none.place) == (good.task, 'f.json', 1)
  assert none.reason == reason
  assert 'row 1 of test is no question' in none.detail
  assert message in none.detail
  # Others keep the ids that they have where the row is mended.
  assert isinstance(last, Question)
  assert last.id in ('2', GOOD[suite].get('id'))


def test_a_language_that_no_id_names():
  row = {'id': 'thai-1', 'question': 'Q', 'context': 'P', 'answers': []}
  with pytest.raises(UserError, match="its id 'thai-1' names no language"):
    list(questions_of(load('tydiqa'), [row], 'train'))
