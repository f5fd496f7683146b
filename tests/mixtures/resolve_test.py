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

from ul2_flan.mixtures.definition import Part, load, read, shipped
from ul2_flan.mixtures.resolve import Member, Resolved, resolve
from ul2_flan.tasks import catalog
from ul2_flan.tasks.errors import UserError


@functools.cache
def everything() -> tuple:
  return flan_run(), ul2_run('ul2r'), ul2_run('ul2')


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


@pytest.mark.parametrize('name', set(shipped()) - {'ul2', 'ul2r'})
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


def test_a_run_with_the_whole_table_in_one_is_the_mixture():
  runs = [ul2_run('ul2r', name='mine', per_denoiser=False), ul2_run('ul2')]
  runs.append(ul2_run('ul2', name='other', per_denoiser=False))
  found = resolve(load('ul2r'), [runs[0], runs[2]])
  assert rates_by(found, lambda m: m.data_set) == {'mine': 1.0}
  # UL2's seven have r_3_15 and x_3_50 too, at other rates.
  found = resolve(load('ul2r'), [runs[1]])
  assert rates_by(found, lambda m: m.data_set) == {
    'ul2:r_3_15': 0.25 / 0.375,
    'ul2:x_3_50': 0.125 / 0.375,
  }
  assert [m.what for m in found.missing] == ['s_50', 'x_32_15']
  with pytest.raises(UserError, match="nothing of the mixture 'ul2r' is"):
    resolve(load('ul2r'), [runs[2]])


def test_shares_of_tokens():
  found = of('gpt_jt')
  tokens = defaultdict(float)
  for m in found.members:
    tokens[m.part] += m.rate * m.tokens / m.examples
  total = sum(tokens.values())
  assert {k: v / total for k, v in tokens.items()} == pytest.approx(
    {'ul2r': 0.55, 't0_sf': 0.2, 'niv2': 0.2, 'cot': 0.05}
  )


def test_shares_of_tokens_need_counts_of_them():
  text = """
  [[mixtures]]
  name = "m"
  unit = "tokens"
  parts = [
    { name = "a", suites = ["cot"] }, { name = "b", suites = ["niv2"] }
  ]
  """
  data_sets = {
    'flan:cot:gsm8k:zs_opt': split(9, 0),
    'flan:niv2:task001_quoref_question_generation:zs_opt': split(9, 0),
  }
  run = manifest('flan', data_sets, features={})
  with pytest.raises(UserError, match='manifests count tokens'):
    resolve(read(text, 'm.toml')['m'], [run])


MMLU = 'niv2:task685_mmmlu_answer_generation_clinical_knowledge'


def tasks_of(resolved: Resolved) -> set[str]:
  return {m.task for m in resolved.members}


def test_held_out_tasks_are_in_by_name():
  usual = tasks_of(of('niv2'))
  for include, more in (('mmlu_related', 57), (MMLU, 1)):
    found = tasks_of(resolve(load('niv2'), everything(), include=[include]))
    assert found > usual
    assert len(found - usual) == more
    assert MMLU in found


def test_more_can_be_held_out_by_task_or_category():
  found = resolve(
    load('niv2'), everything(), exclude=['*translation*', 'niv2:task001_*']
  )
  left = {m.task for m in found.members}
  gone = {m.task for m in of('niv2').members} - left
  assert 'niv2:task001_quoref_question_generation' in gone
  categories = {catalog.load(t).category for t in gone}
  assert any('Translation' in c for c in categories)
  assert not any(
    'translation' in catalog.load(t).category.lower() for t in left
  )
  assert math.fsum(m.rate for m in found.members) == pytest.approx(1)


@pytest.mark.parametrize('key', ['include', 'exclude'])
def test_a_pattern_of_nothing_is_refused(key):
  with pytest.raises(UserError, match=f'to {key} .mmlu-related'):
    resolve(load('niv2'), everything(), **{key: ['mmlu-related']})


def some(names: list[str], **more) -> Resolved:
  """The mixture of a run with these data sets of a thousand examples."""
  data_sets = {f'flan:{name}': split(1000, 10) for name in names}
  mixture = Part(name='m', suites=('cot', 'flan2021'), inverted=False, **more)
  return resolve(mixture, [manifest('flan', data_sets)])


def test_what_is_missing_is_listed():
  found = some(['cot:gsm8k:zs_opt', 'cot:gsm8k:fs_opt', 'flan2021:rte:zs_opt'])
  missing = {m.what: m.settings for m in found.missing}
  assert missing['flan2021:rte'] == ('fs_opt',)
  assert missing['cot:aqua'] == ('zs_opt', 'fs_opt')
  assert len(missing) == 72 + 9 - 1
  assert rates_by(found, lambda m: (m.task, m.setting)) == {
    ('cot:gsm8k', 'zs_opt'): 0.25,
    ('flan2021:rte', 'zs_opt'): 0.25,
    ('cot:gsm8k', 'fs_opt'): 0.5,
  }


def test_a_setting_that_no_task_has_gives_its_share_to_the_others():
  found = some(['cot:gsm8k:zs_opt', 'flan2021:rte:zs_opt'], no_options=0.5)
  first = found.missing[0]
  assert first.what == '*'
  assert set(first.settings) == {'zs_noopt', 'fs_opt', 'fs_noopt'}
  assert [m.rate for m in found.members] == [0.5, 0.5]


def test_a_task_without_options_is_the_same_with_and_without_them():
  found = some(
    ['cot:gsm8k:zs_opt', 'flan2021:rte:zs_opt', 'flan2021:rte:zs_noopt'],
    no_options=0.5,
    few_shot=0,
  )
  assert rates_by(found, lambda m: (m.task, m.setting)) == {
    ('cot:gsm8k', 'zs_opt'): 0.5,
    ('flan2021:rte', 'zs_opt'): 0.25,
    ('flan2021:rte', 'zs_noopt'): 0.25,
  }
  assert 'cot:gsm8k' not in {m.what for m in found.missing}


def test_empty_data_sets_and_other_splits_are_missing():
  run = manifest(
    'flan',
    {'flan:cot:gsm8k:zs_opt': split(9, 1), 'flan:cot:aqua:zs_opt': split(0, 0)},
  )
  mixture = Part(name='m', suites=('cot',), few_shot=0)
  found = resolve(mixture, [run])
  assert [m.task for m in found.members] == ['cot:gsm8k']
  assert 'cot:aqua' in {m.what for m in found.missing}
  with pytest.raises(UserError, match="in the split 'validation'"):
    resolve(mixture, [run], split='validation')


def test_a_task_in_two_runs_counts_once_against_its_cap():
  runs = [
    manifest('a', {'a:cot:gsm8k:zs_opt': split(300, 1)}),
    manifest(
      'b',
      {
        'b:cot:gsm8k:zs_opt': split(100, 1),
        'b:cot:aqua:zs_opt': split(100, 1),
      },
    ),
  ]
  mixture = Part(name='m', suites=('cot',), few_shot=0, cap=100)
  found = resolve(mixture, runs)
  assert rates_by(found, lambda m: m.data_set) == {
    'a:cot:gsm8k:zs_opt': 0.375,
    'b:cot:gsm8k:zs_opt': 0.125,
    'b:cot:aqua:zs_opt': 0.5,
  }
  assert {m.manifest for m in found.members} == {0, 1}


def test_a_data_set_of_two_parts_has_both_shares():
  gsm8k = Part(name='more', tasks=('cot:gsm8k',), few_shot=0)
  cot = Part(name='all', suites=('cot',), few_shot=0, cap=1, inverted=False)
  tasks = [t for t in catalog.tasks(suite='cot') if not t.inverted]
  found = resolve(Part(name='m', parts=(cot, gsm8k)), [flan_run(tasks=tasks)])
  by_task = {m.task: m for m in found.members}
  assert by_task['cot:gsm8k'].rate == pytest.approx(0.5 / 9 + 0.5)
  assert by_task['cot:gsm8k'].part == 'all + more'
  assert by_task['cot:aqua'].rate == pytest.approx(0.5 / 9)


def test_a_users_own_tasks_are_in_by_name():
  own = 'niv2:fin_translated_task003'
  run = manifest('flan', {f'flan:{own}:zs_opt': split(7000, 1)})
  with pytest.raises(UserError, match='nothing of the mixture'):
    resolve(load('niv2'), [run])
  for include in ('unlisted', 'niv2:fin_*'):
    (member,) = resolve(load('niv2'), [run], include=[include]).members
    assert (member.task, member.cap) == (own, 5000)


def test_runs_must_go_together():
  run = flan_run(tasks=[catalog.load('cot:gsm8k')])
  with pytest.raises(UserError, match=r"a data set 'flan:cot:gsm8k:zs_opt'"):
    resolve(load('cot'), [run, run])
  other = dataclasses.replace(
    ul2_run('ul2r'), vocabulary={**run.vocabulary, 'sha256': '00'}
  )
  with pytest.raises(UserError, match='different vocabularies'):
    resolve(load('ul2r_flan2022'), [run, other])


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
