"""What a mix run costs is measured where it would be spent."""

import pytest
from support.plans import plan_of

from ul2_flan.pipelines.mix import estimate
from ul2_flan.pipelines.mix.planning import shuffled_bytes
from ul2_flan.pipelines.mix.worker import MixWorker


def test_more_epochs_cost_more_seconds_and_memory(flags, tmp_path):
  one = plan_of('mix', flags())
  many = plan_of('mix', flags('out', '--epochs=50'))
  (seconds, held), (more_seconds, more_held) = (
    estimate.cost(plan, str(tmp_path)) for plan in (one, many)
  )
  assert 0 < seconds < more_seconds
  assert 0 < held < more_held


def test_a_writer_holds_its_shard_and_a_window_of_it_twice_more(
  flags, monkeypatch: pytest.MonkeyPatch
):
  # Of many epochs, so that writers hold more than readers do.
  plan = plan_of('mix', flags('out', '--epochs=50', '--min_shards=1'))
  monkeypatch.setattr(estimate, 'WINDOW', 1 << 40)
  held = estimate._held(plan, MixWorker(plan))
  largest = max(item.size for item in plan.items) / plan.estimate['bytes']
  assert abs(held - 3 * largest * shuffled_bytes(plan)) < 2
  monkeypatch.setattr(estimate, 'WINDOW', 1)
  assert estimate._held(plan, MixWorker(plan)) < held


def test_a_reader_holds_more_than_the_largest_shard(flags):
  plan = plan_of('mix', flags('out', '--min_shards=300'))
  worker = MixWorker(plan)
  largest = max(r.shard.bytes for group in worker.reads for r in group)
  assert estimate._held(plan, worker) > largest
