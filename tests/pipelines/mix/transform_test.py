"""Passes of a mix run share its work, and are safe to begin again."""

import apache_beam as beam
from hypothesis import given
from hypothesis import strategies as st
import pytest
from support.corpora import tree
from support.outputs import manifest_of
from support.plans import plan_of

from ul2_flan.pipelines import mix
from ul2_flan.pipelines.engines import Engine, progress
from ul2_flan.pipelines.engines.on_beam import OnBeam
from ul2_flan.pipelines.launch.transform import RunRef
from ul2_flan.pipelines.mix import transform
from ul2_flan.pipelines.run import Budget
from ul2_flan.tasks.errors import UserError

BUDGET = Budget(0.01)


@given(st.sets(st.integers(0, 60)))
def test_stretches_are_the_numbers_and_have_gaps_between(items):
  stretches = transform._stretches(sorted(items))
  assert [i for start, stop in stretches for i in range(start, stop)] == sorted(
    items
  )
  assert all(start < stop for start, stop in stretches)
  stops = [stop for _, stop in stretches]
  starts = [start for start, _ in stretches]
  assert all(a < b for a, b in zip(stops, starts[1:], strict=False))


@pytest.mark.parametrize('passes', [1, 2, 3, 100])
def test_passes_share_the_work_and_the_last_one_finishes(
  flags, tmp_path, passes
):
  plan = plan_of('mix', flags())
  steps = transform.steps(
    plan, str(tmp_path / 'none'), BUDGET, Engine(passes=passes)
  )
  assert len(steps) <= passes
  labels = [dict(chain.steps) for chain in steps]
  items = [
    i for step in labels for a, b in step['Read']._items for i in range(a, b)
  ]
  assert items == list(range(len(plan.items)))
  assert not any('Finish' in step for step in labels[:-1])
  assert labels[-1]['Finish']._budget == BUDGET
  shares = [chain.share for chain in steps]
  assert [sorted(share.items) for share in shares] == [
    [i for a, b in step['Read']._items for i in range(a, b)] for step in labels
  ]
  assert len({share.title for share in shares}) == len(shares)


def test_an_unfinished_run_goes_on(flags, tmp_path, monkeypatch, capsys):
  assert mix.main(flags('whole')) == 0
  do = transform.write_shard
  done, seen = [], []

  def some(output, plan, worker, item, blocks):
    if len(done) == 3:
      share = transform._share(plan, range(len(plan.items)), 1, 1)
      made = sum(plan.items[i].size for i in done)
      seen.append((*progress.state(plan, output, share), share.reads + made))
      raise OSError('the disk is full')
    done.append(item)
    return do(output, plan, worker, item, blocks)

  with monkeypatch.context() as patch:
    patch.setattr(transform, 'write_shard', some)
    patch.setattr('ul2_flan.pipelines.engines.local.pool._DELAY', 0)
    assert mix.main(flags('cut', '--local_workers=1')) == 1
  assert 'the disk is full' in capsys.readouterr().err
  # All was read, and three shards were made.
  assert [(seen[0][2], 3)] == [seen[0][:2]]
  cut = tmp_path / 'cut'
  assert not list(cut.rglob('COMPLETED'))
  before = {p: p.stat().st_mtime_ns for p in cut.rglob('*.tfrecord-*')}
  assert len(before) == 3
  assert mix.main(flags('cut')) == 0
  assert all(p.stat().st_mtime_ns == t for p, t in before.items())
  assert tree(cut) == tree(tmp_path / 'whole')
  assert mix.main(flags('cut')) == 0
  assert 'nothing to do' in capsys.readouterr().out
  with pytest.raises(UserError, match='seed: 0 -> 1'):
    mix.main(flags('cut', '--seed=1'))


def test_a_run_with_all_shards_only_finishes(flags, tmp_path, monkeypatch):
  assert mix.main(flags('whole')) == 0

  def never(*_):
    raise OSError('cut off')

  with monkeypatch.context() as patch:
    patch.setattr('ul2_flan.pipelines.launch.finish.finish', never)
    patch.setattr('ul2_flan.pipelines.engines.local.pool._DELAY', 0)
    assert mix.main(flags('cut')) == 1
    monkeypatch.setattr(transform, 'write_shard', never)
  assert mix.main(flags('cut', '--local_workers=1')) == 0
  assert tree(tmp_path / 'cut') == tree(tmp_path / 'whole')


def test_an_engine_may_begin_a_finished_run_again(flags, tmp_path):
  output = tmp_path / 'out'
  assert mix.main(flags()) == 0
  before = tree(output)
  run = RunRef(str(output), manifest_of(output).run['plan'], {})
  with beam.Pipeline(runner='FnApiRunner') as pipeline:
    _ = pipeline | OnBeam(transform.chain_of(run, ((0, 5),), BUDGET))
  read_again = transform.ReadRecords(run, ((0, 5),))
  assert not [*read_again.process((0, [None]))]
  assert not [*transform.WriteShard(run).process((0, []))]
  assert tree(output) == before
