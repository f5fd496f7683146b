"""The forms that lines of predictions have."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.evaluation.report.lines import files, read_lines

PLAIN = {
  'task': 'bbh:snarks',
  'variant': 'cot',
  'target': '(A)',
  'prediction': 'x',
}
EXAMPLE = {
  'task': 'bbh:snarks', 'variant': 'cot', 'id': 'test-3', 'sample': 2,
  'answers': '["(A)", "(B)"]', 'targets': [4, 5], 'targets_pretokenized': '(A)',
}  # fmt: skip


def read(tmp_path: Path, line: dict[str, Any], name: str = 'p.jsonl') -> Any:
  file = tmp_path / name
  file.write_text(json.dumps(line, ensure_ascii=False) + '\n\n')
  (found,) = read_lines(str(file), '', '')
  return found


@pytest.mark.parametrize(
  ('line', 'targets', 'texts'),
  [
    ({}, ('(A)',), ('x',)),
    ({'targets': ['a', 'b'], 'target': 'c'}, ('a', 'b'), ('x',)),
    ({'prediction': ['x', 'y']}, ('(A)',), ('y', 'x')),
    ({'target': 18, 'prediction': 18.5}, ('18',), ('18.5',)),
    ({'prediction': '行\u2028列'}, ('(A)',), ('行\u2028列',)),
    ({'prediction': '', 'target': ''}, ('',), ('',)),
    ({'prediction': None}, ('(A)',), ('',)),
    ({'prediction': []}, ('(A)',), ('',)),
    ({'prediction': ['x', None]}, ('(A)',), ('', 'x')),
  ],
)
def test_plain_lines(tmp_path, line, targets, texts):
  found = read(tmp_path, PLAIN | line)
  assert (found.task.name, found.variant) == ('bbh:snarks', 'cot')
  assert (found.targets, found.texts) == (targets, texts)
  assert (found.id, found.sample) == ('', 0)


@pytest.mark.parametrize(
  'line',
  [
    {'input': EXAMPLE, 'target': [7], 'prediction': [8], 'output': 'x'},
    {'inputs': EXAMPLE, 'prediction': 'x'},
  ],
)
def test_lines_of_seqio_and_t5x(tmp_path, line):
  found = read(tmp_path, line)
  assert (found.id, found.sample) == ('test-3', 2)
  assert (found.targets, found.texts) == (('(A)', '(B)'), ('x',))


def test_likelihoods_keep_the_order_of_their_texts(tmp_path):
  line = {'prediction': ['x', 'y'], 'log_likelihood': [-2, -1.5]}
  found = read(tmp_path, PLAIN | line | {'truncated': True})
  assert (found.texts, found.likelihoods) == (('y', 'x'), (-1.5, -2))
  assert found.is_cut
  found = read(tmp_path, PLAIN | {'log_likelihood': -2})
  assert (found.likelihoods, found.is_cut) == ((-2,), False)


def test_a_file_may_say_which_task_it_is_of(tmp_path):
  line = {'inputs': {'targets_pretokenized': '(A)'}, 'prediction': 'x'}
  name = 'eval:bbh:snarks:direct-predict.jsonl-00000-of-00001'
  found = read(tmp_path, line, name)
  assert (found.task.name, found.variant) == ('bbh:snarks', 'direct')
  assert found.targets == ('(A)',)


@pytest.mark.parametrize(
  'line',
  [
    {'prompt': 'Hi?', 'prediction': 'x'},
    {'input': 'Hi?', 'prediction': 'x'},
    {'inputs': {'inputs_pretokenized': 'Hi?'}, 'prediction': ['y', 'x']},
    {'input': {'inputs_pretokenized': 'Hi?'}, 'output': 'x', 'truncated': True},
  ],
)
def test_an_answer_to_a_free_prompt_has_no_reference(tmp_path, line):
  assert read(tmp_path, line) == ('Hi?', 'x', 'truncated' in line)


@pytest.mark.parametrize(
  ('line', 'message'),
  [
    ('{', r'p.jsonl:1 is not JSON'),
    ('[1]', r'p.jsonl:1 is no object'),
    (PLAIN | {'task': 'bbh:snark'}, r"p.jsonl:1: .*Did you mean 'snarks'"),
    (PLAIN | {'task': 'snarks'}, 'does not say which suite .*--suite'),
    ({'target': 'y', 'prediction': 'x'}, 'does not say which task'),
    (
      {'inputs': {'targets_pretokenized': 'y'}, 'prediction': 'x'},
      'does not say which task',
    ),
    (PLAIN | {'variant': ''}, 'does not say which variant'),
    (PLAIN | {'variant': 'direkt'}, "Did you mean 'direct'"),
    (PLAIN | {'target': None}, 'p.jsonl:1 has no reference'),
    ({**PLAIN, 'prediction': {}}, 'p.jsonl:1 has no "prediction"'),
    (
      {'task': 'bbh:snarks', 'variant': 'cot', 'target': 'y'},
      'no "prediction"',
    ),
    (PLAIN | {'sample': 'x'}, 'p.jsonl:1 has the "sample" \'x\': give a whole'),
    (PLAIN | {'answers': '['}, 'p.jsonl:1: "answers" is no list in JSON'),
    (PLAIN | {'log_likelihood': [1, 2]}, 'a number for each of its pred.*, 1'),
    ('[' * 10**6, 'p.jsonl:1 is not JSON'),
  ],
)
def test_what_cannot_be_read(tmp_path, line, message):
  file = tmp_path / 'p.jsonl'
  file.write_text(line if isinstance(line, str) else json.dumps(line))
  with pytest.raises(UserError, match=message):
    list(read_lines(str(file), '', ''))


def test_files_that_are_not_there_or_cut_short(tmp_path):
  with pytest.raises(
    UserError, match=r'cannot read predictions from .*no\.jsonl'
  ):
    list(read_lines(str(tmp_path / 'no.jsonl'), '', ''))
  file = tmp_path / 'cut.jsonl.gz'
  file.write_bytes(gzip.compress(json.dumps(PLAIN).encode())[:-9])
  with pytest.raises(UserError, match=r'cannot read predictions from .*cut'):
    list(read_lines(str(file), '', ''))
  file.write_bytes(gzip.compress(b'x' * 99)[:10] + b'\xff' * 99)
  with pytest.raises(UserError, match=r'cannot read predictions from .*cut'):
    list(read_lines(str(file), '', ''))


def test_a_folder_has_its_files_but_those_with_scores(tmp_path):
  for name in ('b.jsonl', 'a/c.jsonl.gz', 'x-metrics.jsonl', 'd.txt'):
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).touch()
  names = [Path(path).name for path in files(str(tmp_path))]
  assert names == ['c.jsonl.gz', 'b.jsonl']
  (tmp_path / 'empty').mkdir()
  with pytest.raises(UserError, match=r'has no file \*.jsonl'):
    files(str(tmp_path / 'empty'))
