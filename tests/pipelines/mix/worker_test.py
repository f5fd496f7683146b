"""Every record gets to its shard once, or the run stops."""

import collections
import dataclasses
import shutil

import numpy as np
import pytest
from support.plans import plan_of

from ul2_flan.pipelines import mix
from ul2_flan.pipelines.mix.frames import Gathered
from ul2_flan.pipelines.mix.worker import MixWorker
from ul2_flan.tasks.errors import UserError


def blocks_of(worker: MixWorker, items: frozenset[int]):
  """All blocks of some work items."""
  blocks = collections.defaultdict(list)
  for reads in worker.reads:
    for item, block in worker.blocks(reads, items):
      blocks[item].append(block)
  return blocks


def in_order(worker: MixWorker, item: int, blocks) -> list[bytes]:
  """The frames of a work item in the order of their places."""
  return list(Gathered(blocks).take(worker.order(item, blocks)))


def test_a_reader_gives_what_is_wanted_and_that_in_full(flags):
  plan = plan_of('mix', flags())
  worker = MixWorker(plan)
  everything = blocks_of(worker, frozenset(range(len(plan.items))))
  some = blocks_of(worker, frozenset({0, 3}))
  assert set(some) == {0, 3}
  for item in some:
    frames = in_order(worker, item, everything[item])
    assert in_order(worker, item, some[item]) == frames
    start, stop = worker.bounds(item)
    assert len(frames) == stop - start


def test_the_order_of_blocks_does_not_matter(flags, monkeypatch):
  # A block of each record.
  monkeypatch.setattr('ul2_flan.pipelines.mix.worker.HELD_BYTES', 1)
  worker = MixWorker(plan_of('mix', flags()))
  blocks = blocks_of(worker, frozenset({0}))[0]
  assert len(blocks) > 3
  assert in_order(worker, 0, blocks[::-1]) == in_order(worker, 0, blocks)


@pytest.mark.parametrize('held', [1000, 20_000])
def test_a_reader_holds_little_of_shards_that_are_taken_often(
  flags, monkeypatch, held: int
):
  worker = MixWorker(plan_of('mix', flags('out', '--num_examples=3000')))
  placements = [read.placement for reads in worker.reads for read in reads]
  assert max(p.count / p.examples for p in placements) > 3
  everything = blocks_of(worker, every := frozenset(range(100)))
  monkeypatch.setattr('ul2_flan.pipelines.mix.worker.HELD_BYTES', held)
  blocks = blocks_of(worker, every)
  largest = max(Gathered(blocks[0]).sizes.tolist())
  for item, made in blocks.items():
    assert in_order(worker, item, made) == in_order(
      worker, item, everything[item]
    )
    assert max(len(data) for _, _, data in made) <= 2 * held + largest


def test_a_doubled_or_lost_record_is_noticed(flags):
  plan = plan_of('mix', flags())
  worker = MixWorker(plan)
  blocks = blocks_of(worker, frozenset(range(len(plan.items))))
  assert len(worker.order(0, blocks[0]))
  for wrong in (blocks[0] * 2, blocks[0][1:], blocks[1]):
    with pytest.raises(RuntimeError, match='lost or doubled'):
      worker.order(0, wrong)


def test_a_changed_manifest_is_refused_before_and_after_planning(
  flags, flan_run, tmp_path
):
  run = shutil.copytree(flan_run, tmp_path / 'run')
  given = [str(run) if flag == str(flan_run) else flag for flag in flags()]
  plan = plan_of('mix', given)
  path = run / 'manifest.json'
  path.write_text(path.read_text().replace('"decoder_only"', ' "decoder_only"'))
  for use in (lambda: plan_of('mix', given), lambda: MixWorker(plan)):
    with pytest.raises(UserError, match='anew with --overwrite') as error:
      use()
    assert f'{path} is not as its run wrote it' in str(error.value)


def test_work_items_have_all_places_of_all_splits(flags):
  plan = plan_of('mix', flags())
  worker = MixWorker(plan)
  bounds = collections.defaultdict(list)
  for item in range(len(plan.items)):
    split, shard = worker.shard_of(item)
    assert shard == len(bounds[split])
    bounds[split].append(worker.bounds(item))
  assert set(bounds) == {'train', 'validation'}
  for split, made in worker.splits.items():
    flat = np.array(bounds[split]).ravel()
    assert flat[0] == 0
    assert flat[-1] == made['places']
    assert np.array_equal(flat[1:-1:2], flat[2::2])
  with pytest.raises(IndexError):
    worker.shard_of(len(plan.items))


def test_places_do_not_depend_on_the_order_of_a_plans_members(flags):
  # JSON sorts them, so a plan in memory may have them in another order.
  plan = plan_of('mix', flags())
  members = plan.config['members']
  config = {
    **plan.config,
    'members': {k: dict(reversed(m.items())) for k, m in members.items()},
  }
  turned = MixWorker(dataclasses.replace(plan, config=config))
  assert turned.reads == MixWorker(plan).reads


def test_a_run_that_was_made_anew_is_refused(flags):
  plan = plan_of('mix', flags())
  (known,) = plan.config['manifests']
  config = {**plan.config, 'manifests': [{**known, 'plan': 'an older one'}]}
  with pytest.raises(UserError, match='is of another run'):
    MixWorker(dataclasses.replace(plan, config=config))


def test_a_run_that_is_gone_is_refused(flags, tmp_path):
  plan = plan_of('mix', flags())
  (known,) = plan.config['manifests']
  config = {**plan.config, 'manifests': [{**known, 'output': str(tmp_path)}]}
  with pytest.raises(UserError, match=f'there is no {tmp_path}/manifest.json'):
    MixWorker(dataclasses.replace(plan, config=config))


def test_a_changed_member_fails_the_run(flags, flan_run, capsys):
  shard = next(flan_run.rglob('zs_opt/train.tfrecord-*'))
  data = shard.read_bytes()
  shard.write_bytes(data[:-3] + b'xyz')
  try:
    assert mix.main(flags()) == 1
  finally:
    shard.write_bytes(data)
  assert str(shard) in capsys.readouterr().err
