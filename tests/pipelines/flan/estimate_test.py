"""What a Flan run will make is known from a few rows, to within a third."""

from collections.abc import Iterator

import pytest
from support.plans import plan_of
from support.task_files import NIV2, write_cot, write_niv2

from ul2_flan.pipelines.flan import estimate
from ul2_flan.pipelines.flan.worker import FlanWorker
from ul2_flan.pipelines.launch.estimate import Look
from ul2_flan.pipelines.task_sources import RowBlock


@pytest.fixture
def plan(tmp_path, vocabulary_path):
  """Makes a plan over a task of NIv2 and one of chain of thought."""

  def make(*more: str):
    write_niv2(tmp_path / 'niv2', NIV2[0], 400)
    write_cot(tmp_path / 'cot', 'gsm8k', 300)
    flags = [f'--source={s}={tmp_path / s}' for s in ('niv2', 'cot')]
    flags += [f'--tasks=niv2:{NIV2[0]},cot:gsm8k', '--settings=zs_opt,fs_opt']
    return plan_of('flan', [*flags, f'--vocabulary={vocabulary_path}', *more])

  return make


def test_it_is_right_within_a_third(plan):
  made = plan()
  worker, look = FlanWorker(made), Look()
  for item in made.items:
    for part in item.parts:
      look.add(worker.results(part, look.counts))
  foreseen = estimate.estimate(made)
  assert foreseen == made.estimate
  tokens = sum(
    n
    for numbers in look.counts.sums.values()
    for name, n in numbers.items()
    if name.endswith('_tokens')
  )
  for unit, real in (
    ('rows', 700),
    ('tokens', tokens),
    ('bytes', look.written),
  ):
    assert foreseen[unit] == pytest.approx(real, rel=1 / 3), unit


@pytest.mark.parametrize('cap', [10, 50])
def test_a_cap_bounds_it(plan, cap):
  whole, capped = plan().estimate, plan(f'--cap={cap}').estimate
  assert capped['rows'] == 2 * cap
  for unit in ('tokens', 'bytes'):
    assert capped[unit] / whole[unit] == pytest.approx(
      capped['rows'] / whole['rows'], rel=0.1
    )


def test_a_suite_that_cannot_be_read_counts_nothing(plan, tmp_path):
  both = plan()
  (tmp_path / 'niv2' / f'{NIV2[0]}.json').write_text('{')
  rest = estimate.estimate(both)
  assert 0 < rest['rows'] < both.estimate['rows']
  (tmp_path / 'cot' / 'gsm8k_train.tsv').unlink()
  assert estimate.estimate(both) == {'rows': 0, 'tokens': 0, 'bytes': 0}


def test_a_row_takes_what_all_blocks_of_one_reading_took():
  def block(rows: int, source_bytes: int) -> RowBlock:
    return RowBlock(
      'f', [{}] * rows, places=list(range(rows)), source_bytes=source_bytes
    )

  def rest() -> Iterator[RowBlock]:
    yield block(10, 1000)
    yield block(5, 1000)
    yield block(10, 2000)
    raise AssertionError('this is not needed')

  assert estimate._row_bytes(block(10, 1000), rest()) == 1000 / 25
