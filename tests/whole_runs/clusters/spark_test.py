"""All three pipelines on a Spark cluster."""

from collections.abc import Iterator
import subprocess

import pytest
from support.clusters import job_server
from support.clusters.spark import SparkCluster
from support.corpora import tree

MISSING = job_server.missing('spark')
pytestmark = pytest.mark.skipif(bool(MISSING), reason=MISSING)


@pytest.fixture(scope='module')
def cluster(tmp_path_factory) -> Iterator[SparkCluster]:
  with SparkCluster(tmp_path_factory.mktemp('spark')) as cluster:
    yield cluster


@pytest.mark.parametrize('name', ['ul2', 'flan', 'mix'])
def test_the_same_bytes(cluster, commands, local, chain, name):
  command = [*commands[name], *cluster.flags()]
  run = cluster.run(command, stdout=subprocess.DEVNULL)
  assert run.wait(180) == 0
  first = tree(local / name)
  assert len(first) > 8
  assert tree(chain / name) == first
