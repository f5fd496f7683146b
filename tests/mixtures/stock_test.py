"""Data sets are told apart by their names, and runs must go together."""

import dataclasses

import pytest
from support.collection_runs import flan_run, manifest, split, ul2_run

from ul2_flan.mixtures.stock import Stock
from ul2_flan.tasks import catalog
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.manifest import Feature
from ul2_flan.tasks.rendering.templates.setting import Setting


def test_tasks_are_found_by_setting_and_run():
  names = ['cot:gsm8k:zs_opt', 'cot:gsm8k:fs_opt']
  runs = [
    manifest(run, {f'{run}:{name}': split(9, 1) for name in names})
    for run in ('a', 'b')
  ]
  stock = Stock.of(runs)
  assert list(stock.tasks) == ['cot:gsm8k']
  data_sets = stock.tasks['cot:gsm8k'][Setting.parse('fs_opt')]
  assert [(d.name, d.manifest) for d in data_sets] == [
    ('a:cot:gsm8k:fs_opt', 0),
    ('b:cot:gsm8k:fs_opt', 1),
  ]
  assert not stock.denoising


@pytest.mark.parametrize('per_denoiser', [True, False])
def test_denoisers_are_told_by_the_table_of_the_run(per_denoiser):
  stock = Stock.of([ul2_run('ul2r', name='x', per_denoiser=per_denoiser)])
  held = [len(d.denoisers) for d in stock.denoising]
  assert held == ([1] * 4 if per_denoiser else [4])
  assert all(len(d.table) == 4 for d in stock.denoising)


def test_a_users_own_task_is_known_by_its_suite():
  name = 'niv2:fin_translated_task003'
  stock = Stock.of([manifest('flan', {f'flan:{name}:zs_opt': split(7, 1)})])
  assert stock.task(name).left_out == 'unlisted'


@pytest.mark.parametrize(
  'name',
  ['other', 'flan:mine', 'flan:mine:a:zs_opt', 'flan:cot:mine:zs_opt',
   'flan:cot:gsm8k:zs'],
)  # fmt: skip
def test_a_name_that_says_nothing_is_passed_over(name):
  stock = Stock.of([manifest('flan', {name: split(7, 1)})])
  assert not stock.tasks
  assert not stock.denoising


def test_tokens_are_of_both_sides_with_eos_where_the_reader_appends_it():
  features = {
    'inputs': Feature('int32', 512, add_eos=False),
    'targets': Feature('int32', 512, add_eos=True),
  }
  run = manifest(
    'flan', {'flan:cot:gsm8k:zs_opt': split(10, 100)}, features=features
  )
  (data_set,) = Stock.of([run]).tasks['cot:gsm8k'][Setting.parse('zs_opt')]
  assert data_set.tokens == 10 * 100 + 10
  assert not Stock.of([run], split='validation').tasks


def test_two_runs_with_a_data_set_of_one_name_are_refused():
  run = flan_run(tasks=[catalog.load('cot:gsm8k')])
  with pytest.raises(UserError, match=r"a data set 'flan:cot:gsm8k:zs_opt'"):
    Stock.of([run, run])


@pytest.mark.parametrize('key', ['sha256', 'extra_ids'])
def test_runs_with_different_vocabularies_are_refused(key):
  run = ul2_run('ul2r')
  other = dataclasses.replace(
    ul2_run('ul2'), vocabulary={**run.vocabulary, key: 0}
  )
  with pytest.raises(UserError, match=rf'different vocabularies \({key} '):
    Stock.of([run, other])


def test_runs_with_different_sentinels_are_refused():
  one, other = (ul2_run('ul2r', name=name) for name in ('a', 'b'))
  named = {**other.vocabulary, 'sentinels': 'last:100'}
  other = dataclasses.replace(other, vocabulary=named)
  # A run of tasks has no sentinels.
  assert Stock.of([flan_run(), other]).denoising
  with pytest.raises(UserError, match='a, b have different --sentinels'):
    Stock.of([one, other])
