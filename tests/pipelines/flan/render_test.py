"""Rows become instances and these examples, and none is lost on the way."""

import json

import numpy as np
import pytest

from ul2_flan.pipelines.flan import render
from ul2_flan.pipelines.flan.accounts import FlanAccounts
from ul2_flan.pipelines.flan.selection import Selection
from ul2_flan.pipelines.run import Counts
from ul2_flan.pipelines.sources import Reject
from ul2_flan.pipelines.task_sources import RowBlock

GOOD = {'question': 'What is 2 and 3?', 'answer': '5', 'rationale': '2, 3: 5.'}
COLUMNS = {'chain_of_thought': '2, 3: 5.', **GOOD}
QUAC = {
  'wikipedia_page_title': 'A river',
  'section_title': 'Its end',
  'background': 'It is long.',
  'context': 'It ends in the sea.',
  'questions': ['Where does it end?', 'Where does it begin?', 'Is it long?'],
  'orig_answers': {'texts': ['in the sea', '', 'yes']},
}


def block_of(rows, *rejects: Reject) -> RowBlock:
  n = len(rows)
  keys = np.arange(n, dtype=np.uint64)
  return RowBlock('file', rows, keys, list(range(n)), list(rejects))


def instances_of(context, block: RowBlock, bound: int | None = None):
  """Instances of a block, and the counts; rows below a rank are used."""
  bounds = {'train': bound, 'validation': None}
  selection = Selection(context.selector, bounds, [], block.keys[:0])
  counts = Counts()
  made = render.instances_of(context, selection, 'train', block, counts)
  FlanAccounts.check(counts)
  return *made, counts


def test_every_row_is_used_dropped_or_rejected(context_of):
  context = context_of('cot:gsm8k')
  rows = [COLUMNS, {**COLUMNS, 'answer': ''}, {'question': 'Of one column'}]
  unread = Reject('file', 9, 'not_csv', '', b'')
  instances, held_out, places, rejects, counts = instances_of(
    context, block_of(rows, unread)
  )
  assert len(instances) == len(held_out) == 1
  assert places == ['file:0']
  assert [reject.reason for reject in rejects] == [
    *('not_csv', 'empty_answer', 'malformed')
  ]
  assert counts.sums['cot:gsm8k'] == {
    'read': 4,
    'used': 1,
    'dropped/empty_answer': 1,
    'rejected/not_csv': 1,
    'rejected/malformed': 1,
    'unread/not_csv': 1,
  }


def test_a_rejected_row_is_kept_as_json_and_not_at_any_length(context_of):
  context = context_of('cot:gsm8k')
  rows = [{'question': 'Of one column'}, {'question': 'long ' * 99_999}]
  *_, rejects, _ = instances_of(context, block_of(rows))
  assert json.loads(rejects[0].record) == rows[0]
  assert rejects[0].detail == 'cot:gsm8k'
  assert rejects[1].place == 1
  assert len(rejects[1].record) == 1 << 16


def test_rows_over_the_cap_are_dropped_unseen(context_of):
  context = context_of('cot:gsm8k')
  block = block_of([COLUMNS, {'question': 'Of one column'}] * 50)
  ranks = np.sort(context.selector.ranks(block.keys))
  instances, *_, counts = instances_of(context, block, int(ranks[10]))
  assert counts['cot:gsm8k/dropped/over_cap'] == 90
  assert counts['cot:gsm8k/used'] == len(instances)
  rejected = counts['cot:gsm8k/rejected/malformed']
  assert counts['cot:gsm8k/used'] + rejected == 10


def test_a_row_of_several_instances_counts_once(context_of):
  context = context_of('flan2021:quac', source=1)
  instances, _, places, rejects, counts = instances_of(
    context, block_of([QUAC, QUAC])
  )
  # One of three questions has no answer: the others stand.
  assert len(instances) == 4
  assert len(set(instances.keys.tolist())) == 4
  assert places == ['file:0', 'file:0', 'file:1', 'file:1']
  assert not rejects
  assert counts.sums['flan2021:quac'] == {
    'read': 2,
    'used': 2,
    'parts/empty_answer': 2,
  }


def test_a_row_of_which_no_instance_is_made_is_rejected(context_of):
  context = context_of('flan2021:quac', source=1)
  empty = {**QUAC, 'orig_answers': {'texts': ['', '', '']}}
  *_, rejects, counts = instances_of(context, block_of([empty]))
  assert [reject.reason for reject in rejects] == ['empty_answer']
  assert counts.sums['flan2021:quac'] == {'read': 1, 'dropped/empty_answer': 1}


@pytest.mark.parametrize('settings', [('zs_opt',), ('zs_opt', 'fs_opt')])
def test_examples_are_made_in_every_setting(context_of, settings):
  context = context_of('cot:gsm8k', settings, held_out=0.1)
  rows = [{**COLUMNS, 'question': f'What is {i} and 3?'} for i in range(40)]
  block = block_of(rows)
  selection = context.selector.select([('train', block)], context.few_shot)
  counts = Counts()
  instances, held_out, places, _ = render.instances_of(
    context, selection, 'train', block, counts
  )
  pool = None
  if context.few_shot:
    candidates = render.candidates_of(context, selection)
    pool = render.pool_of(context, candidates)
  batches = list(
    render.render(context, instances, held_out, pool, places, counts)
  )
  FlanAccounts.check(counts)
  assert [set(batch.data_set.tolist()) for batch in batches] == [
    {k} for k in range(len(settings))
  ]
  for batch in batches:
    assert len(batch.records) == 40
    assert batch.keys.tolist() == instances.keys.tolist()
    assert np.array_equal(batch.is_validation, held_out)


def test_nothing_is_made_of_nothing(context_of):
  context = context_of('cot:gsm8k')
  instances, held_out, places, _, counts = instances_of(context, block_of([]))
  made = render.render(context, instances, held_out, None, places, counts)
  assert not list(made)
  assert counts == Counts()
