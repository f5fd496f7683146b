"""A worker's lines do not depend on how it is given the texts."""

import dataclasses

import orjson
import pytest

from ul2_flan.pipelines.contamination import planning, worker
from ul2_flan.pipelines.contamination.worker import (
  GRAMS,
  TEXTS,
  ContaminationWorker,
)
from ul2_flan.pipelines.run import Batch, Counts, Plan
from ul2_flan.tasks.errors import UserError


def lines(plan: Plan, data_set: int) -> list[dict]:
  looking, counts = ContaminationWorker(plan), Counts()
  found = [
    orjson.loads(record)
    for item in plan.items[:-1]
    for part in item.parts
    for result in looking.results(part, counts)
    if isinstance(result, Batch) and (result.data_set == data_set).all()
    for record in result.records
  ]
  texts = [line for line in found if 'key' in line]
  if data_set == TEXTS:
    assert counts['texts/touched'] == len(texts) == len(found)
  return found


def touched(plan: Plan) -> set[tuple[str, str]]:
  return {
    (line['task'], item['id'])
    for line in lines(plan, TEXTS)
    for item in line['items']
  }


def test_examples_are_touched_as_documents_are(made):
  documents = touched(made.plan('ul2r'))
  assert documents == {('ul2r', f'test-{i}') for i in range(3)}
  # Segments may cut what documents have whole.
  examples = touched(made.plan('ul2r', examples=True))
  assert examples <= documents
  assert len(examples) >= 2


def test_parts_of_any_size_find_the_same(made, monkeypatch):
  whole = touched(made.plan('flan'))
  grams = lines(made.plan('flan'), GRAMS)
  assert {line['task'] for line in grams} == {
    'niv2:task190_snli_classification'
  }
  monkeypatch.setattr(planning, '_PART_BYTES', 1)
  plan = made.plan('flan')
  assert len(plan.items) == 3
  assert touched(plan) == whole


def test_a_suite_that_changed_is_refused(made):
  plan = made.plan('flan')
  config = {**plan.config}
  config['evaluation'] = {**config['evaluation'], 'digest': 'another'}
  with pytest.raises(UserError, match='have changed since the run was planned'):
    ContaminationWorker(dataclasses.replace(plan, config=config))


def test_a_name_of_few_parts_is_a_task_of_its_own():
  assert worker.task_of('own') == 'own'
