"""Shares on the way down a definition; what is missing gives its share away."""

import math

from hypothesis import given, settings
from hypothesis import strategies as st
import pytest
from support.collection_runs import manifest, split, ul2_run

from ul2_flan.mixtures.part import Part
from ul2_flan.mixtures.selection import Selection
from ul2_flan.mixtures.shares import Missing, Share, Shares
from ul2_flan.mixtures.stock import Stock, catalog_tasks
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.manifest import Manifest

COT_AND_2021 = {'suites': ('cot', 'flan2021'), 'inverted': False}


def run_of(name: str = 'flan', **examples: int) -> Manifest:
  """A run with data sets such as cot__gsm8k__zs_opt, and their examples."""
  return manifest(
    name,
    {
      f'{name}:{key.replace("__", ":")}': split(n, 10)
      for key, n in examples.items()
    },
  )


def walk(part: Part, *runs: Manifest) -> tuple[list[Share], list[Missing]]:
  shares = Shares(Stock.of(runs), Selection(catalog_tasks()))
  return shares.of(part), shares.missing


def rates(shares: list[Share]) -> dict[str, float]:
  return {share.data_set.name: pytest.approx(share.rate) for share in shares}


def test_a_task_counts_up_to_its_cap():
  part = Part(name='m', suites=('cot',), few_shot=0, cap=100)
  shares, _ = walk(part, run_of(cot__gsm8k__zs_opt=900, cot__aqua__zs_opt=50))
  assert rates(shares) == {
    'flan:cot:aqua:zs_opt': 1 / 3,
    'flan:cot:gsm8k:zs_opt': 2 / 3,
  }
  uncapped = {s.data_set.name: s.uncapped for s in shares}
  assert uncapped['flan:cot:gsm8k:zs_opt'] == pytest.approx(900 / 950)


def test_without_a_cap_of_its_own_a_part_has_those_of_the_catalog():
  part = Part(name='m', suites=('cot', 'niv2'), few_shot=0)
  name = 'niv2__task001_quoref_question_generation__zs_opt'
  run = run_of(**{name: 15_000, 'cot__gsm8k__zs_opt': 15_000})
  shares, _ = walk(part, run)
  assert {s.cap: s.rate for s in shares} == {
    5_000: pytest.approx(0.25),
    100_000: pytest.approx(0.75),
  }


def test_a_task_in_two_runs_counts_once_against_its_cap():
  part = Part(name='m', suites=('cot',), few_shot=0, cap=100)
  shares, _ = walk(
    part,
    run_of('a', cot__gsm8k__zs_opt=300),
    run_of('b', cot__gsm8k__zs_opt=100, cot__aqua__zs_opt=100),
  )
  assert rates(shares) == {
    'a:cot:gsm8k:zs_opt': 0.375,
    'b:cot:gsm8k:zs_opt': 0.125,
    'b:cot:aqua:zs_opt': 0.5,
  }


def test_what_is_missing_is_listed_and_others_have_its_share():
  shares, missing = walk(
    Part(name='m', **COT_AND_2021),
    run_of(cot__gsm8k__zs_opt=9, cot__gsm8k__fs_opt=9, flan2021__rte__zs_opt=9),
  )
  assert rates(shares) == {
    'flan:cot:gsm8k:zs_opt': 0.25,
    'flan:flan2021:rte:zs_opt': 0.25,
    'flan:cot:gsm8k:fs_opt': 0.5,
  }
  lacking = {m.what: m.settings for m in missing}
  assert lacking['flan2021:rte'] == ('fs_opt',)
  assert lacking['cot:aqua'] == ('zs_opt', 'fs_opt')
  assert len(lacking) == 72 + 9 - 1
  assert {m.part for m in missing} == {'m'}


def test_a_setting_that_no_task_has_gives_its_share_to_the_others():
  shares, missing = walk(
    Part(name='m', **COT_AND_2021, no_options=0.5),
    run_of(cot__gsm8k__zs_opt=9, flan2021__rte__zs_opt=9),
  )
  assert missing[0].what == '*'
  assert set(missing[0].settings) == {'zs_noopt', 'fs_opt', 'fs_noopt'}
  assert [share.rate for share in shares] == [0.5, 0.5]


def test_a_task_without_options_is_the_same_with_and_without_them():
  shares, missing = walk(
    Part(name='m', **COT_AND_2021, no_options=0.5, few_shot=0),
    run_of(
      cot__gsm8k__zs_opt=9, flan2021__rte__zs_opt=9, flan2021__rte__zs_noopt=9
    ),
  )
  gsm8k = [s for s in shares if 'gsm8k' in s.data_set.name]
  assert [s.rate for s in gsm8k] == [0.25, 0.25]  # once in each setting
  assert 'cot:gsm8k' not in {m.what for m in missing}


def test_either_setting_of_a_task_without_options_is_enough():
  shares, missing = walk(
    Part(name='m', suites=('cot',), few_shot=0), run_of(cot__gsm8k__zs_noopt=9)
  )
  assert rates(shares) == {'flan:cot:gsm8k:zs_noopt': 1.0}
  assert not {'cot:gsm8k', '*'} & {m.what for m in missing}


def test_tasks_without_options_alone_do_not_get_a_setting_of_others():
  # Else they would have half of all examples.
  shares, _ = walk(
    Part(name='m', **COT_AND_2021, few_shot=0, no_options=0.5),
    run_of('a', cot__gsm8k__zs_opt=9, cot__gsm8k__zs_noopt=9),
    run_of('b', flan2021__rte__zs_opt=9),
  )
  assert rates(shares) == {
    'a:cot:gsm8k:zs_opt': 0.5,
    'b:flan2021:rte:zs_opt': 0.5,
  }


def test_an_empty_data_set_is_missing():
  part = Part(name='m', suites=('cot',), few_shot=0)
  shares, missing = walk(
    part, run_of(cot__gsm8k__zs_opt=9, cot__aqua__zs_opt=0)
  )
  assert rates(shares) == {'flan:cot:gsm8k:zs_opt': 1.0}
  assert 'cot:aqua' in {m.what for m in missing}


def test_nothing_may_be_there():
  shares, missing = walk(Part(name='m', suites=('cot',), few_shot=0))
  assert shares == []
  assert missing[0] == Missing('m', '*', ('zs_opt',))
  shares, missing = walk(Part(name='m', denoisers='ul2r'))
  assert shares == []
  assert missing == [Missing('m', 'ul2r')]


def test_a_part_that_is_missing_gives_its_share_to_those_beside_it():
  parts = (
    Part(name='text', denoisers='ul2r', weight=50),
    Part(name='cot', suites=('cot',), weight=30),
    Part(name='niv2', suites=('niv2',), weight=20),
  )
  shares, missing = walk(
    Part(name='m', parts=parts),
    ul2_run('ul2r'),
    run_of(cot__gsm8k__zs_opt=9, cot__gsm8k__fs_opt=9),
  )
  by_part = {
    name: math.fsum(s.rate for s in shares if s.part == name)
    for name in ('text', 'cot', 'niv2')
  }
  assert by_part == pytest.approx({'text': 5 / 8, 'cot': 3 / 8, 'niv2': 0})
  assert 'niv2' in {m.part for m in missing}


def test_shares_of_tokens_need_counts_of_them():
  parts = (Part(name='a', suites=('cot',)), Part(name='b', suites=('niv2',)))
  run = manifest(
    'flan',
    {
      'flan:cot:gsm8k:zs_opt': split(9, 0),
      'flan:niv2:task001_quoref_question_generation:zs_opt': split(9, 0),
    },
    features={},
  )
  with pytest.raises(UserError, match='manifests count tokens'):
    walk(Part(name='m', unit='tokens', parts=parts), run)


@given(
  st.lists(st.integers(0, 10**6), min_size=9, max_size=9).filter(any),
  st.integers(0, 10**5),
  st.floats(1, 5),
  st.sampled_from(['examples', 'tokens']),
)
@settings(max_examples=20, deadline=None)
def test_shares_add_up(sizes, cap, temperature, unit):
  names = [t.name for t in catalog_tasks().values() if t.suite == 'cot']
  examples = {
    f'{name.replace(":", "__")}__zs_opt': n
    for name, n in zip(names, sizes, strict=False)
  }
  parts = (
    Part(name='a', suites=('cot',), cap=cap, temperature=temperature),
    Part(name='b', denoisers='ul2r', weight=3),
  )
  shares, _ = walk(
    Part(name='m', parts=parts, unit=unit), run_of(**examples), ul2_run('ul2r')
  )
  assert math.fsum(s.rate for s in shares) == pytest.approx(1)
  assert math.fsum(s.uncapped for s in shares) == pytest.approx(1)
