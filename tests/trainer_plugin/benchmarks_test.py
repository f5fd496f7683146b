"""A checkpoint is evaluated once, and has a row of the paper's table."""

from pathlib import Path

import pytest

from ul2_flan.tasks.errors import UserError
from ul2_flan.trainer_plugin.benchmarks import Benchmarks


@pytest.fixture
def benchmarks(tmp_path: Path) -> Benchmarks:
  return Benchmarks('/eval', 'm.gin', str(tmp_path), {'TOPK': '40'})


def test_t5x_is_told_what_to_evaluate(benchmarks, tmp_path):
  command = benchmarks.command('flan', '/m/checkpoint_3')
  assert command[1:] == [
    *('-m', 't5x.eval', '--gin_file=m.gin'),
    '--gin_file=ul2_flan/trainer_plugin/configs/runs/eval.gin',
    '--gin.MANIFEST="/eval"',
    '--gin.CHECKPOINT_PATH="/m/checkpoint_3"',
    f'--gin.EVAL_OUTPUT_DIR="{tmp_path}/benchmarks/flan"',
    '--gin.TOPK=40',
  ]


def test_a_checkpoint_is_done_when_t5x_says_so(benchmarks, tmp_path):
  assert not benchmarks.is_done('flan', '/m/checkpoint_3')
  folder = tmp_path / 'benchmarks' / 'flan'
  folder.mkdir(parents=True)
  (folder / 'eval.eval.ckpt').write_text('/m/checkpoint_2\n/m/checkpoint_3')
  assert benchmarks.is_done('flan', '/m/checkpoint_3')
  assert not benchmarks.is_done('flan', '/m/checkpoint_30')


def test_answers_that_are_not_there_are_told(benchmarks):
  with pytest.raises(UserError, match='benchmarks/flan/inference_eval has no'):
    list(benchmarks.told(['flan']))
