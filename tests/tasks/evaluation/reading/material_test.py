"""What the files of a suite hold of one task."""

import json

import pytest
from support.evaluation.suite_files import (
  BBES,
  BBH,
  MGSM,
  MMLU,
  TYDIQA,
  material,
)

from ul2_flan.tasks.errors import UserError


def test_mmlu():
  made = material('mmlu:anatomy', MMLU)
  assert {s: len(of) for s, of in made.questions.items()} == {
    'dev': 2, 'test': 2, 'validation': 1
  }  # fmt: skip
  first = made.questions['dev'][0]
  assert (first.text, first.options[0]) == ('What, now? ', 'a ')
  assert made.prompt.startswith('About anatomy.\n\nQ: X?')


def test_a_copy_of_mmlus_prompts_may_end_with_a_blank_line():
  prompts = json.loads(MMLU['mmlu-cot.json'])
  copy = json.dumps({key: text + '\n\n' for key, text in prompts.items()})
  made = material('mmlu:anatomy', {'cot_prompts.json': copy})
  assert made.prompt == prompts['anatomy']


def test_a_subject_that_mmlus_prompts_lack_has_none():
  assert material('mmlu:virology', MMLU).prompt == ''


def test_bbh():
  made = material('bbh:navigate', BBH)
  assert [q.answers for q in made.questions['test']] == [('Yes',), ('No',)]
  assert made.prompt.startswith('Say where you are.\n\nQ: One?')


def test_choices_of_big_bench_have_credits_and_examples_are_distinct():
  made = material('bbes:crass_ai', BBES)
  one, two = made.questions['test']
  assert (one.options, one.credits) == (('red', 'green', 'blue'), (0, 1, 0.5))
  assert (one.answers, two.answers) == (('green',), ('no',))
  assert made.settings['task_prefix'] == 'Say.'
  made = material('bbes:physics_questions', BBES)
  assert [q.answers for q in made.questions['test']] == [
    ('',), ('1 m', '1.0 m'), ('2 m/s',), ('3 s',),
  ]  # fmt: skip


def test_mgsm_has_its_exemplars_by_number():
  made = material('mgsm:de', MGSM)
  assert made.questions['test'][1].answers == ('114,200',)
  assert [q for q, _ in made.chains] == ['Frage: Eins?', 'Frage: Zwei?']
  assert material('mgsm:sw', MGSM).chains == ()


def test_tydiqa_has_the_rows_of_its_language():
  made = material('tydiqa:fi', TYDIQA)
  assert {s: [q.id for q in of] for s, of in made.questions.items()} == {
    'train': ['finnish-1'], 'validation': ['finnish-2'],
  }  # fmt: skip
  assert made.questions['train'][0].answers == ('Kissa',)
  assert material('tydiqa:ko', TYDIQA).questions == {}


def test_files_of_an_export_go_on_with_the_numbers():
  row = json.dumps({'input': 'x', 'target': 'y'})
  files = {f'navigate/test-{i}.jsonl': f'{row}\n{row}\n' for i in range(2)}
  questions = material('bbh:navigate', files).questions['test']
  assert [q.id for q in questions] == ['0', '1', '2', '3']


@pytest.mark.parametrize(
  ('name', 'files'),
  [
    (
      'bbh:navigate',
      {'navigate/test-0.jsonl': '{"input": "x", "target": "y"}'},
    ),
    ('bbh:navigate', {'copy/navigate.json': BBH['bbh/navigate.json']}),
  ],
)
def test_the_same_questions_twice(name, files):
  with pytest.raises(UserError, match='leave one of them out'):
    material(name, BBH | files)


def test_rows_that_are_no_questions_are_told():
  """Of one task, and in all of its files."""
  files = {
    'navigate/test-0.jsonl': '{"input": "x"}\n{"input": "x", "target": "y"}',
    'navigate/test-1.jsonl': '{"input": "x", "target": "y"}\n{"target": "z"}',
    'snarks/test-0.jsonl': '{"target": "z"}',
  }
  made = material('bbh:navigate', files)
  assert [one.id for one in made.questions['test']] == ['1', '2']
  assert [(one.path, one.place) for one in made.left_out] == [
    ('navigate/test-0.jsonl', 0), ('navigate/test-1.jsonl', 1)
  ]  # fmt: skip


@pytest.mark.parametrize(
  ('files', 'name', 'message'),
  [
    ({'snarks.txt': 'Hm.'}, 'bbh:snarks', 'has no line of dashes'),
    ({'snarks/task.json': '{}'}, 'bbes:snarks', 'is no task of BIG-bench'),
    ({'mmlu-cot.json': '[]'}, 'mmlu:virology', 'has no texts by subject, such'),
    ({'mmlu-cot.json': '{"virology": 5}'}, 'mmlu:virology', 'no texts by subj'),
  ],
)
def test_prompts_that_are_not_there(files, name, message):
  with pytest.raises(UserError, match=message):
    material(name, files)
