"""A finished run is complete as long as all that it made is there."""

from pathlib import Path

import pytest
from support.tiny_plans import PLAN, finished, report_of

from ul2_flan.pipelines.launch.manifest.finished import ended, is_complete
from ul2_flan.pipelines.run import paths
from ul2_flan.tasks.errors import UserError


def test_a_finished_run_is_complete_and_ended(tmp_path: Path):
  output = finished(tmp_path)
  assert is_complete(output, PLAN)
  assert ended(output)
  assert not (tmp_path / '_progress').exists()


def test_a_data_set_without_its_mark_is_not_complete(tmp_path: Path):
  output = finished(tmp_path)
  Path(paths.completed_path(output, 'g:b')).unlink()
  assert not is_complete(output, PLAN)


def test_a_run_that_died_while_it_finished_has_not_ended(tmp_path: Path):
  output = finished(tmp_path)
  plan = Path(paths.plan_path(output))
  plan.parent.mkdir()
  plan.write_bytes(PLAN.to_json())
  assert not ended(output)
  assert not is_complete(output, PLAN)


@pytest.mark.parametrize('loss', [None, b'', b'longer than it was'])
def test_shards_that_somebody_deleted_or_cut_are_told(tmp_path: Path, loss):
  output = finished(tmp_path)
  one, other = (tmp_path / s.path for s in report_of(PLAN, 1).shards)
  for shard in (one, other):
    shard.unlink() if loss is None else shard.write_bytes(loss)
  how = 'is missing' if loss is None else f'has {len(loss)} bytes, not 9'
  with pytest.raises(UserError, match=rf'{one} {how} \(2 .*--overwrite'):
    is_complete(output, PLAN)


def test_shards_may_lie_elsewhere_behind_links(tmp_path: Path):
  output = finished(tmp_path / 'out')
  (tmp_path / 'out/g/a').rename(tmp_path / 'a')
  (tmp_path / 'out/g/a').symlink_to(tmp_path / 'a')
  assert is_complete(output, PLAN)
