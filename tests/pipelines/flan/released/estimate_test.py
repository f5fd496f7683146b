"""The plan of a run over a dump says about what comes of it."""

import pytest
from support.outputs import manifest_of
from support.plans import plan_of

from ul2_flan.pipelines import flan
from ul2_flan.pipelines.flan.released.estimate import cost


def test_an_estimate_is_near_to_what_is_made(flags, tmp_path):
  plan = plan_of('flan', flags('out', '--suites=cot'))
  assert flan.main(flags('out', '--suites=cot')) == 0
  made = manifest_of(tmp_path / 'out').data_sets
  tokens = sum(
    info.stats.get(f'{side}_tokens', 0)
    for splits in made.values()
    for info in splits.values()
    for side in ('inputs', 'targets')
  )
  assert plan.estimate['rows'] == pytest.approx(60, rel=0.1)
  assert plan.estimate['tokens'] == pytest.approx(tokens, rel=0.3)
  seconds, held = cost(plan, str(tmp_path))
  assert seconds > 0
  assert held is None
