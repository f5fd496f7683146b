"""Samples of a prompt come together, in order."""

import json
from pathlib import Path
from typing import Any

import pytest

from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.evaluation.report import predictions

LINE = {'task': 'mgsm:bn', 'variant': 'cot', 'target': '5', 'prediction': 'x'}


def write(path: Path, *lines: dict[str, Any]) -> str:
  path.write_text('\n'.join(json.dumps(LINE | line) for line in lines))
  return str(path)


def test_samples_of_several_files_are_one_prompt(tmp_path):
  first = write(
    tmp_path / 'a.jsonl',
    {'id': '1', 'sample': 2, 'prediction': 'c'},
    {'id': '2', 'sample': 0},
  )
  second = write(
    tmp_path / 'b.jsonl',
    {'id': '1', 'sample': 0, 'prediction': 'a'},
    {'id': '1', 'sample': 1, 'prediction': 'b'},
  )
  found, _ = predictions.read([first, second])
  assert [(p.id, p.samples) for p in found] == [
    ('1', ('a', 'b', 'c')),
    ('2', ('x',)),
  ]


def test_lines_without_an_id_are_prompts_with_numbers(tmp_path):
  file = write(tmp_path / 'a.jsonl', {}, {'task': 'mgsm:de'}, {})
  found, _ = predictions.read([file])
  assert [(p.task.key, p.id) for p in found] == [
    ('bn', '#0'), ('de', '#0'), ('bn', '#1'),
  ]  # fmt: skip


def test_likelihoods_count_if_all_samples_have_one(tmp_path):
  lines = [
    {'id': '1', 'sample': i, 'log_likelihood': -i, 'truncated': i == 1}
    for i in range(3)
  ]
  (found,), _ = predictions.read([write(tmp_path / 'a.jsonl', *lines)])
  assert (found.likelihoods, found.cut) == ((0, -1, -2), 1)
  del lines[1]['log_likelihood']
  (found,), _ = predictions.read([write(tmp_path / 'a.jsonl', *lines)])
  assert found.likelihoods == ()


@pytest.mark.parametrize(
  ('line', 'message'),
  [
    (
      {'id': '1'},
      r'a.jsonl:2: mgsm:bn has the id 1 in .*a.jsonl:1 already, as ',
    ),
    ({'id': '1', 'sample': 1, 'target': '6'}, 'already, with other references'),
  ],
)
def test_lines_of_a_prompt_that_contradict_each_other(tmp_path, line, message):
  file = write(tmp_path / 'a.jsonl', {'id': '1'}, line)
  with pytest.raises(UserError, match=message):
    predictions.read([file])
