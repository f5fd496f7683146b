"""Estimates of exports come from writing some of their shards."""

from ul2_flan.pipelines import export
from ul2_flan.pipelines.launch import estimate


def test_a_plan_tells_what_it_will_take(runs):
  config = export.Config(manifest=str(runs['enc_dec']), format='parquet')
  plan = export.plan(config, output='out').plan
  cost = estimate.measure(plan)
  assert 0 < cost.cpu_seconds < 10
  assert cost.worker_bytes > max(item.size for item in plan.items)
