"""Which of a benchmark's sources is read, and how much of it."""

import json
from pathlib import Path

import pytest

from ul2_flan.pipelines.evaluation.benchmark_rows import find, material_of
from ul2_flan.pipelines.task_sources import Index
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.evaluation import suites

NLP = suites.load('nlp')


def write(path: Path, rows: list[dict]) -> None:
  path.parent.mkdir(parents=True, exist_ok=True)
  path.write_text(''.join(f'{json.dumps(row)}\n' for row in rows))


def boolq(count: int, label: str) -> list[dict]:
  return [
    {'passage': f'P{i}', 'question': f'q {i}', label: i % 2 == 0}
    for i in range(count)
  ]


def test_the_first_source_with_the_split_is_read(tmp_path):
  write(tmp_path / 'super_glue/boolq/train.jsonl', boolq(3, 'label'))
  write(tmp_path / 'google/boolq/validation.jsonl', boolq(2, 'answer'))
  index, task = Index.of([str(tmp_path)]), NLP.task('boolq')
  for split, count in (('validation', 2), ('train', 3), ('test', 3)):
    pieces, number = find(task, index, split)
    (questions,) = material_of(task, pieces, number).questions.values()
    assert len(questions) == count
    assert [q.id for q in questions] == [*map(str, range(count))]
    assert questions[0].answers == ('yes',)


def test_no_file_is_no_question(tmp_path):
  write(tmp_path / 'other.jsonl', boolq(1, 'label'))
  pieces, number = find(NLP.task('rte'), Index.of([str(tmp_path)]), 'train')
  assert pieces == []
  assert material_of(NLP.task('rte'), pieces, number).questions == {}


def test_of_training_only_some_rows_are_read(tmp_path):
  rows = [{'question': f'q {i}', 'answer': [f'{i}']} for i in range(200)]
  write(tmp_path / 'NQ-open.train.jsonl', rows)
  write(tmp_path / 'NQ-open.dev.jsonl', rows)
  task, index = NLP.task('natural_questions'), Index.of([str(tmp_path)])
  for split, counts in (('validation', (64, 200)), ('train', (200, 200))):
    pieces, number = find(task, index, split)
    questions = material_of(task, pieces, number).questions
    assert (len(questions['train']), len(questions['validation'])) == counts


def test_a_row_that_is_no_question_is_named(tmp_path):
  rows = boolq(2, 'label')
  del rows[1]['question']
  write(tmp_path / 'BoolQ/val.jsonl', rows)
  task = NLP.task('boolq')
  pieces, number = find(task, Index.of([str(tmp_path)]), 'validation')
  with pytest.raises(UserError, match=r'val\.jsonl cannot be read at'):
    material_of(task, pieces, number)
  write(tmp_path / 'BoolQ/val.jsonl', [{**rows[0], 'label': -1}])
  pieces, number = find(task, Index.of([str(tmp_path)]), 'validation')
  with pytest.raises(UserError, match=r'row 0 of validation .* no_label'):
    material_of(task, pieces, number)
