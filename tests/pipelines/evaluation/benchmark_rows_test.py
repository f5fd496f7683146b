"""Which of a benchmark's sources is read, and how much of it."""

import gzip
import json
from pathlib import Path

import pytest

from ul2_flan.pipelines.evaluation.benchmark_rows import find, material_of
from ul2_flan.pipelines.task_sources import Index
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.evaluation import suites
from ul2_flan.tasks.evaluation.reading import Question

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


def test_rows_that_are_no_questions_are_named(tmp_path):
  """Those that no reader takes, and those that are read."""
  rows = boolq(4, 'label')
  del rows[1]['question']
  rows[2]['label'] = -1
  write(tmp_path / 'BoolQ/val.jsonl', rows)
  task = NLP.task('boolq')
  pieces, number = find(task, Index.of([str(tmp_path)]), 'validation')
  made = material_of(task, pieces, number)
  assert len(made.questions['validation']) == 2
  assert [one.reason for one in made.left_out] == ['missing_field', 'no_label']


def test_a_file_that_ends_too_early_is_no_suite(tmp_path):
  """Nobody knows how many questions are missing."""
  write(tmp_path / 'BoolQ/val.jsonl', boolq(400, 'label'))
  file = tmp_path / 'BoolQ/val.jsonl'
  packed = gzip.compress(file.read_bytes())
  file.unlink()
  file.with_suffix('.jsonl.gz').write_bytes(packed[: len(packed) // 2])
  task = NLP.task('boolq')
  pieces, number = find(task, Index.of([str(tmp_path)]), 'validation')
  with pytest.raises(UserError, match=r'val\.jsonl\.gz cannot be read'):
    material_of(task, pieces, number)


RACE = {
  'article': 'P', 'question': 'Q?', 'options': ['w', 'x', 'y', 'z'],
  'answer': 'C',
}  # fmt: skip
ARC = {
  'question': 'Q?', 'answerKey': '2',
  'choices': {'text': ['x', 'y', 'z'], 'label': ['1', '2', '3']},
}  # fmt: skip
NLI = {'premise': 'P', 'hypothesis': 'H', 'label': 1}

# A row of each, with the columns that it has on the hub, and its answers.
HUB: dict[str, tuple[str, dict, tuple[str, ...]]] = {
  'trivia_qa': (
    'mandarjoshi/trivia_qa/unfiltered.nocontext/validation-00000-of-00001.jsonl',
    {'question': 'Q?', 'answer': {'value': 'x', 'aliases': ['y']}},
    ('x', 'y'),
  ),
  'natural_questions': (
    'google-research-datasets/nq_open/nq_open/validation.jsonl',
    {'question': 'q', 'answer': ['x', 'y']},
    ('x', 'y'),
  ),
  'web_questions': (
    'stanfordnlp/web_questions/test.jsonl',
    {'url': 'u', 'question': 'q?', 'answers': ['x', 'y']},
    ('x', 'y'),
  ),
  'lambada': (
    'cimec/lambada/plain_text/test.jsonl',
    {'text': 'it is x', 'domain': ''},
    ('x',),
  ),
  'squad_v2': (
    'rajpurkar/squad_v2/squad_v2/validation.jsonl',
    {'context': 'P', 'question': 'q?', 'answers': {'text': []}},
    ('unanswerable',),
  ),
  'boolq': (
    'google/boolq/data/validation.jsonl',
    {'question': 'q', 'passage': 'P', 'answer': False},
    ('no',),
  ),
  'cb': ('super_glue/cb/validation.jsonl', NLI, ('false',)),
  'rte': ('super_glue/rte/validation.jsonl', NLI, ('false',)),
  'wic': (
    'super_glue/wic/validation.jsonl',
    {'word': 'w', 'sentence1': 'a', 'sentence2': 'b', 'label': 1},
    ('yes',),
  ),
  'record': (
    'super_glue/record/validation.jsonl',
    {'passage': 'P', 'query': '@placeholder', 'entities': ['x', 'y'],
     'answers': ['y']},
    ('y',),
  ),
  'winograd': (
    'winograd_wsc/wsc273/test.jsonl',
    {'text': 'Ann ran as she sat.', 'pronoun': 'she', 'pronoun_loc': 11,
     'options': ['Ann', 'Bo'], 'label': 1},
    ('Bo',),
  ),
  'winogrande': (
    'allenai/winogrande/winogrande_xl/validation.jsonl',
    {'sentence': 'So _ ran.', 'option1': 'x', 'option2': 'y', 'answer': '2'},
    ('y',),
  ),
  'anli_r2': ('facebook/anli/plain_text/test_r2.jsonl', NLI, ('neither',)),
  'piqa': (
    'piqa/plain_text/validation.jsonl',
    {'goal': 'g', 'sol1': 'x', 'sol2': 'y', 'label': 1},
    ('y',),
  ),
  'story_cloze': (
    'story_cloze/2016/test.jsonl',
    {**{f'input_sentence_{i}': 's' for i in range(1, 5)}, 'sentence_quiz1': 'x',
     'sentence_quiz2': 'y', 'answer_right_ending': 2},
    ('y',),
  ),
  'hellaswag': (
    'Rowan/hellaswag/validation.jsonl',
    {'ctx': 'c', 'endings': ['w', 'x', 'y', 'z'], 'label': '3'},
    ('z',),
  ),
  'arc_easy': ('allenai/ai2_arc/ARC-Easy/test.jsonl', ARC, ('y',)),
  'openbookqa': (
    'openbookqa/main/test.jsonl',
    {'question_stem': 'Q', 'choices': {'text': ['x', 'y'], 'label': ['A', 'B']},
     'answerKey': 'B'},
    ('y',),
  ),
  'race_high': ('ehovy/race/high/test.jsonl', RACE, ('y',)),
}  # fmt: skip


@pytest.mark.parametrize('key', HUB)
def test_exports_have_the_hubs_columns(key, tmp_path):
  file, row, answers = HUB[key]
  write(tmp_path / file, [row])
  assert asked(key, tmp_path).answers == answers


AUTHORS = {
  'web_questions': (
    'webquestions.examples.test.json',
    json.dumps([{'utterance': 'q?', 'targetValue': '(list (description x))'}]),
  ),
  'squad_v2': (
    'dev-v2.0.json',
    json.dumps({'data': [{'title': 't', 'paragraphs': [{'context': 'P', 'qas': [
      {'id': '1', 'question': 'q?', 'answers': [{'text': 'x'}]}]}]}]}),
  ),
  'anli_r3': (
    'anli_v1.0/R3/test.jsonl',
    '{"context": "P", "hypothesis": "H", "label": "n"}',
  ),
  'story_cloze': (
    'cloze_test_test__spring2016 - cloze_test_ALL_test.csv',
    'InputStoryid,InputSentence1,InputSentence2,InputSentence3,InputSentence4,'
    'RandomFifthSentenceQuiz1,RandomFifthSentenceQuiz2,AnswerRightEnding\n'
    '1,a,b,c,d,x,y,1\n',
  ),
  'hellaswag': (
    'hellaswag_val.jsonl',
    '{"ctx": "c", "endings": ["x", "y"], "label": 0}',
  ),
  'lambada': ('lambada_test.jsonl', '{"text": "it is x"}'),
}  # fmt: skip


@pytest.mark.parametrize('key', AUTHORS)
def test_authors_files_are_found_by_their_names(key, tmp_path):
  name, text = AUTHORS[key]
  (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
  (tmp_path / name).write_text(f'{text}\n')
  answers = {'anli_r3': ('neither',)}.get(key, ('x',))
  assert asked(key, tmp_path).answers == answers


def asked(key: str, folder: Path) -> Question:
  """The only question below a folder, of the split that papers report."""
  task = NLP.task(key)
  pieces, number = find(task, Index.of([str(folder)]), task.paper_split)
  questions = material_of(task, pieces, number).questions
  ((only,),) = questions.values()
  assert only.split == task.paper_split
  return only
