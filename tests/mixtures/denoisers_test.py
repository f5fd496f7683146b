"""Data sets are found by what their denoisers do."""

import dataclasses

import pytest
from support.collection_runs import ul2_run

from ul2_flan.mixtures.denoisers import find
from ul2_flan.mixtures.stock import Stock
from ul2_flan.tasks.denoising.denoiser import load_preset

UL2R = load_preset('ul2r').denoisers


def names(found) -> list[tuple[float, list[str]]]:
  return [(rate, [d.name for d in sets]) for rate, sets in found.groups]


def test_each_denoiser_has_its_data_set_and_the_rate_of_the_table():
  found = find(UL2R, Stock.of([ul2_run('ul2r')]).denoising)
  assert names(found) == [(d.rate, [f'ul2r:{d.name}']) for d in UL2R]
  assert found.missing == []


def test_a_data_set_of_the_whole_table_is_all_of_it():
  runs = [ul2_run('ul2r', name='mine', per_denoiser=False)]
  runs.append(ul2_run('ul2', name='other', per_denoiser=False))
  found = find(UL2R, Stock.of(runs).denoising)
  assert names(found) == [(1.0, ['mine'])]
  assert found.missing == []


def test_separate_data_sets_come_before_one_of_the_whole_table():
  runs = [ul2_run('ul2r', name='mine', per_denoiser=False), ul2_run('ul2r')]
  found = find(UL2R, Stock.of(runs).denoising)
  assert len(found.groups) == 4


def test_several_runs_of_a_table_share_the_rate_of_a_denoiser():
  runs = [ul2_run('ul2r', name=name) for name in ('a', 'b')]
  found = find(UL2R, Stock.of(runs).denoising)
  assert names(found)[0] == (
    UL2R[0].rate,
    [f'{r}:{UL2R[0].name}' for r in 'ab'],
  )


def test_a_run_of_the_table_comes_before_one_that_shares_denoisers():
  runs = [ul2_run('ul2'), ul2_run('ul2r')]
  found = find(UL2R, Stock.of(runs).denoising)
  assert all(name.startswith('ul2r:') for _, n in names(found) for name in n)


def test_denoisers_of_another_table_serve_where_there_is_no_other_run():
  # UL2's seven have r_3_15 and x_3_50 too, at other rates.
  found = find(UL2R, Stock.of([ul2_run('ul2')]).denoising)
  assert names(found) == [(0.25, ['ul2:r_3_15']), (0.125, ['ul2:x_3_50'])]
  assert found.missing == ['s_50', 'x_32_15']


@pytest.mark.parametrize('runs', [[], [ul2_run('ul2', per_denoiser=False)]])
def test_all_may_be_missing(runs):
  found = find(UL2R, Stock.of(runs).denoising)
  assert found.groups == []
  assert found.missing == [d.name for d in UL2R]


def test_names_do_not_count():
  renamed = [dataclasses.replace(d, name=f'my_{d.name}') for d in UL2R]
  found = find(renamed, Stock.of([ul2_run('ul2r')]).denoising)
  assert found.missing == []
