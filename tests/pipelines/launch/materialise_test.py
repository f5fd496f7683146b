"""A transform of somebody's own pipeline; `api_test` runs it."""

from pathlib import Path

from support.tiny_plans import PLAN

from ul2_flan.pipelines.launch.materialise import Materialise
from ul2_flan.pipelines.run import Planned


def test_a_transform_writes_nothing_until_it_is_applied(tmp_path: Path):
  Materialise(Planned(PLAN, output=str(tmp_path / 'out')))
  assert list(tmp_path.iterdir()) == []
