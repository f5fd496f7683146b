"""Rows of many shapes become instances, and bad ones do not."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.instances import Row, each_row, prepare_row, prepare_rows

from ul2_flan.tasks import catalog
from ul2_flan.tasks.rendering.instances.prepare import prepare

# A row as the source has it, and fields of the instance that it becomes.
CASES: list[Row] = [
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
    'flan2021:ag_news_subset',
    'tfds',
    {'title': 'T', 'description': 'D', 'label': 3},
    {'text': 'T\nD', 'answer': 'science and technology'},
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
    'flan2021:natural_questions',
    'tfds',
    {'question': 'who is she', 'answer': ['Ada', 'Ada L.']},
    {'question': 'Who is she?', 'answer': 'Ada'},
  ),
  (
    'flan2021:bool_q',
    'export',
    {'question': 'is it', 'passage': 'T -- It is.', 'answer': True},
    {'question': 'Is it?', 'passage': 'It is.', 'answer': 'yes'},
  ),
]


@each_row(CASES)
def test_rows_become_instances(
  name: str, kind: str, row: dict[str, Any], expected: dict[str, Any]
) -> None:
  assert expected.items() <= prepare_row(name, kind, row).items()


@pytest.mark.parametrize(
  ('row', 'reason'),
  [
    ({'premise': ' ', 'hypothesis': 'b', 'label': 1}, 'empty_premise'),
    ({'premise': None, 'hypothesis': 'b', 'label': 1}, 'empty_premise'),
    ({'premise': 'a', 'label': 1}, 'malformed'),
    ({'premise': 'a', 'hypothesis': 'b', 'label': [1]}, 'malformed'),
  ],
)
def test_rows_without_a_field_are_rejected(
  row: dict[str, Any], reason: str
) -> None:
  prepared = prepare_rows('flan2021:rte', 'tfds', row)
  assert prepared.rejects == {reason: [0]}
  assert len(prepared.instances) == 0


def test_one_bad_row_leaves_the_others() -> None:
  good = {'premise': 'a', 'hypothesis': 'b', 'label': 1}
  prepared = prepare_rows(
    'flan2021:rte', 'tfds', good, {}, {**good, 'label': -1}, good
  )
  assert prepared.row == [0, 3]
  assert prepared.instances.keys.tolist() == [1, 4]
  assert prepared.rejects == {'malformed': [1], 'no_label': [2]}


def test_no_rows_make_no_instances() -> None:
  prepared = prepare_rows('flan2021:rte', 'tfds')
  assert len(prepared.instances) == 0
  assert prepared.instances.choice is None
  assert (prepared.row, prepared.rejects) == ([], {})


def test_a_row_of_several_instances_gives_each_a_key_of_its_own() -> None:
  row = {
    'wikipedia_page_title': 'T',
    'section_title': 'S',
    'background': 'B',
    'context': 'C CANNOTANSWER',
    'questions': ['a?', 'b?', 'c?'],
    'orig_answers': {'texts': ['x', 'CANNOTANSWER', 'z']},
  }
  prepared = prepare_rows('flan2021:quac', 'export', row)
  assert prepared.row == [0, 0]
  assert prepared.instances.columns['answer'] == ['x', 'z']
  assert len({1, *prepared.instances.keys.tolist()}) == 3
  assert prepared.rejects == {'empty_answer': [0]}


def test_a_question_is_kept_as_the_source_has_it_too() -> None:
  row = {'question': ' who is she ', 'answer': ['Ada']}
  instances = prepare_rows('flan2021:natural_questions', 'tfds', row).instances
  assert instances.columns['question'] == ['Who is she?']
  assert instances.given == {'question': ['who is she']}


def test_real_super_glue(shared_data: Path) -> None:
  for folder, name in [('CB', 'cb'), ('COPA', 'copa'), ('WiC', 'wic')]:
    path = shared_data / f'flan2021/super_glue/{folder}/train.jsonl'
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    prepared = prepare_rows(f'flan2021:{name}', 'export', *rows)
    assert prepared.rejects == {}
    assert len(prepared.instances) == 32


def test_real_reasoning(shared_data: Path) -> None:
  with gzip.open(shared_data / 'cot/gsm8k_train.tsv.gz', 'rt') as file:
    lines = [line.rstrip('\n').split('\t') for line in file]
  names = ('question', 'answer', 'chain_of_thought')
  rows = [dict(zip(names, line, strict=True)) for line in lines]
  prepared = prepare_rows('cot:gsm8k', 'cot_tsv', *rows)
  assert len(prepared.instances) == len(rows) == 5978


# What google-research/FLAN's code makes of rows; `flan_parity_test` has more.
FLAN_CASES: list[Row] = [
  (
    'flan2021:wic',
    'tfds',
    {'word': 'a', 'sentence1': ' b ', 'sentence2': 'c', 'label': 1},
    {'answer': 'the same meaning', 'sentence1': ' b '},
  ),
  (
    'flan2021:ag_news_subset',
    'tfds',
    {'title': 'T', 'description': ' D', 'label': 3},
    {'text': ' D', 'title': 'T', 'answer': 'Science/Tech'},
  ),
  (
    'flan2021:trivia_qa',
    'tfds',
    {'question': 'Q?', 'answer': {'value': 'A', 'normalized_value': 'a'}},
    {'answer': 'a'},
  ),
  (
    'flan2021:common_gen',
    'tfds',
    {'concepts': ['a', 'b'], 'target': 'A b.'},
    {'concepts': 'a, b', 'concepts_lines': 'a\nb'},
  ),
  (
    'flan2021:dart',
    'tfds',
    {'tripleset': ['[TITLE] | a | b', 'c | d | e'], 'target': 'T'},
    {
      'facts': ' | a | b; c | d | e',
      'facts_lines': '[TITLE] | a | b\nc | d | e',
    },
  ),
  (
    'flan2021:winogrande',
    'tfds',
    {'sentence': 'Up _ went.', 'option1': 'A', 'option2': 'B', 'label': 1},
    {'context': 'Up ', 'answer': 'B went.'},
  ),
  (
    'flan2021:stsb',
    'tfds',
    {'sentence1': 'a', 'sentence2': 'b', 'label': 2.5},
    {'answer': '2'},
  ),
  (
    'flan2021:cnn_dailymail',
    'tfds',
    {'article': 'X (CNN) -- Y (a) -- Z', 'highlights': 'H .\nI .'},
    {'article': 'Z', 'summary': 'H. I.'},
  ),
  (
    'flan2021:opinion_abstracts_rotten_tomatoes',
    'tfds',
    {
      '_movie_name': 'M_n',
      '_critics': {'value': ['x', 'y']},
      '_critic_consensus': 'C',
    },
    {'movie': 'M n', 'reviews': '1. x\n2. y', 'first_review': 'x'},
  ),
]


@each_row(FLAN_CASES)
def test_rows_as_flan_has_them(
  name: str, kind: str, row: dict[str, Any], expected: dict[str, Any]
) -> None:
  task = catalog.load(name).as_flan()
  (source,) = (s for s in task.sources if s.kind == kind)
  keys = np.array([1], np.uint64)
  (instance,) = prepare([row], keys, task=task, source=source, seed=0).instances
  assert expected.items() <= instance.items()
  assert task.as_flan() == task


def test_no_row_of_shared_data_has_what_its_source_left(
  shared_data: Path,
) -> None:
  root = shared_data / 'flan2021'
  lines = (root / 'super_glue/WSC/train.jsonl').read_text().splitlines()
  made = prepare_rows('flan2021:wsc', 'jsonl', *map(json.loads, lines))
  assert not made.rejects
  for instance in made.instances:
    # The noun that is asked about tells nothing: the pronoun has the stars.
    assert instance['text'].count(f'*{instance["pronoun"]}*') == 1
  text = gzip.decompress((root / 'glue/MRPC/train.tsv.gz').read_bytes())
  header, *rows = (line.split('\t') for line in text.decode().splitlines())
  names = [name.removeprefix('\ufeff') for name in header]
  made = prepare_rows(
    'flan2021:glue_mrpc',
    'tsv',
    *(dict(zip(names, r, strict=True)) for r in rows),
  )
  texts = [t for i in made.instances for t in (i['sentence1'], i['sentence2'])]
  assert not any(" n't" in t or "n 't" in t for t in texts)
  (dart,) = (root / 'dart').iterdir()
  entries = json.loads(gzip.decompress(dart.read_bytes()))
  facts = [[' | '.join(t) for t in entry['tripleset']] for entry in entries]
  rows_ = ({'tripleset': f, 'target': 'T'} for f in facts)
  made = prepare_rows('flan2021:dart', 'tfds', *rows_)
  assert any('[TABLECONTEXT]' in ''.join(f) for f in facts)
  assert not any('[T' in f for f in made.instances.columns['facts'])


def test_gigaword_leaves_out_words_that_are_not_there() -> None:
  rows = [
    {'document': 'the fed -lrb- us -rrb- said so .', 'summary': 'fed says'},
    {'document': 'UNK said so .', 'summary': 'so'},
    {'document': 'it fell ## percent', 'summary': 'fall'},
  ]
  made = prepare_rows('flan2021:gigaword', 'tfds', *rows)
  assert made.instances.columns['text'] == ['the fed (us) said so.']
  assert made.rejects == {'unknown_words': [1, 2]}
