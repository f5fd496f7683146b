"""A finished Flan run to mix, and the flags for it."""

from pathlib import Path

import pytest
from support.task_files import write_collection

from ul2_flan.pipelines import flan


@pytest.fixture(scope='session')
def flan_run(tmp_path_factory, vocabulary_path) -> Path:
  """The output of a small run of five tasks, which no test may change."""
  folder = tmp_path_factory.mktemp('runs')
  write_collection(folder / 'data')
  sources = [f'--source={s}={folder / "data" / s}' for s in ('niv2', 'cot')]
  flags = [*sources, f'--vocabulary={vocabulary_path}', '--local_workers=1']
  flags += ['--inputs_length=1024', '--targets_length=128']
  flags += ['--settings=zs_opt,fs_opt', '--validation_fraction=0.1']
  assert flan.main([*flags, f'--output={folder / "out"}']) == 0
  return folder / 'out'


@pytest.fixture
def flags(flan_run, tmp_path):
  """Makes the flags of a mix of 700 examples in five shards or more."""

  def make(output: str = 'out', *more: str) -> list[str]:
    return [
      *('--manifest', str(flan_run), '--mixture', 'flan2022_b'),
      *('--num_examples', '700', '--output', str(tmp_path / output)),
      *('--min_shards', '5', *more),
    ]

  return make
