"""From rows of data sets to questions."""

import pytest

from ul2_flan.tasks.evaluation import suites
from ul2_flan.tasks.evaluation.reading.benchmarks import asked_of
from ul2_flan.tasks.rendering.instances.reject import RejectError

NLP = suites.load('nlp')


def asked(key: str, kind: str, row: dict) -> dict:
  task = NLP.task(key)
  source = next(s for s in suites.sources_of(task) if s.kind == kind)
  (made,) = asked_of(task, source, row)
  return made


BOOLQ = {'passage': 'Ice is cold. ', 'question': 'is ice cold', 'label': True}


def test_labels_are_choices():
  assert asked('boolq', 'jsonl', BOOLQ) == {
    'text': 'is ice cold',
    'passage': 'Ice is cold.',
    'asked': ('Ice is cold.\nquestion: is ice cold?\nanswer:',),
    'answers': ('yes',),
    'options': ('no', 'yes'),
    'credits': (0.0, 1.0),
    'endings': (),
  }


def test_braces_of_a_text_are_letters():
  made = asked('boolq', 'jsonl', {**BOOLQ, 'passage': '{text} {0}'})
  assert made['asked'][0].startswith('{text} {0}\nquestion: is')


def test_a_choice_of_winogrande_has_a_prompt_of_its_own():
  row = {
    'sentence': 'Bo met Cy, so _ left.', 'option1': 'Bo', 'option2': 'Cy',
    'answer': '2',
  }  # fmt: skip
  made = asked('winogrande', 'jsonl', row)
  assert made['asked'] == ('Bo met Cy, so Bo', 'Bo met Cy, so Cy')
  assert made['endings'] == ('left.', 'left.')
  assert made['options'] == ('Bo', 'Cy')
  assert made['credits'] == (0.0, 1.0)


def test_answers_and_their_other_names_are_told_once():
  row = {
    'Data': {
      'Question': 'Who?', 'Answer': {'Value': 'Bo', 'Aliases': ['Bob', 'Bo']}
    }
  }  # fmt: skip
  made = asked('trivia_qa', 'json', row)
  assert made['answers'] == ('Bo', 'Bob')
  assert made['asked'] == ('Q: Who?\nA:',)


def test_entities_are_compared_without_case_and_articles():
  row = {
    'passage': 'P', 'query': '@placeholder ran', 'entities': ['The UN', 'Bo'],
    'answers': ['UN'],
  }  # fmt: skip
  assert asked('record', 'tfds', row)['credits'] == (1.0, 0.0)


def test_a_choice_may_stand_twice():
  row = {'goal': 'g', 'sol1': 'x', 'sol2': 'x', 'label': 1}
  made = asked('piqa', 'tfds', row)
  assert made['options'] == ('x', 'x')
  assert made['credits'] == (0.0, 1.0)


def test_no_entity_may_be_right():
  row = {
    'passage': 'P', 'query': '@placeholder', 'entities': ['Al', 'Bo'],
    'answers': ['Cy'],
  }  # fmt: skip
  made = asked('record', 'tfds', row)
  assert made['credits'] == (0.0, 0.0)
  assert made['answers'] == ('Cy',)


@pytest.mark.parametrize(
  ('key', 'kind', 'row', 'problem'),
  [
    ('boolq', 'jsonl', {**BOOLQ, 'label': -1}, 'no_label'),
    (
      'rte', 'jsonl', {'premise': '', 'hypothesis': '', 'label': 1},
      'empty_question',
    ),
    ('web_questions', 'tfds', {'question': 'q', 'answers': []}, 'no_answer'),
    (
      'hellaswag', 'tfds', {'context': 'c', 'endings': ['x'], 'label': 0},
      'bad_options',
    ),
    (
      'record', 'tfds',
      {'passage': 'P', 'query': 'q', 'entities': ['a', 'b'], 'answers': []},
      'no_answer',
    ),
  ],
)  # fmt: skip
def test_a_row_without_a_question_is_refused(key, kind, row, problem):
  with pytest.raises(RejectError, match=problem):
    asked(key, kind, row)
