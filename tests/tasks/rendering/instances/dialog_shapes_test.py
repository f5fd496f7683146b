"""Conversations, through the tasks that have them."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
import pytest
from support.instances import Row, each_row, prepare_row, prepare_rows

from ul2_flan.tasks.rendering.instances.dialog_shapes import (
  chat,
  completion,
  taskmaster,
)
from ul2_flan.tasks.rendering.instances.reject import RejectError

CASES: list[Row] = [
  (
    'flan2021:coqa',
    'tfds',
    {
      'story': 'S',
      'questions': ['a?', 'b?'],
      'answers': {'input_text': ['x', 'y']},
    },
    {'questions': '1. a?\n2. b?', 'answers': '1. x\n2. y'},
  ),
  (
    'dialog:qrecc',
    'export',
    {'Context': ['a?', 'b'], 'Question': 'c?', 'Answer': 'd'},
    {'dialog': ('a?', 'b', 'c?'), 'answer': 'd'},
  ),
  (
    'dialog:wiki_dialog',
    'tfds',
    {'utterances': ['a?', 'b'], 'title': 'T'},
    {'dialog': ('a?',), 'answer': 'b'},
  ),
  (
    'dialog:task_master',
    'taskmaster',
    {
      'utterances': [
        {'speaker': 'ASSISTANT', 'text': 'Hello?'},
        {'speaker': 'USER', 'text': 'Hi.'},
        {'speaker': 'USER', 'text': 'A tea.'},
        {'speaker': 'ASSISTANT', 'text': 'Sure.'},
      ]
    },
    {'dialog': ('Hi. A tea.',), 'answer': 'Sure.'},
  ),
]


@each_row(CASES)
def test_rows_become_instances(
  name: str, kind: str, row: dict[str, Any], expected: dict[str, Any]
) -> None:
  assert expected.items() <= prepare_row(name, kind, row).items()


def test_the_turn_to_give_depends_on_the_key() -> None:
  row = {'utterances': [f'turn {i}' for i in range(12)]}
  many = prepare_rows('dialog:wiki_dialog', 'tfds', *[row] * 100).instances
  assert set(many.columns['answer']) == {f'turn {i}' for i in range(1, 12, 2)}
  some = prepare_rows('dialog:wiki_dialog', 'tfds', *[row] * 40).instances
  assert some.columns['answer'] == many.columns['answer'][:40]


@given(st.lists(st.sampled_from(['user', 'assistant'])), st.integers(0, 2**64))
def test_turns_of_taskmaster_alternate_from_the_user_on(
  speakers: list[str], bits: int
) -> None:
  utterances = [
    {'speaker': who, 'text': f'{who[0]}{i}'} for i, who in enumerate(speakers)
  ]
  if 'user,assistant' not in ','.join(speakers):
    with pytest.raises(RejectError, match='too_short'):
      taskmaster({'turns': utterances}, bits)
    return
  (fields,) = taskmaster({'turns': utterances}, bits)
  turns = (*fields['dialog'], fields['answer'])
  assert [turn[0] for turn in turns] == ['ua'[i % 2] for i in range(len(turns))]
  start = speakers.index('user')
  said = [u['text'] for u in utterances[start:]]
  assert ' '.join(turns).split() == said[: len(' '.join(turns).split())]


def test_questions_without_as_many_answers_are_rejected() -> None:
  row = {
    'story': 'S',
    'questions': ['a?', 'b?'],
    'answers': {'input_text': ['x']},
  }
  prepared = prepare_rows('flan2021:coqa', 'tfds', row)
  assert prepared.rejects == {'answers_missing': [0]}


def said(*texts: str, first: str = 'user') -> list[dict[str, str]]:
  roles = ('user', 'assistant') if first == 'user' else ('assistant', 'user')
  return [
    {'role': roles[i % 2], 'content': text} for i, text in enumerate(texts)
  ]


@given(st.lists(st.from_regex(r'[a-z]{1,9}', fullmatch=True), max_size=9))
def test_a_chat_gives_every_turn_of_the_assistant_once(texts: list[str]):
  if len(texts) < 2:
    with pytest.raises(RejectError):
      chat({'messages': said(*texts)}, 0)
    return
  made = chat({'messages': said(*texts)}, 0)
  assert [row['answer'] for row in made] == texts[1::2]
  assert made[0]['prompt'] == texts[0]
  for row, at in zip(made[1:], range(3, len(texts), 2), strict=True):
    assert [
      line.partition(': ')[2] for line in row['prompt'].splitlines()[:-1]
    ] == texts[:at]
    assert row['prompt'].endswith('\nAssistant:')


def test_chats_of_all_forms_are_one():
  system = {'role': 'system', 'content': 'Be kind.'}
  parts = [{'type': 'text', 'text': 'a?'}]
  forms = [
    {'messages': [system, *said('a?', 'b')]},
    {
      'messages': [system, {'role': 'user', 'content': parts}, said('', 'b')[1]]
    },
    {
      'conversations': [
        {'from': 'system', 'value': 'Be kind.'},
        {'from': 'human', 'value': 'a?'},
        {'from': 'gpt', 'value': 'b'},
      ]
    },
  ]
  wanted = [{'prompt': 'Be kind.\n\na?', 'answer': 'b'}]
  assert [chat(form, 0) for form in forms] == [wanted] * 3
  row = {'prompt': [system, *said('a?')], 'completion': said('', 'b')[1:]}
  assert completion(row, 0) == wanted


@pytest.mark.parametrize(
  ('row', 'reason'),
  [
    ({'text': 'a'}, 'no_messages'),
    ({'messages': [{'role': 'tool', 'content': '3'}]}, 'unknown_role'),
    ({'messages': [{'role': 'user', 'content': None}]}, 'not_text'),
    (
      {'messages': [{'role': 'user', 'content': [{'type': 'image'}]}]},
      'not_text',
    ),
    ({'messages': said('a', first='assistant')}, 'too_short'),
  ],
)
def test_what_is_no_chat_of_text_is_rejected(row, reason: str):
  with pytest.raises(RejectError, match=reason):
    chat(row, 0)


def test_a_completion_needs_two_columns_that_go_together():
  with pytest.raises(RejectError, match='no_prompt'):
    completion({'prompt': 'a', 'targets': 'b'}, 0)
