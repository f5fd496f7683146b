"""TyDi QA's exemplar is the first about another passage."""

import json

import pytest
from support.evaluation.suite_files import TYDIQA, material

from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.evaluation.prompting import prompter


def test_the_exemplar_is_of_the_training_split():
  made = material('tydiqa:fi', TYDIQA)
  (question,) = made.questions['validation']
  assert (
    prompter(made, 'direct')(question).text
    == """Passage: Kissa.
Question: Mikä?
Answer: Kissa

Passage: Koira.
Question: Kuka?
Answer:"""
  )


def xquad(*passages: str):
  qas = [
    {'id': f'{i}', 'question': f'{i}?', 'answers': [{'text': f'{i}!'}]}
    for i in range(2)
  ]
  paragraphs = [
    {'context': text, 'qas': [qa | {'id': text + qa['id']} for qa in qas]}
    for text in passages
  ]
  data = json.dumps({'data': [{'paragraphs': paragraphs}]})
  return material('tydiqa:zh', {'xquad.zh.json': data})


def test_without_a_training_split_it_is_of_another_passage():
  made = xquad('a', 'b', 'c')
  shown = [
    prompter(made, 'direct')(question).text.partition('\n')[0]
    for question in made.questions['validation']
  ]
  assert shown == ['Passage: b'] * 2 + ['Passage: a'] * 4


def test_there_may_be_no_other_passage():
  made = xquad('a')
  with pytest.raises(UserError, match='no exemplar for the question a0'):
    prompter(made, 'direct')(made.questions['validation'][0])
