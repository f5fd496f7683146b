"""Estimates of costs: their arithmetic, and what real runs then took."""

import dataclasses
import json
from pathlib import Path
import re
import time

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest
from support.corpora import documents, write
from support.plans import plan_of
from support.task_files import write_collection

from ul2_flan.pipelines import flan, mix, ul2
from ul2_flan.pipelines.launch import estimate, kind, outline
from ul2_flan.pipelines.launch.estimate import Cost
from ul2_flan.pipelines.run import Batch, Group, Part, Plan, Progress, WorkItem
from ul2_flan.pipelines.run.tables import size
from ul2_flan.pipelines.sources import Piece
from ul2_flan.tasks.errors import UserError

SMALL = ['--inputs_length=64', '--targets_length=64']
NOTHING = Batch(
  [], np.zeros(0, np.uint64), np.zeros(0, np.int64), np.zeros(0, bool)
)


@given(st.lists(st.integers(1, 1000), min_size=1, max_size=300))
def test_a_sample_is_spread_and_has_nothing_twice(sizes: list[int]):
  found = list(estimate.spread(range(len(sizes)), sizes))
  assert len(set(found)) == len(found) <= len(sizes)
  assert found
  if len(sizes) > 100:
    # Any first few are from everywhere, if no one thing is most of all.
    total, most = sum(sizes), max(sizes)
    starts = np.cumsum([0, *sizes])[found[:4]]
    assert max(starts) - min(starts) >= total / 3 - 2 * most


class FakeWorker:
  """Parts of blocks of 100 tokens; a clock that says what they cost."""

  def __init__(self, clock: list[float], per_block: float, per_part: float):
    self.clock = clock
    self.per_block = per_block
    self.per_part = per_part

  def results(self, part: Part, counts):
    self.clock[0] += self.per_part
    for block in range(part.size):
      self.clock[0] += self.per_block
      counts.add('tokens/read', 100)
      yield NOTHING
      yield Progress(block + 1)


@pytest.mark.parametrize(
  ('parts', 'blocks', 'per_block', 'per_part'),
  [
    (1, 4, 0.3, 0.0),
    (400, 3, 0.001, 0.02),
    (400, 50, 0.1, 0.5),
    (40, 2000, 0.01, 0.0),
    (400, 1, 0.1, 0.0),
  ],
)
def test_what_parts_cost_is_found_from_their_beginnings(
  monkeypatch, parts: int, blocks: int, per_block: float, per_part: float
):
  clock = [0.0]
  worker = FakeWorker(clock, per_block, per_part)
  ul2_kind = dataclasses.replace(
    kind.kind_of('ul2'), prepare=lambda *given: None, worker=lambda plan: worker
  )
  monkeypatch.setattr(estimate, 'kind_of', lambda name: ul2_kind)
  monkeypatch.setattr(time, 'process_time', lambda: clock[0])
  items = tuple(
    WorkItem(i, (Part('a', i, (Piece('p', 'k', 0, 0, blocks),), i, 1),))
    for i in range(parts)
  )
  tokens = 100 * blocks * parts
  group = Group(('a',), parts, parts, 0)
  plan = Plan('ul2', {}, items, {'a': group}, {'tokens': tokens}, {})
  cost = estimate.measure(plan)
  expected = parts * (blocks * per_block + per_part)
  assert cost.cpu_seconds == pytest.approx(expected, rel=0.01)
  # It stops when it knows enough.
  assert cost.sample_seconds < 2 + 2 * per_block + per_part + 0.25
  assert cost.sample_seconds <= expected * 1.01


@pytest.fixture(scope='module')
def runs(tmp_path_factory: pytest.TempPathFactory, vocabulary_path: str):
  """A small run of each kind: its command and its flags."""
  folder = tmp_path_factory.mktemp('runs')
  source = write(folder / 'a.jsonl', documents(40))
  tasks = write_collection(folder / 'tasks')
  both = ['--vocabulary', vocabulary_path, '--output']
  suites = [f'--source={suite}={tasks / suite}' for suite in ('niv2', 'cot')]
  mixed = str(folder / 'done')
  assert flan.main([*suites, *both, mixed, '--local_workers=1']) == 0
  return {
    'ul2': (ul2, ['--input', source, *SMALL, *both, f'{folder}/ul2']),
    'flan': (flan, [*suites, *both, f'{folder}/flan']),
    'mix': (
      mix,
      ['--manifest', mixed, '--mixture=cot', '--output', f'{folder}/mix'],
    ),
  }


NAMES = {
  'job', 'name', 'plan', 'output', 'source_files', 'source_bytes',
  'work_items', 'largest_item_bytes', 'records', 'tokens', 'data_sets',
  'shards', 'output_bytes', 'vcpu_hours', 'worker_memory_bytes', 'measured',
}  # fmt: skip


@pytest.mark.parametrize('job', ['ul2', 'flan', 'mix'])
def test_a_plan_for_programs_has_the_same_names_for_all(job: str, runs, capsys):
  module, flags = runs[job]
  assert module.main([*flags, '--plan_only', '--json']) == 0
  said = capsys.readouterr()
  found = json.loads(said.out)
  of_flan = {'tasks', 'missing', 'several_files', 'unwritable', 'left_out'}
  more = {
    'flan': of_flan,
    'mix': {'shuffled_bytes', 'shuffled_in_memory_bytes'},
  }
  assert set(found) == NAMES | more.get(job, set())
  assert found['job'] == job
  assert found['output'] == flags[-1]
  assert not Path(flags[-1]).exists()
  for name in NAMES - {'job', 'name', 'plan', 'output', 'measured'}:
    assert found[name] > 0, name
  assert found['vcpu_hours'] * 3600 < 10
  assert 50e6 < found['worker_memory_bytes'] < 4e9


@pytest.mark.parametrize('job', ['ul2', 'flan', 'mix'])
def test_a_person_reads_the_same_figures(job: str, runs):
  _, flags = runs[job]
  plan, output = plan_of(job, flags), flags[-1]
  cost = Cost(7200.0, 350_000_000, 1.25, 'Abacus 3')
  found = outline.facts_of(plan, output, cost)
  text = outline.of_plan(plan, output, cost)
  lines = dict(re.findall(r'^(.+?)  +(.+)$', text, re.M))
  assert lines['source files'] == f'{found["source_files"]:,}'
  assert lines['source bytes'] == size(found['source_bytes'])
  assert lines['tokens, about'] == f'{found["tokens"]:,}'
  assert lines['shards'] == f'{found["shards"]:,}'
  assert lines['vCPU hours, about'] == '2'
  assert lines['memory of a worker, about'] == '350.0 MB'
  assert '1.2 s of it ran on this machine' in text
  assert 'Abacus 3' in text


def test_what_a_mix_reads_is_what_its_members_have(runs):
  _, flags = runs['mix']
  plan = plan_of('mix', flags)
  members = plan.config['members']
  paths = [
    path
    for split, own in members.items()
    for name, (_, _, count) in own.items()
    if count
    for path in Path(flags[1], *name.split(':')).glob(f'{split}.tfrecord-*')
    if path.stat().st_size
  ]
  assert plan.estimate['source_files'] == len(paths)
  assert plan.estimate['source_bytes'] == sum(p.stat().st_size for p in paths)


def test_json_is_for_the_plan_alone(runs):
  module, flags = runs['ul2']
  with pytest.raises(UserError, match='give --plan_only too'):
    module.main([*flags, '--json'])


@pytest.mark.parametrize('job', ['ul2', 'flan'])
def test_a_real_run_takes_about_what_was_foreseen(
  job: str, shared_data: Path, tmp_path: Path
):
  vocabulary = str(shared_data / 'vocab/t5.spiece.model')
  flags = {
    'ul2': ['--input', str(shared_data / 'text/en/en.0000[01]*')],
    'flan': [
      '--source',
      f'cot={shared_data}/cot',
      '--tasks=cot:qasc,cot:strategyqa,cot:gsm8k',
    ],
  }[job]
  flags += ['--vocabulary', vocabulary, '--output', str(tmp_path / 'out')]
  module = {'ul2': ul2, 'flan': flan}[job]
  cost = estimate.measure(plan_of(job, flags))
  start = time.process_time()
  assert module.main([*flags, '--local_workers=1']) == 0
  taken = time.process_time() - start
  # Machines are shared; a plan, and the end of a run, come on top.
  assert 0.4 < taken / cost.cpu_seconds < 2.5
