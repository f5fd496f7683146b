"""Which records are wrong, and what becomes of tasks that have many."""

import ast
from collections.abc import Iterator
from pathlib import Path
import re

import pytest
from support.task_files import NIV2, write_cot

from ul2_flan.pipelines import flan
from ul2_flan.pipelines.flan import accounts as flan_accounts
from ul2_flan.pipelines.flan.accounts import FlanAccounts
from ul2_flan.pipelines.run.contract import Budget
from ul2_flan.pipelines.run.counts import Counts
from ul2_flan.pipelines.run.plan import Group, Plan

ROOT = Path(__file__).parents[3]

# Where rows of tasks are refused.
MODULES = [
  *(ROOT / 'pipelines/task_sources').rglob('*.py'),
  *(ROOT / f'pipelines/flan/{name}.py' for name in ('render', 'worker')),
  *(ROOT / 'tasks/rendering/instances').glob('*.py'),
]

# All reasons that have a budget. One that is new is to be added here, or to the
# rules of `flan.accounts`.
FAULTS = {
  'answer_not_an_option', 'answers_missing', 'bad_options', 'broken_template',
  'damaged_file', 'failed', 'invalid_utf8', 'malformed',
  'missing_field', 'not_an_example', 'not_csv', 'not_json', 'too_long_record',
  'unknown_label', 'wrong_columns', 'wrong_shape', 'wrong_type',
}  # fmt: skip

# Of a call that refuses a record, which argument is the reason.
PLACES = {
  'reject': 1, 'Reject': 2, 'RejectError': 0, 'BadRecordError': 0, 'require': 1
}  # fmt: skip


def reasons_in(module: Path) -> Iterator[str]:
  """The reasons that a module gives, with `*` for what is filled in."""
  for node in ast.walk(ast.parse(module.read_text())):
    if isinstance(node, ast.Call):
      name = ast.unparse(node.func).rpartition('.')[2]
      if name in PLACES:
        yield from _texts(node.args[PLACES[name]])
      elif ast.unparse(node.func) == 'reasons.get':
        yield from _texts(node.args[1])
    elif isinstance(node, ast.Return) and isinstance(node.value, ast.Tuple):
      # Reason and detail, from a function that explains.
      yield from _texts(ast.Tuple(node.value.elts[:1]))
    elif isinstance(node, ast.Assign) and 'reasons' in ast.unparse(
      node.targets[0]
    ):
      yield from _texts(node.value)


def _texts(node: ast.expr) -> Iterator[str]:
  """The texts of an expression."""
  if isinstance(node, ast.JoinedStr):
    parts = [
      v.value if isinstance(v, ast.Constant) else '*' for v in node.values
    ]
    yield ''.join(map(str, parts))
  elif isinstance(node, ast.Constant) and isinstance(node.value, str):
    yield node.value
  elif isinstance(node, (ast.Tuple, ast.List)):
    for part in node.elts:
      yield from _texts(part)
  elif isinstance(node, ast.IfExp):
    yield from _texts(node.body)
    yield from _texts(node.orelse)


def test_every_reason_is_a_fault_or_a_rule():
  found = {reason for module in MODULES for reason in reasons_in(module)}
  assert all(re.fullmatch(r'[a-z0-9_*]+', reason) for reason in found)
  assert {r for r in found if flan_accounts.is_fault(r)} == FAULTS
  rules = {r for r in found if not flan_accounts.is_fault(r)}
  empty = {r for r in rules if r.startswith('empty_')} - flan_accounts.RULES
  assert empty == {'empty_*', 'empty_dialog', 'empty_output'}
  # This one is counted where no record is refused.
  assert rules - empty == flan_accounts.RULES - {'over_cap'}


@pytest.fixture
def flags(vocabulary_path, tmp_path):
  return [
    *(f'--source=cot={tmp_path / "cot"}', '--tasks=cot:gsm8k,cot:aqua'),
    *('--vocabulary', vocabulary_path, '--settings=zs_opt'),
    *('--output', str(tmp_path / 'out')),
  ]


def test_lines_without_their_columns_have_a_budget(flags, tmp_path, capsys):
  bad = write_cot(tmp_path / 'cot', 'gsm8k', 30)
  with bad.open('a') as file:
    file.writelines(f'Question {i}?\tanswer {i}\n' for i in range(150))
  write_cot(tmp_path / 'cot', 'aqua', 30)
  assert flan.main([*flags, '--strict']) == 1
  said = capsys.readouterr().err
  assert 'cot:gsm8k: 150 wrong_columns of 180 records rejected' in said
  assert str(tmp_path / 'out/quarantine') in said
  assert flan.main(flags) == 0
  said = capsys.readouterr().out
  assert 'left out: 1 task' in said
  assert 'cot:gsm8k: 150 wrong_columns' in said


def plan_of(*tasks: str) -> Plan:
  groups = {task: Group((f'flan:{task}:zs_opt',), 1, 1, 0) for task in tasks}
  config = {'name': 'flan', 'tasks': {task: {} for task in tasks}}
  return Plan('flan', config, (), groups, {}, {})


@pytest.mark.parametrize(
  ('empty', 'over_cap', 'left'), [(40, 0, False), (60, 0, True), (6, 90, True)]
)
def test_records_without_text_are_a_rules_until_they_are_most(
  empty: int, over_cap: int, left: bool
):
  task = f'niv2:{NIV2[0]}'
  data_set = f'flan:{task}:zs_opt'
  rows = 100 - empty - over_cap
  counts = Counts()
  for name, n in (
    (f'{task}/read', 100),
    (f'{task}/used', rows),
    (f'{task}/dropped/empty_output', empty),
    (f'{task}/dropped/over_cap', over_cap),
    (f'{data_set}/rows', rows),
    (f'{data_set}/rendered', rows),
    (f'{data_set}/data/train/all/examples', rows),
  ):
    counts.add(name, n)
  accounts = FlanAccounts(plan_of(task), Budget(0.01))
  accounts.close(task, counts)
  assert set(accounts.left_out) == ({task} if left else set())
  assert (f'{empty} empty_output' in accounts.left_out.get(task, '')) == left
  assert accounts.mixtures == (
    {}
    if left
    else {name: {data_set: rows} for name in ('flan', 'flan:niv2:zs_opt')}
  )
