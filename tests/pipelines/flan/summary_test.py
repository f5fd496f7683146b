"""The summary of a Flan run adds up."""

from pathlib import Path
import re

import pytest
from support.task_files import NIV2, write_cot, write_niv2

from ul2_flan.pipelines import flan
from ul2_flan.pipelines.flan.summary import FlanSummary
from ul2_flan.pipelines.run import Counts, Plan
from ul2_flan.pipelines.storage import manifest_of
from ul2_flan.tasks.manifest import Split


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
  """The table of what became of the rows."""
  table = told_of(output).partition('what became of the rows')[2]
  table = table.partition('\n\n')[0]
  return {
    name: int(n.replace(',', ''))
    for name, n in re.findall(r'^(\S.*?) +([\d,]+)$', table, re.MULTILINE)
  }


def sum_of(accounts: dict[str, int], head: str) -> int:
  return sum(n for name, n in accounts.items() if name.startswith(head))


def test_the_accounts_add_up(output):
  told = accounts_of(output)
  assert told['rows read'] == 40 + 40 + 35
  assert told['rows rejected: wrong columns'] == 5
  assert told['rows read'] == sum(
    sum_of(told, f'rows {outcome}')
    for outcome in ('used', 'dropped', 'rejected')
  )
  # Each row gives an instance, which both settings take.
  instances = told['instances, once for each setting']
  assert instances == told['rows used'] * 2
  assert instances == sum(
    sum_of(told, f'examples {outcome}')
    for outcome in ('made', 'left out', 'dropped')
  )


def test_examples_are_in_the_data_sets_or_left_out(output):
  told = accounts_of(output)
  data_sets = manifest_of(str(output)).data_sets.values()
  examples = sum(split.examples for d in data_sets for split in d.values())
  assert told['examples made'] == examples
  assert told['examples left out with their task'] == 2 * 30


def test_trimmed_instances_and_exemplars_are_told(output):
  told = accounts_of(output)
  assert told['instances trimmed'] == 2 * 3
  # At least one in each few-shot example.
  few_shot = told['instances, once for each setting'] / 2
  assert told['exemplars shown'] >= few_shot


def test_the_quarantine_is_named_while_it_is_there(output):
  plan = Plan('flan', {}, (), {}, {}, {})
  assert "kept in the folder 'quarantine'" in told_of(output)
  assert 'kept in' not in FlanSummary(plan, str(output / 'none')).text({})


@pytest.mark.parametrize(
  ('unknown', 'told'), [(0, ''), (9, ''), (15, '10%'), (100, '100%')]
)
def test_a_task_with_many_unknown_tokens_is_told(unknown, told, tmp_path):
  summary = FlanSummary(Plan('flan', {}, (), {}, {}, {}), str(tmp_path))
  data_sets = [f'flan:cot:aqua:{setting}' for setting in ('zs_opt', 'fs_opt')]
  stats = {'examples': 5, 'inputs_tokens': 900, 'targets_tokens': 100}
  counts = Counts()
  for name in data_sets:
    counts.add(f'{name}/rows', 5)
    counts.add(f'{name}/unknown/targets', unknown)
  splits = {'train': Split((), stats)}
  summary.add(dict.fromkeys(data_sets, splits), counts)
  text = summary.text({})
  shown = f'cot:aqua: {told} or more of targets' in text
  assert shown == bool(told) == ('many unknown' in text)
  assert ('unknown tokens of examples: targets' in text) == bool(unknown)
