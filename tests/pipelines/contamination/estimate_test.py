"""Estimates of searches come from looking through some of the texts."""

from ul2_flan.pipelines.launch import estimate


def test_a_plan_tells_what_it_will_take(made):
  cost = estimate.measure(made.plan())
  assert 0 < cost.cpu_seconds < 60
  assert cost.worker_bytes > 0
