"""Records of many shapes, and the rows made of them."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ul2_flan.tasks import catalog
from ul2_flan.tasks.rendering.instances.prepare import Prepared, prepare
from ul2_flan.tasks.rendering.templates.family import load_family

# A record as the source has it, and what becomes of it.
CASES: list[tuple[str, str, dict[str, Any], dict[str, Any]]] = [
  (
    'flan2021:rte',
    'tfds',
    {'premise': ' A. ', 'hypothesis': 'B.', 'label': np.int64(1)},
    {'premise': 'A.', 'hypothesis': 'B.', 'answer': 'no'},
  ),
  (
    'flan2021:cb',
    'export',
    {'premise': 'A.', 'hypothesis': 'B.', 'label': 'neutral'},
    {'answer': 'it is not possible to tell'},
  ),
  (
    'flan2021:anli_r1',
    'export',
    {'premise': 'A.', 'hypothesis': 'B.', 'label': 2},
    {'premise': 'A.', 'answer': 'no'},
  ),
  (
    'flan2021:bool_q',
    'export',
    {'question': 'is it', 'passage': 'T -- It is.', 'answer': True},
    {'question': 'Is it?', 'passage': 'It is.', 'answer': 'yes'},
  ),
  (
    'flan2021:arc_easy',
    'tfds',
    {
      'question': 'Q?',
      'choices': {'text': ['x', 'y', 'z'], 'label': [0, 1, 2]},
      'answerKey': 2,
    },
    {'options': ('x', 'y', 'z'), 'answer': 'z'},
  ),
  (
    'flan2021:arc_easy',
    'export',
    {
      'question': 'Q?',
      'choices': {'text': ['x', 'y'], 'label': ['1', '2']},
      'answerKey': '2',
    },
    {'options': ('x', 'y'), 'answer': 'y'},
  ),
  (
    'flan2021:openbookqa',
    'tfds',
    {
      'question': {
        'stem': 'Q',
        'choice_A': 'a',
        'choice_B': 'b',
        'choice_C': 'c',
        'choice_D': 'd',
      },
      'answerKey': 3,
    },
    {'question': 'Q', 'answer': 'd'},
  ),
  (
    'flan2021:winogrande',
    'export',
    {'sentence': 'A _ b.', 'option1': 'x', 'option2': 'y', 'answer': '2'},
    {'answer': 'y'},
  ),
  (
    'flan2021:winogrande',
    'tfds',
    {'sentence': 'A _ b.', 'option1': 'x', 'option2': 'y', 'label': 0},
    {'answer': 'x'},
  ),
  (
    'flan2021:trec',
    'export',
    {'text': 'Who is it ?', 'coarse_label': 3},
    {'question': 'Who is it?', 'answer': 'a person or group'},
  ),
  (
    'flan2021:trec',
    'tfds',
    {'text': 'Where is it ?', 'label-coarse': 5},
    {'answer': 'a place'},
  ),
  (
    'flan2021:sentiment140',
    'tfds',
    {'text': 'yay', 'polarity': 4},
    {'answer': 'positive'},
  ),
  (
    'flan2021:ag_news_subset',
    'tfds',
    {'title': 'T', 'description': 'D', 'label': 3},
    {'text': 'T\nD', 'answer': 'science and technology'},
  ),
  (
    'flan2021:record',
    'tfds',
    {
      'passage': 'P\n@highlight\nH',
      'query': 'In @placeholder .',
      'entities': ['Rome', 'Oslo', 'Rome'],
      'answers': ['Oslo'],
    },
    {'passage': 'P\nH', 'options': ('Rome', 'Oslo'), 'answer': 'Oslo'},
  ),
  (
    'flan2021:squad_v2',
    'export',
    {'title': 'A_b', 'context': 'C', 'question': 'Q?', 'answers': {'text': []}},
    {'title': 'A b', 'answer': 'unanswerable'},
  ),
  (
    'flan2021:drop',
    'export',
    {
      'passage': 'P',
      'question': 'Q?',
      'answers_spans': {'spans': ['one', 'two'], 'types': ['span', 'span']},
    },
    {'answer': 'one, two'},
  ),
  (
    'flan2021:natural_questions',
    'tfds',
    {'question': 'who is she', 'answer': ['Ada', 'Ada L.']},
    {'question': 'Who is she?', 'answer': 'Ada'},
  ),
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
    'flan2021:stsb',
    'tfds',
    {'sentence1': 'a', 'sentence2': 'b', 'label': np.float32(3.5)},
    {'answer': '4', 'options': ('0', '1', '2', '3', '4', '5')},
  ),
  (
    'flan2021:wmt16_translate_csen',
    'export',
    {'translation': {'en': 'yes', 'cs': 'ano'}},
    {'text': 'yes', 'translation': 'ano', 'language': 'Czech'},
  ),
  (
    'flan2021:common_gen',
    'tfds',
    {'concepts': ['a', 'b'], 'target': 'A b.'},
    {'concepts': 'a, b'},
  ),
  (
    'flan2021:opinion_abstracts_idebate',
    'tfds',
    {
      '_debate_name': 'D',
      '_argument_sentences': {'key': ['1', '2'], 'value': ['x', 'y ']},
      '_claim': 'C',
    },
    {'arguments': 'x\n- y', 'claim': 'C'},
  ),
  (
    'flan2021:true_case',
    'tfds',
    {'en': 'In May.', 'da': 'I maj.'},
    {'lower': 'in may.', 'sentence': 'In May.'},
  ),
  (
    'flan2021:story_cloze',
    'export',
    {
      'input_sentence_1': 'A.',
      'input_sentence_2': 'B.',
      'input_sentence_3': 'C.',
      'input_sentence_4': 'D.',
      'sentence_quiz1': 'x',
      'sentence_quiz2': 'y',
      'answer_right_ending': 2,
    },
    {'story': 'A. B. C. D.', 'answer': 'y'},
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
  (
    'program_synthesis:dmcc_python',
    'export',
    {
      'description': 'P',
      'solutions': {'language': [2, 3], 'solution': ['int', 'print']},
    },
    {'problem': 'P', 'solution': 'print'},
  ),
  (
    'niv2:task1508_wordnet_antonyms',
    'niv2',
    {
      'definition': 'D',
      'input': 'in',
      'output': ['out'],
      'positive': [{'input': 'i', 'output': 'o', 'explanation': 'e'}],
    },
    {'output': 'out', 'positive_input': 'i', 'explanation': 'e'},
  ),
  (
    't0_sf:wiki_qa_Is_This_True_',
    'p3',
    {
      'inputs_pretokenized': 'P\n',
      'targets_pretokenized': '\nNo',
      'answer_choices': ['No', 'Yes'],
    },
    {'prompt': 'P', 'answer': 'No', 'options': ('No', 'Yes')},
  ),
]


def rows_of(name: str, kind: str, *records: dict[str, Any]) -> Prepared:
  task = catalog.load(name)
  (source,) = (s for s in task.sources if s.kind == kind)
  keys = np.arange(1, len(records) + 1, dtype=np.uint64)
  return prepare(records, keys, task=task, source=source, seed=0)


@pytest.mark.parametrize(
  ('name', 'kind', 'record', 'expected'),
  CASES,
  ids=[f'{name}-{kind}' for name, kind, _, _ in CASES],
)
def test_records(
  name: str, kind: str, record: dict[str, Any], expected: dict[str, Any]
) -> None:
  prepared = rows_of(name, kind, record)
  assert prepared.rejects == {}
  (row,) = prepared.rows
  assert expected.items() <= row.items()
  assert set(row) <= set(load_family(catalog.load(name).family).fields)
  if prepared.rows.choice is not None:
    assert row['options'][prepared.rows.choice[0]] == row['answer']


@pytest.mark.parametrize(
  ('name', 'kind', 'record', 'reason'),
  [
    (
      'rte',
      'tfds',
      {'premise': 'a', 'hypothesis': 'b', 'label': -1},
      'no_label',
    ),
    (
      'rte',
      'tfds',
      {'premise': 'a', 'hypothesis': 'b', 'label': 7},
      'unknown_label',
    ),
    (
      'rte',
      'tfds',
      {'premise': ' ', 'hypothesis': 'b', 'label': 1},
      'empty_premise',
    ),
    ('rte', 'tfds', {'premise': 'a', 'label': 1}, 'malformed'),
    (
      'rte',
      'export',
      {'premise': 'a', 'hypothesis': 'b', 'label': 'perhaps'},
      'answer_not_an_option',
    ),
    (
      'copa',
      'tfds',
      {'premise': 'a', 'question': 'cause', 'choice1': 'x', 'choice2': 'x',
       'label': 0},
      'bad_options',
    ),
    ('sentiment140', 'tfds', {'text': 'hm', 'polarity': 2}, 'unknown_label'),
    ('lambada', 'tfds', {'passage': 'word'}, 'too_short'),
    (
      'unified_qa_science_inst',
      'tfds',
      {'input': 'Q? \\n (A) a (B) b', 'output': 'a'},
      'not_four_options',
    ),
  ],
)  # fmt: skip
def test_rejects(
  name: str, kind: str, record: dict[str, Any], reason: str
) -> None:
  prepared = rows_of(f'flan2021:{name}', kind, record)
  assert prepared.rejects == {reason: [0]}
  assert len(prepared.rows) == 0


def test_one_bad_record_leaves_the_others() -> None:
  good = {'premise': 'a', 'hypothesis': 'b', 'label': 1}
  prepared = rows_of(
    'flan2021:rte', 'tfds', good, {}, {**good, 'label': -1}, good
  )
  assert prepared.record == [0, 3]
  assert prepared.rows.keys.tolist() == [1, 4]
  assert prepared.rejects == {'malformed': [1], 'no_label': [2]}


def test_a_record_of_several_rows() -> None:
  record = {
    'wikipedia_page_title': 'T',
    'section_title': 'S',
    'background': 'B',
    'context': 'C CANNOTANSWER',
    'questions': ['a?', 'b?', 'c?'],
    'orig_answers': {'texts': ['x', 'CANNOTANSWER', 'z']},
  }
  prepared = rows_of('flan2021:quac', 'export', record)
  assert prepared.record == [0, 0]
  assert prepared.rows.columns['answer'] == ['x', 'z']
  assert len(set(prepared.rows.keys.tolist())) == 2
  assert prepared.rejects == {'empty_answer': [0]}


@pytest.mark.parametrize(
  ('task', 'options', 'mark', 'answer'),
  [
    ('aqua', '(A) 8 km\n(B) 10 kmph', '(B)', '10 kmph'),
    ('qasc', '- (A) bird\n- (B) DNA', '(A)', 'bird'),
    (
      'sensemaking',
      '- Sentence A: "Ice is hot."\n- Sentence B: "Ice is cold."',
      'Sentence A',
      'Ice is hot',
    ),
  ],
)
def test_a_question_is_not_asked_for_by_a_letter(
  task: str, options: str, mark: str, answer: str
) -> None:
  record = {
    'question': f'Which?\nOptions:\n{options}',
    'chain_of_thought': 'So it is.',
    'answer': mark,
  }
  (row,) = rows_of(f'cot:{task}', 'cot_tsv', record).rows
  assert row['answer'] == mark
  inverted = f'cot:{task}_question_from_answer'
  (row,) = rows_of(inverted, 'cot_tsv', record).rows
  assert row['answer'] == answer
  assert row['question'] == record['question']
  lost = rows_of(inverted, 'cot_tsv', {**record, 'answer': '(H)'})
  assert lost.rejects == {'answer_not_an_option': [0]}


def test_rank_classification_keeps_the_right_answer() -> None:
  record = {'inputs_pretokenized': 'P', 'targets_pretokenized': 'x'}
  name = 't0_sf:super_glue_cb_can_we_infer_score_eval'
  prepared = rows_of(
    name, 'p3', {**record, 'is_correct': True}, {**record, 'is_correct': False}
  )
  assert prepared.record == [0]
  assert prepared.rejects == {'wrong_choice': [1]}


def test_the_turn_to_give_depends_on_the_key() -> None:
  record = {'utterances': [f'turn {i}' for i in range(12)]}
  prepared = rows_of('dialog:wiki_dialog', 'tfds', *[record] * 100)
  answers = set(prepared.rows.columns['answer'])
  assert answers == {f'turn {i}' for i in range(1, 12, 2)}
  again = rows_of('dialog:wiki_dialog', 'tfds', *[record] * 40)
  assert again.rows.columns['answer'] == prepared.rows.columns['answer'][:40]


def test_real_super_glue(shared_data: Path) -> None:
  for folder, name in [('CB', 'cb'), ('COPA', 'copa'), ('WiC', 'wic')]:
    path = shared_data / f'flan2021/super_glue/{folder}/train.jsonl'
    records = [json.loads(line) for line in path.read_text().splitlines()]
    prepared = rows_of(f'flan2021:{name}', 'export', *records)
    assert prepared.rejects == {}
    assert len(prepared.rows) == 32


def test_real_reasoning(shared_data: Path) -> None:
  with gzip.open(shared_data / 'cot/gsm8k_train.tsv.gz', 'rt') as file:
    columns = [line.rstrip('\n').split('\t') for line in file]
  names = ('question', 'answer', 'chain_of_thought')
  records = [dict(zip(names, row, strict=True)) for row in columns]
  prepared = rows_of('cot:gsm8k', 'cot_tsv', *records)
  assert len(prepared.rows) == len(records) == 5978
