"""The sum over all parts says of each item what touches it."""

import json

import pytest

from ul2_flan.pipelines import contamination
from ul2_flan.pipelines.engines import Engine

ONE = Engine(local_workers=1)


def items(report) -> dict[str, dict]:
  path = report / 'contamination/items/test-00000-of-00001.jsonl'
  lines = map(json.loads, path.read_text().splitlines())
  return {line['id']: line for line in lines}


def test_palm_counts_what_all_texts_have_together(made, tmp_path):
  output = tmp_path / 'out'
  contamination.run(
    made.config('ul2r', rule='palm8'), output=str(output), engine=ONE
  )
  found = items(output)
  # 13 grams of 8 words; the halves have 2 and 4, and both joined all.
  assert found['test-2']['share'] == 1
  assert found['test-2']['touched']
  assert not any(found[f'test-{i}']['touched'] for i in range(3, 8))


def test_a_key_is_there_once(report):
  path = report / 'contamination/keys/test-00000-of-00001.jsonl'
  keys = [json.loads(line)['key'] for line in path.read_text().splitlines()]
  # The row is an example in two settings.
  assert len(keys) == len({*keys}) == 5


@pytest.mark.parametrize('number', range(4, 8))
def test_what_is_nowhere_is_not_touched(report, number: int):
  item = items(report)[f'test-{number}']
  assert item == {
    'task': 'mgsm:de', 'id': f'test-{number}', 'judged': True,
    'touched': False, 'share': 0, 'touched_by': 0, 'by': [],
  }  # fmt: skip
