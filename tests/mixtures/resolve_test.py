"""Members and their rates, against runs over the whole collection."""

from collections import defaultdict
from collections.abc import Callable
import dataclasses
import functools
import math

from hypothesis import given, settings
from hypothesis import strategies as st
import pytest
from support.collection_runs import SETTINGS, flan_run, manifest, split, ul2_run

from ul2_flan.mixtures.definition import load, shipped
from ul2_flan.mixtures.part import Part
from ul2_flan.mixtures.resolve import Member, Resolved, resolve
from ul2_flan.tasks import catalog
from ul2_flan.tasks.errors import UserError

# Mixtures of denoised text alone.
DENOISED = [
  name for name in shipped() if all(p.denoisers for _, p in load(name).leaves())
]


@functools.cache
def everything() -> tuple:
  presets = ('ul2r', 'ul2', 'ul2_appendix', 'pile_t5', 'causal_lm')
  return flan_run(), *map(ul2_run, presets)


@functools.cache
def of(name: str) -> Resolved:
  return resolve(load(name), everything())


def rates_by(resolved: Resolved, key: Callable[[Member], object]) -> dict:
  found = defaultdict(list)
  for member in resolved.members:
    found[key(member)].append(member.rate)
  return {k: pytest.approx(math.fsum(v)) for k, v in found.items()}


def suite(member: Member) -> str:
  return member.task.split(':')[0]


@pytest.mark.parametrize('name', shipped())
def test_rates_add_up_and_each_data_set_is_there_once(name):
  members = of(name).members
  for kind in ('rate', 'uncapped'):
    total = math.fsum(getattr(m, kind) for m in members)
    assert total == pytest.approx(1, abs=1e-12)
    assert all(getattr(m, kind) > 0 for m in members)
  assert len({m.data_set for m in members}) == len(members)
  assert of(name).missing == ()


@pytest.mark.parametrize('name', sorted(set(shipped()) - {*DENOISED}))
def test_what_resembles_mmlu_is_held_out(name):
  tasks = {m.task for m in of(name).members if m.task}
  assert tasks
  assert not any(catalog.load(task).left_out for task in tasks)


@pytest.mark.parametrize(
  ('name', 'tasks'),
  [
    ('flan2021', 67),
    ('flan2022_9_tasks', 9),
    ('flan2022_89_tasks', 89),
    ('flan2022_282_tasks', 282),
    ('flan2022_1836_tasks', 1838),
    ('flan2022_a', 1838),
    ('flan2022_b', 1838),
  ],
)
def test_numbers_of_tasks(name, tasks):
  assert len({m.task for m in of(name).members}) == tasks


def test_parts_have_their_shares():
  found = rates_by(of('flan2022_b'), lambda m: m.part)
  assert found == {
    'muffin': 46 / 99.9,
    't0_sf': 27.9 / 99.9,
    'niv2': 24.2 / 99.9,
    'cot': 1.8 / 99.9,
  }
  found = rates_by(of('flan2022_released'), lambda m: m.part)
  assert found == {
    'flan2021': 0.4,
    't0_sf': 0.32,
    'niv2': 0.2,
    'cot/forward': 0.05 / 1.3,
    'cot/inverted': 0.05 * 0.3 / 1.3,
    'dialog/forward': 0.03 / 1.3,
    'dialog/inverted': 0.03 * 0.3 / 1.3,
  }


def test_settings_have_their_shares():
  found = rates_by(of('t0_sf'), lambda m: m.setting)
  assert found == dict.fromkeys(SETTINGS, 0.25)
  found = rates_by(of('niv2'), lambda m: m.setting)
  assert found == {'zs_opt': 0.5, 'fs_opt': 0.5}
  assert {m.setting for m in of('flan2021').members} == {'zs_opt'}


def test_within_a_setting_rates_are_as_capped_sizes():
  for member in of('niv2').members:
    size = min(member.examples, 5000)
    first = of('niv2').members[0]
    assert member.rate / first.rate == pytest.approx(
      size / min(first.examples, 5000)
    )
    assert member.uncapped / first.uncapped == pytest.approx(
      member.examples / first.examples
    )


def test_niv2_is_not_capped_as_released():
  niv2 = [m for m in of('flan2022_released').members if m.part == 'niv2']
  assert all(m.rate == pytest.approx(m.uncapped) for m in niv2)
  assert {m.cap for m in niv2} == {0}


def test_denoisers_have_the_rates_of_their_table():
  assert rates_by(of('ul2r'), lambda m: m.data_set) == {
    'ul2r:r_3_15': 0.25,
    'ul2r:s_50': 0.5,
    'ul2r:x_32_15': 0.125,
    'ul2r:x_3_50': 0.125,
  }
  assert [m.rate for m in of('ul2').members] == pytest.approx([1 / 7] * 7)


def test_shares_of_tokens():
  found = of('gpt_jt')
  tokens = defaultdict(float)
  for m in found.members:
    tokens[m.part] += m.rate * m.tokens / m.examples
  total = sum(tokens.values())
  assert {k: v / total for k, v in tokens.items()} == pytest.approx(
    {'ul2r': 0.55, 't0_sf': 0.2, 'niv2': 0.2, 'cot': 0.05}
  )


def test_a_data_set_of_two_parts_has_both_shares():
  gsm8k = Part(name='more', tasks=('cot:gsm8k',), few_shot=0)
  cot = Part(name='all', suites=('cot',), few_shot=0, cap=1, inverted=False)
  tasks = [t for t in catalog.tasks(suite='cot') if not t.inverted]
  found = resolve(Part(name='m', parts=(cot, gsm8k)), [flan_run(tasks=tasks)])
  by_task = {m.task: m for m in found.members}
  assert by_task['cot:gsm8k'].rate == pytest.approx(0.5 / 9 + 0.5)
  assert by_task['cot:gsm8k'].part == 'all + more'
  assert by_task['cot:aqua'].rate == pytest.approx(0.5 / 9)


def test_what_the_user_includes_and_excludes_counts():
  held_out = 'niv2:task685_mmmlu_answer_generation_clinical_knowledge'
  found = resolve(
    load('niv2'),
    everything(),
    include=['mmlu_related'],
    exclude=['niv2:task001_*'],
  )
  tasks = {m.task for m in found.members}
  assert held_out in tasks
  assert 'niv2:task001_quoref_question_generation' not in tasks
  assert math.fsum(m.rate for m in found.members) == pytest.approx(1)


def test_an_expression_leaves_out_tasks_of_other_licences():
  tasks = [t for t in catalog.tasks(suite='cot') if not t.inverted]
  cot = Part(name='all', suites=('cot',), few_shot=0, inverted=False)
  found = resolve(cot, [flan_run(tasks=tasks)], licence='!mit')
  kept = {m.task for m in found.members}
  assert kept == {t.name for t in tasks if 'MIT' not in t.licence}
  assert found.unlicensed == {
    t.name: t.licence for t in tasks if 'MIT' in t.licence
  }
  assert math.fsum(m.rate for m in found.members) == pytest.approx(1)
  with pytest.raises(UserError, match='nothing of the mixture'):
    resolve(cot, [flan_run(tasks=tasks)], licence='gpl*')


def test_a_users_own_tasks_are_in_by_name():
  name = 'niv2:fin_translated_task003'
  run = manifest('flan', {f'flan:{name}:zs_opt': split(7000, 1)})
  with pytest.raises(UserError, match='nothing of the mixture'):
    resolve(load('niv2'), [run])
  for include in ('unlisted', 'niv2:fin_*'):
    (member,) = resolve(load('niv2'), [run], include=[include]).members
    assert (member.task, member.cap) == (name, 5000)


@pytest.mark.parametrize(
  ('runs', 'split', 'message'),
  [
    ([], 'train', "is among the data sets of no run in the split 'train'"),
    ([ul2_run('ul2r')], 'train', 'data sets of ul2r in'),
    (everything(), 'validation', "in the split 'validation'"),
  ],
)
def test_a_mixture_that_no_run_has_any_of_is_an_error(runs, split, message):
  with pytest.raises(UserError, match=message):
    resolve(load('cot'), runs, split=split)


@given(st.lists(st.integers(1, 10**6), min_size=1, max_size=9))
@settings(max_examples=25)
def test_nothing_repeats_before_the_first_member_ends(sizes):
  tasks = catalog.tasks(suite='cot', inverted=False)
  data_sets = {
    f'flan:{task.name}:zs_opt': split(n, 1)
    for task, n in zip(tasks, sizes, strict=False)
  }
  mixture = Part(name='m', suites=('cot',), few_shot=0, cap=500)
  found = resolve(mixture, [manifest('flan', data_sets)])
  once = found.examples_once
  assert max(found.repeats(once)) <= 1 + 1e-9
  assert max(found.repeats(once + 1)) > 1 - 1e-9


@pytest.mark.parametrize('name', ['flan2022_released', 'flan2022_b', 'cot'])
def test_runs_of_before_had_data_sets_without_options_twice(name):
  before = flan_run()
  options = {t.name: t.options for t in catalog.tasks(left_out=True)}
  once = {
    data_set: splits
    for data_set, splits in before.data_sets.items()
    if 'noopt' not in data_set
    or options[data_set.removeprefix('flan:').rpartition(':')[0]] != 'none'
  }
  assert len(once) < 0.8 * len(before.data_sets)
  now = resolve(load(name), [dataclasses.replace(before, data_sets=once)])
  both = resolve(load(name), [before])
  assert now.missing == both.missing == ()

  def by_task(resolved):
    return rates_by(resolved, lambda m: (m.part, m.task, m.setting[:2]))

  assert by_task(now) == by_task(both)
