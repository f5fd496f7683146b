"""All three pipelines on a Flink cluster, also when a task manager dies."""

from collections.abc import Iterator
import gzip
import json
from pathlib import Path
import subprocess
import sys

import pytest
from support.corpora import documents, tree
from support.flink import files as flink_files
from support.flink.cluster import FlinkCluster, is_alive
from support.task_files import write_collection

TASKS = (
  'niv2:task003_mctaco_question_generation_event_duration',
  'cot:gsm8k',
  't0_sf:ag_news_classify',
  'flan2021:bool_q',
)


@pytest.fixture(scope='module')
def cluster(tmp_path_factory) -> Iterator[FlinkCluster]:
  if reason := flink_files.missing():
    pytest.skip(reason)
  with FlinkCluster(tmp_path_factory.mktemp('flink')) as cluster:
    yield cluster


@pytest.fixture(scope='module')
def data(tmp_path_factory, vocabulary_path) -> dict[str, list[str]]:
  """Flags that name the sources: real data if it is there."""
  folder = tmp_path_factory.mktemp('data')
  shared = flink_files.ROOT.parent / 'shared' / 'data'
  if not shared.is_dir():
    write_collection(folder)
    text = documents(400).splitlines(keepends=True) * 100
    sources, tasks = {k: folder / k for k in ('niv2', 'cot')}, []
  else:
    vocabulary_path = str(shared / 'vocab' / 't5.spiece.model')
    with gzip.open(sorted(shared.glob('text/en/*.gz'))[0]) as file:
      text = file.readlines()
    names = {'niv2': 'niv2/tasks', 't0_sf': 'p3/rendered'}
    names |= {k: k for k in ('cot', 'flan2021')}
    sources = {k: shared / name for k, name in names.items()}
    tasks = [f'--tasks={",".join(TASKS)}', '--cap=150']
  for i in range(16):
    (folder / f'{i:02}.jsonl').write_bytes(b''.join(text[i::16]))
  common = [f'--vocabulary={vocabulary_path}', '--validation_fraction=0.05']
  common += ['--inputs_length=512', '--targets_length=512']
  flan = [f'--source={suite}={path}' for suite, path in sources.items()]
  return {
    'ul2': [f'--input={folder}/*.jsonl', '--per_denoiser', *common],
    'flan': [*flan, *tasks, *common],
  }


def commands(data: dict[str, list[str]], folder: Path) -> dict[str, list[str]]:
  """The commands that make all three outputs in a folder, in this order."""
  made = {
    'ul2': [*data['ul2'], '--name=text'],
    'flan': [*data['flan'], '--name=tasks'],
    'mix': [
      *('--manifest', str(folder / 'ul2'), str(folder / 'flan')),
      *('--mixture', 'ul2r_flan2022', '--num_examples=2000'),
      *('--min_shards=4', '--pack=enc_dec', '--name=mixed'),
    ],
  }
  return {
    name: [
      *(sys.executable, '-m', f'ul2_flan.pipelines.{name}'),
      *flags,
      f'--output={folder / name}',
    ]
    for name, flags in made.items()
  }


@pytest.fixture(scope='module')
def local(cluster, data, tmp_path_factory) -> Path:
  """Outputs of the local runner."""
  # Manifests name the runs that are mixed: both have the same paths.
  folder = tmp_path_factory.mktemp('runs') / 'chain'
  for command in commands(data, folder).values():
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
  return folder.rename(folder.with_name('local'))


@pytest.fixture(scope='module')
def chain(local) -> Path:
  """Where the same runs write on Flink."""
  return local.with_name('chain')


def test_a_killed_task_manager_costs_no_byte(cluster, data, local, chain):
  command = [*commands(data, chain)['ul2'], *cluster.flags()]
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
def test_the_same_bytes(cluster, data, local, chain, name):
  # Two task managers again, so that a shuffle goes from one to the other.
  cluster.wait(cluster.is_whole, 60)
  command = [*commands(data, chain)[name], *cluster.flags()]
  run = cluster.run(command, stdout=subprocess.DEVNULL)
  assert run.wait(180) == 0
  first = tree(local / name)
  assert len(first) > 8
  assert tree(chain / name) == first
