"""Rates add up to one, and say what caps and repeats do."""

import dataclasses
import math

import pytest
from support import collection_runs

from ul2_flan.pipelines.report import rates


@pytest.mark.parametrize('name', ['ul2', 'flan', 'packed'])
def test_shares_add_up(shown_runs, name: str):
  groups, _ = rates.of(shown_runs[name].manifest)
  for share in ('wanted', 'capped', 'realised'):
    total = math.fsum(getattr(rate, share) for rate in groups)
    assert total == pytest.approx(1), share


def test_a_mixture_has_what_its_definition_asks_for(shown_runs):
  groups, repeated = rates.of(shown_runs['packed'].manifest)
  used = {r.group: r for r in groups}
  assert {group.partition(':')[0] for group in used} == {
    *('ul2r', 'flan2022_b/niv2', 'flan2022_b/cot')
  }
  assert sum(r.used for r in groups) == 400
  for rate in groups:
    assert rate.realised == pytest.approx(rate.capped, abs=0.02)
  assert repeated[0].repeats == max(r.repeats for r in repeated)
  assert len(repeated) <= rates.MOST
  assert repeated[0].most >= repeated[0].repeats


def test_without_its_runs_a_mixture_has_only_what_there_is(shown_runs):
  manifest = shown_runs['packed'].manifest
  config = {**manifest.run['config'], 'mixture': 'gone'}
  run = {**manifest.run, 'config': config}
  groups, _ = rates.of(dataclasses.replace(manifest, run=run))
  assert {r.wanted for r in groups} == {None}
  assert math.fsum(r.realised for r in groups) == pytest.approx(1)


def test_caps_lower_the_share_of_a_large_task():
  manifest = collection_runs.flan_run()
  manifest = dataclasses.replace(manifest, run={'config': {}})
  groups = {r.group: r for r in rates.of(manifest)[0]}
  flan2021 = groups['flan2021 · zs_opt']
  assert flan2021.capped < flan2021.wanted / 2
