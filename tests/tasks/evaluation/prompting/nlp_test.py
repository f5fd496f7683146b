"""The prompts of U-PaLM's benchmarks."""

import pytest

from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.evaluation import suites
from ul2_flan.tasks.evaluation.prompting import prompter
from ul2_flan.tasks.evaluation.reading import Material, with_rows

NLP = suites.load('nlp')


def material(key: str, **splits: list[dict]) -> Material:
  task = NLP.task(key)
  source = next(s for s in suites.sources_of(task) if s.kind == 'tfds')
  return with_rows(Material(task, {}), splits, 'x', key, source)


def squad(passage: str, *answers: str) -> dict:
  return {
    'context': passage, 'question': 'Who?', 'answers': {'text': [*answers]}
  }  # fmt: skip


def test_an_exemplar_is_of_training():
  made = material(
    'squad_v2',
    train=[squad('P.', 'P'), squad('Q.', 'Q')],
    validation=[squad('Q.'), squad('P.', 'P')],
  )
  first, second = made.questions['validation']
  prompt = prompter(made, 'direct')(first)
  assert prompt.text == (
    'Answer with words of the passage, or with: unanswerable\n\n'
    'Passage: P.\nQuestion: Who?\nAnswer: P\n\n'
    'Passage: Q.\nQuestion: Who?\nAnswer:'
  )
  assert first.answers == ('unanswerable',)
  assert (prompt.exemplars, prompt.dropped) == (1, 0)
  # The passage that is asked about would tell the answer.
  assert 'Passage: Q.' in prompter(made, 'direct')(second).text
  assert prompter(made, 'direct', exemplars=0)(second).exemplars == 0


def test_without_training_it_is_another_question():
  rows = [{'question': f'who {i}', 'answer': [f'{i}']} for i in range(2)]
  made = material('natural_questions', validation=rows)
  texts = [
    prompter(made, 'direct')(q).text for q in made.questions['validation']
  ]
  assert texts == [
    'Q: who 1?\nA: 1\n\nQ: who 0?\nA:',
    'Q: who 0?\nA: 0\n\nQ: who 1?\nA:',
  ]
  alone = material('natural_questions', validation=rows[:1])
  with pytest.raises(UserError, match='a second question'):
    prompter(alone, 'direct')(alone.questions['validation'][0])


def test_ranked_choices_have_no_exemplar():
  row = {'goal': 'Sit.', 'sol1': 'Down.', 'sol2': 'Up.', 'label': 0}
  made = material('piqa', train=[row], validation=[row])
  prompt = prompter(made, 'direct')(made.questions['validation'][0])
  assert prompt == ('Question: Sit.\nAnswer:', 0, 0)


def test_the_last_word_is_left_out():
  rows = [{'passage': f'{name} is {name}'} for name in ('Bo', 'Cy')]
  made = material('lambada', train=rows[:1], test=rows[1:])
  prompt = prompter(made, 'direct')(made.questions['test'][0])
  assert prompt.text == 'Bo is ____. -> Bo\n\nCy is ____. ->'
