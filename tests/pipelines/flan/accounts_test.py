"""Tasks that have many bad rows are left out; the counts of the others hold."""

import pytest
from support.task_files import NIV2, write_cot

from ul2_flan.pipelines import flan
from ul2_flan.pipelines.flan.accounts import FlanAccounts, records
from ul2_flan.pipelines.flan.reasons import is_fault
from ul2_flan.pipelines.run import Budget, Counts, Group, Plan
from ul2_flan.tasks import catalog
from ul2_flan.tasks.errors import UserError

TASK = f'niv2:{NIV2[0]}'
OTHER = f'niv2:{NIV2[1]}'


def plan_of(*tasks: str) -> Plan:
  groups = {task: Group((f'flan:{task}:zs_opt',), 1, 1, 0) for task in tasks}
  config = {
    'name': 'flan',
    'tasks': {task: {} for task in tasks},
    'settings': ['zs_opt'],
  }
  return Plan('flan', config, (), groups, {}, {})


def counts_of(task: str, **changes: int) -> Counts:
  """The counts of a task of 100 rows that are all rendered, or of others.

  Args:
    changes: rows that are not used, by reason.
  """
  data_set = f'flan:{task}:zs_opt'
  used = 100 - sum(changes.values())
  counts = Counts()
  counts.add(f'{task}/read', 100)
  counts.add(f'{task}/used', used)
  for reason, n in changes.items():
    outcome = 'rejected' if is_fault(reason) else 'dropped'
    counts.add(f'{task}/{outcome}/{reason}', n)
  for name in ('rows', 'rendered', 'data/train/all/examples'):
    counts.add(f'{data_set}/{name}', used)
  return counts


@pytest.mark.parametrize(
  ('asked', 'mixtures'),
  [
    (('zs_opt', 'zs_noopt', 'fs_noopt'), {'zs_opt', 'zs_noopt'}),
    (('zs_opt', 'fs_opt'), {'zs_opt'}),
  ],
)
def test_a_data_set_without_options_is_in_both_mixtures(asked, mixtures):
  plan = plan_of(TASK)
  plan.config['settings'][:] = asked
  accounts = FlanAccounts(plan, Budget())
  accounts.close(TASK, counts_of(TASK))
  rates = {f'flan:{TASK}:zs_opt': 100.0}
  assert accounts.mixtures == {
    'flan': rates,
    **{f'flan:niv2:{setting}': rates for setting in mixtures},
  }


@pytest.mark.parametrize(
  ('empty', 'over_cap', 'left'), [(40, 0, False), (60, 0, True), (6, 90, True)]
)
def test_rows_without_text_are_a_rules_until_they_are_most(
  empty: int, over_cap: int, left: bool
):
  counts = counts_of(TASK, empty_output=empty, over_cap=over_cap)
  accounts = FlanAccounts(plan_of(TASK), Budget(0.01))
  accounts.close(TASK, counts)
  assert set(accounts.left_out) == ({TASK} if left else set())
  assert (f'{empty} empty_output' in accounts.left_out.get(TASK, '')) == left
  used = 100 - empty - over_cap
  rates = {f'flan:{TASK}:zs_opt': used}
  assert accounts.mixtures == (
    {} if left else {'flan': rates, 'flan:niv2:zs_opt': rates}
  )


@pytest.mark.parametrize(
  ('rejected', 'left'), [(0, False), (3, False), (4, True)]
)
def test_the_budget_is_a_share_of_a_tasks_own_rows(rejected, left):
  accounts = FlanAccounts(plan_of(TASK, OTHER), Budget(0.03))
  accounts.close(OTHER, counts_of(OTHER))
  accounts.close(TASK, counts_of(TASK, malformed=rejected))
  assert (TASK in accounts.left_out) == left
  accounts.end(Counts(), 'output')


@pytest.mark.parametrize(
  ('malformed', 'unread', 'over_cap', 'left'),
  [
    # Of ten rows that the cap wants, 3% are 0.3.
    (0, 0, 90, False),
    (1, 0, 90, True),
    # What cannot be read was 2% and 4% of all rows, capped or not.
    (0, 2, 0, False),
    (0, 4, 0, True),
    (0, 2, 88, False),
    (0, 4, 86, True),
    (0, 2, 97, False),
    (0, 100, 0, True),
  ],
)
def test_the_budget_is_a_share_of_the_rows_that_the_cap_wants(
  malformed, unread, over_cap, left
):
  lost = {'malformed': malformed, 'not_json': unread, 'over_cap': over_cap}
  counts = counts_of(TASK, **lost)
  counts.add(f'{TASK}/unread/not_json', unread)
  accounts = FlanAccounts(plan_of(TASK), Budget(0.03))
  accounts.close(TASK, counts)
  reason = accounts.left_out.get(TASK, '')
  assert ('more than --max_reject_fraction 0.03' in reason) == left
  assert ('the cap wants' in reason) == (left and over_cap > 0)


def test_a_task_without_an_example_says_where_its_rows_went():
  accounts = FlanAccounts(plan_of(TASK), Budget(0.01))
  accounts.close(TASK, counts_of(TASK, no_label=100))
  assert accounts.left_out == {TASK: 'no example of 100 rows (100 no_label)'}


def test_rates_stop_at_the_tasks_cap():
  counts = counts_of(TASK)
  for name in ('read', 'used'):
    counts.add(f'{TASK}/{name}', 99_900)
  for name in ('rows', 'rendered', 'data/train/all/examples'):
    counts.add(f'flan:{TASK}:zs_opt/{name}', 99_900)
  accounts = FlanAccounts(plan_of(TASK), Budget(0.01))
  accounts.close(TASK, counts)
  (rate,) = accounts.mixtures['flan'].values()
  assert rate == catalog.load(TASK).cap < 100_000


@pytest.mark.parametrize(
  ('strict', 'bad', 'fails'),
  [
    (False, [TASK], False),
    (True, [TASK], True),
    (False, [TASK, OTHER], True),
    (True, [], False),
  ],
)
def test_a_run_fails_if_it_is_strict_or_nothing_is_left(strict, bad, fails):
  accounts = FlanAccounts(plan_of(TASK, OTHER), Budget(0.01, strict))
  for task in (TASK, OTHER):
    lost = {'malformed': 50} if task in bad else {}
    accounts.close(task, counts_of(task, **lost))
  if not fails:
    return accounts.end(Counts(), 'output')
  with pytest.raises(UserError) as e:
    accounts.end(Counts(), 'output')
  assert f'{len(bad)} of 2 tasks cannot be used' in str(e.value)
  assert 'output/quarantine' in str(e.value)
  assert ('--strict' in str(e.value)) == strict


def test_the_records_of_a_work_item_are_its_rows():
  counts = counts_of(TASK, over_cap=10, malformed=3)
  counts.merge(counts_of(OTHER, malformed=2))
  assert records(counts) == {'read': 200, 'dropped': 10, 'rejected': 5}


def test_lines_without_their_columns_have_a_budget(
  vocabulary_path, tmp_path, capsys
):
  flags = [f'--source=cot={tmp_path / "cot"}', '--tasks=cot:gsm8k,cot:aqua']
  flags += ['--vocabulary', vocabulary_path, '--settings=zs_opt']
  flags += ['--output', str(tmp_path / 'out'), '--local_workers=1']
  bad = write_cot(tmp_path / 'cot', 'gsm8k', 30)
  with bad.open('a') as file:
    file.writelines(f'Question {i}?\tanswer {i}\n' for i in range(150))
  write_cot(tmp_path / 'cot', 'aqua', 30)
  assert flan.main([*flags, '--strict']) == 1
  said = capsys.readouterr().err
  assert 'cot:gsm8k: 150 wrong_columns of 180 rows rejected' in said
  assert str(tmp_path / 'out/quarantine') in said
  assert flan.main(flags) == 0
  said = capsys.readouterr().out
  assert 'left out: 1 task' in said
  assert 'cot:gsm8k: 150 wrong_columns' in said
