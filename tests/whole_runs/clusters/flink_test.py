"""All three pipelines on a Flink cluster, also when a task manager dies."""

from collections.abc import Iterator
import json
import subprocess

import pytest
from support.clusters import job_server
from support.clusters.cluster import is_alive
from support.clusters.flink import FlinkCluster
from support.corpora import tree

MISSING = job_server.missing('flink')
pytestmark = pytest.mark.skipif(bool(MISSING), reason=MISSING)


@pytest.fixture(scope='module')
def cluster(tmp_path_factory) -> Iterator[FlinkCluster]:
  with FlinkCluster(tmp_path_factory.mktemp('flink')) as cluster:
    yield cluster


def test_a_killed_task_manager_costs_no_byte(cluster, commands, local, chain):
  command = [*commands['ul2'], *cluster.flags()]
  run = cluster.run(command, stdout=subprocess.DEVNULL)
  progress = chain / 'ul2' / '_progress'

  def some_are_done() -> bool:
    return run.poll() is not None or any(progress.glob('item-*'))

  cluster.wait(some_are_done, 120)
  victim = cluster.task_managers[0]
  victim.kill()
  victim.wait()
  plan = json.loads((progress / 'plan.json').read_bytes())
  assert len([*progress.glob('item-*')]) < len(plan['items'])
  assert run.wait(180) == 0
  (job,) = cluster.get('/jobs/overview')['jobs']
  assert job['state'] == 'FINISHED'
  failures = cluster.get(f'/jobs/{job["jid"]}/exceptions')['exceptionHistory']
  assert failures['entries']
  assert cluster.get('/overview')['taskmanagers'] == 1
  assert tree(chain / 'ul2') == tree(local / 'ul2')
  # Nobody killed its worker, which has noticed and ended.
  cluster.wait(lambda: not is_alive(victim), 30)
  cluster.add_task_manager()


@pytest.mark.parametrize('name', ['flan', 'mix'])
def test_the_same_bytes(cluster, commands, local, chain, name):
  # Two task managers again, so that a shuffle goes from one to the other.
  cluster.wait(cluster.is_whole, 60)
  command = [*commands[name], *cluster.flags()]
  run = cluster.run(command, stdout=subprocess.DEVNULL)
  assert run.wait(180) == 0
  first = tree(local / name)
  assert len(first) > 8
  assert tree(chain / name) == first
