"""What records have beside their token ids."""

import dataclasses

import numpy as np

from ul2_flan.pipelines.evaluation.columns import (
  RANK_NUMBERS,
  RANK_TEXTS,
  TEXTS,
  DataSet,
  rank_columns,
  text_columns,
)
from ul2_flan.tasks.evaluation.prompting import Prompt, Prompter
from ul2_flan.tasks.evaluation.reading import Question
from ul2_flan.tasks.ragged import Ragged

DATA_SET = DataSet(
  'e:nlp:x:direct', 0, 'nlp:x', 'direct', Prompter('', lambda _: (), str), 'f'
)
QUESTION = Question(
  task='nlp:x', split='test', id='4', text='T', answers=('Cy',),
  options=('Bo', 'Cy'), credits=(0.0, 1.0), endings=('ran', 'ran'),
)  # fmt: skip


def test_texts_are_those_of_each_records_prompt():
  prompts = [Prompt('Bo', 0, 0), Prompt('Cy', 0, 0)]
  found = text_columns(DATA_SET, [QUESTION] * 2, prompts, np.array([0, 1, 1]))
  assert {*found} == {*TEXTS}
  assert found['inputs_pretokenized'] == [b'Bo', b'Cy', b'Cy']
  assert found['id'] == [b'test-4'] * 3
  assert found['answers'] == [b'["Cy"]'] * 3


def test_ranks_tell_what_is_scored():
  ranked = dataclasses.replace(DATA_SET, ranked=True)
  targets = Ragged.of([[5, 6], [5, 6]])
  found = rank_columns(ranked, [QUESTION], [0, 1], targets)
  assert {*found} == {*RANK_TEXTS, *RANK_NUMBERS, 'targets_pretokenized'}
  assert found['targets_pretokenized'] == [b'ran', b'ran']
  assert found['credit'] == [b'0.0', b'1.0']
  assert [row.tolist() for row in found['question']] == [[4], [4]]
  assert [row.tolist() for row in found['tokens']] == [[2], [2]]


def test_written_answers_have_none():
  found = rank_columns(DATA_SET, [QUESTION], [0], Ragged.of([[5]]))
  assert found['credit'] == [b'']
