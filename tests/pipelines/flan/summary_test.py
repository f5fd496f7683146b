"""What a person reads of a Flan run adds up."""

from pathlib import Path
import re

import pytest
from support.task_files import NIV2, write_cot, write_niv2

from ul2_flan.pipelines import flan
from ul2_flan.pipelines.flan.summary import FlanSummary
from ul2_flan.pipelines.run.plan import Plan
from ul2_flan.pipelines.storage.manifests import manifest_of


@pytest.fixture(scope='module')
def output(vocabulary_path, tmp_path_factory) -> Path:
  """A run of three tasks, of which one is left out."""
  folder = tmp_path_factory.mktemp('summary')
  write_niv2(folder / 'niv2', NIV2[0], 40, long=3)
  write_cot(folder / 'cot', 'gsm8k', 40)
  with write_cot(folder / 'cot', 'aqua', 30).open('a') as file:
    file.write('of one column\n' * 5)
  flags = [f'--source={suite}={folder / suite}' for suite in ('niv2', 'cot')]
  flags += ['--vocabulary', vocabulary_path, f'--output={folder / "out"}']
  flags += ['--settings=zs_opt,fs_opt', '--inputs_length=1024']
  flags += [f'--tasks=niv2:{NIV2[0]},cot:gsm8k,cot:aqua', '--local_workers=1']
  assert flan.main(flags) == 0
  return folder / 'out'


def told_of(output: Path) -> str:
  return (output / 'summary.txt').read_text()


def accounts_of(output: Path) -> dict[str, int]:
  """The table of what became of records and rows."""
  table = told_of(output).partition('what became of them')[2]
  table = table.partition('\n\n')[0]
  return {
    name: int(n.replace(',', ''))
    for name, n in re.findall(r'^(\S.*?) +([\d,]+)$', table, re.MULTILINE)
  }


def sum_of(accounts: dict[str, int], head: str) -> int:
  return sum(n for name, n in accounts.items() if name.startswith(head))


def test_the_accounts_add_up(output):
  found = accounts_of(output)
  assert found['records read'] == 40 + 40 + 35
  assert found['records rejected: wrong columns'] == 5
  assert found['records read'] == sum(
    sum_of(found, f'records {what}') for what in ('used', 'dropped', 'rejected')
  )
  assert found['rows made'] == found['records used'] * 2
  assert found['rows made'] == sum_of(found, 'rows rendered') + sum_of(
    found, 'rows dropped'
  )


def test_what_is_rendered_is_in_the_data_sets_or_left_out(output):
  found = accounts_of(output)
  data_sets = manifest_of(str(output)).data_sets.values()
  examples = sum(split.examples for d in data_sets for split in d.values())
  assert found['rows rendered'] == examples
  assert found['rows rendered, left out with their task'] == 2 * 30


def test_trimmed_rows_and_exemplars_are_told(output):
  found = accounts_of(output)
  assert found['rows trimmed'] == 2 * 3
  assert found['exemplars'] > found['rows made'] / 2


def test_the_quarantine_is_named_while_it_is_there(output):
  plan = Plan('flan', {}, (), {}, {}, {})
  assert f'kept in {output / "quarantine"}' in told_of(output)
  assert 'kept in' not in FlanSummary(plan, str(output / 'none')).text({})
