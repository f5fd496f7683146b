"""What an engine's page shows: facts with labels, and counters that add up."""

from pathlib import Path

import apache_beam as beam
from apache_beam.metrics import MetricsFilter
from apache_beam.portability.api import beam_runner_api_pb2
import pytest
from support.corpora import documents, write
from support.graphs import pipeline_of
from support.outputs import manifest_of
from support.plans import plan_of
from support.task_files import write_collection

from ul2_flan.pipelines import flan, mix, ul2
from ul2_flan.pipelines.engines import Engine, dashboard
from ul2_flan.pipelines.engines.on_beam import OnBeam
from ul2_flan.pipelines.flan.accounts import records
from ul2_flan.pipelines.launch import map_only
from ul2_flan.pipelines.run import Budget, Counts, ItemShard, Report

LENGTHS = ['--inputs_length=64', '--targets_length=64']


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
  """The counters of all pipelines that run meanwhile, added up."""
  found: dict[str, int] = {}
  run = beam.Pipeline.run

  def and_look(self):
    result = run(self)
    result.wait_until_finish()
    metrics = result.metrics().query(MetricsFilter().with_namespace('ul2_flan'))
    for counter in metrics['counters']:
      name = counter.key.metric.name
      found[name] = found.get(name, 0) + counter.committed
    return result

  monkeypatch.setattr(beam.Pipeline, 'run', and_look)
  return found


def totals(output: Path) -> tuple[int, int, int, int]:
  """Shards, examples, tokens and bytes, by the manifest."""
  splits = [
    split
    for splits in manifest_of(output).data_sets.values()
    for split in splits.values()
  ]
  return (
    sum(len(s.shards) for s in splits),
    sum(s.stats['examples'] for s in splits),
    sum(
      s.stats.get(f'{side}_tokens', 0)
      for s in splits
      for side in ('inputs', 'targets')
    ),
    sum(shard.bytes for s in splits for shard in s.shards),
  )


def test_counters_are_those_of_the_manifest(
  counted, tmp_path: Path, vocabulary_path: str
):
  text = documents(40) + b'no json\n{"id": "x", "text": " "}\n'
  source = write(tmp_path / 'a.jsonl', text)
  both = ['--vocabulary', vocabulary_path, '--runner=FnApiRunner', '--output']
  flags = ['--input', source, '--max_reject_fraction=0.5', *LENGTHS]
  flags.append('--min_shards=2')
  assert ul2.main([*flags, *both, str(tmp_path / 'ul2')]) == 0
  shards, examples, tokens, size = totals(tmp_path / 'ul2')
  # Each item leaves a part of the validation split, which the end joins.
  assert counted['shards-written'] >= shards
  assert counted['examples-written'] == examples
  assert counted['tokens-written'] == tokens
  assert counted['bytes-written'] == size
  assert counted['records-read'] == 42
  assert counted['records-rejected'] == counted['records-dropped'] == 1

  counted.clear()
  tasks = write_collection(tmp_path / 'tasks')
  flags = [f'--source={suite}={tasks / suite}' for suite in ('niv2', 'cot')]
  assert flan.main([*flags, *both, str(tmp_path / 'flan')]) == 0
  shards, examples, tokens, size = totals(tmp_path / 'flan')
  assert counted['shards-written'] == shards
  assert counted['examples-written'] == examples
  assert counted['tokens-written'] == tokens
  assert counted['bytes-written'] == size
  counts = manifest_of(tmp_path / 'flan').run['counts']
  assert counted['records-read'] == sum(
    own.get('read', 0) for own in counts.values()
  )

  counted.clear()
  flags = ['--manifest', str(tmp_path / 'flan'), '--mixture=cot']
  output = tmp_path / 'mix'
  flags += ['--runner=FnApiRunner', '--output', str(output)]
  assert mix.main(flags) == 0
  shards, examples, tokens, size = totals(output)
  assert counted['items-done'] == counted['shards-written'] == shards
  assert counted['examples-written'] == counted['records-read'] == examples
  assert counted['tokens-written'] == tokens
  assert counted['bytes-written'] == size
  assert counted['bytes-shuffled'] > size
  assert counted['shards-read'] > 0


def test_counters_are_as_many_for_many_tasks():
  counts = Counts()
  for i in range(1836):
    counts.add(f'task{i}/read', 3)
    counts.add(f'task{i}/rejected/malformed')
    counts.add(f'task{i}/dropped/over_cap')
    counts.add(f'flan:task{i}:zs_opt/rows', 2)
    counts.add(f'flan:task{i}:zs_opt/dropped/inputs_too_long')
    counts.add(f'flan:task{i}:zs_opt/data/train/all/inputs_tokens', 5)
    counts.add(f'flan:task{i}:zs_opt/data/train/all/source_tokens', 7)
  shard = ItemShard('a', 'train', 0, 'a', 2, 11, '')
  found = dashboard.amounts(
    Report(0, '', (shard,) * 3, counts), records(counts)
  )
  assert found == {
    'items-done': 1,
    'shards-written': 3,
    'examples-written': 6,
    'bytes-written': 33,
    'tokens-written': 5 * 1836,
    'records-read': 3 * 1836,
    'records-dropped': 1836,
    'records-rejected': 1836,
  }


def test_the_page_says_what_a_run_is(tmp_path: Path, vocabulary_path: str):
  source = write(tmp_path / 'a.jsonl', documents(20))
  flags = ['--input', source, '--vocabulary', vocabulary_path, '--seed=7']
  flags += ['--output', str(tmp_path / 'out'), '--preset=ul2', *LENGTHS]
  plan, output = plan_of('ul2', flags), str(tmp_path / 'out')
  facts = dashboard.facts_of(plan, output)
  labels = dict(facts.values())
  assert labels['Kind of run'] == labels['Name'] == 'ul2'
  assert labels['Output'] == output
  assert labels['Plan'] == plan.fingerprint
  assert labels['Seed'] == '7'
  assert labels['Work items'] == len(plan.items)
  assert labels['Vocabulary'] == vocabulary_path
  assert 'Mixture' not in labels
  (shown,) = [
    shown for name, shown in displayed(plan, output) if 'Process' in name
  ]
  assert labels.items() <= shown.items()


def displayed(plan, output: str):
  """Steps of a pipeline, and what their pages show."""
  (chain,) = map_only.steps(plan, output, Budget(), Engine())
  graph = pipeline_of(OnBeam(chain))
  for step in graph.to_runner_api().components.transforms.values():
    shown = {}
    for item in step.display_data:
      payload = beam_runner_api_pb2.LabelledPayload()
      payload.ParseFromString(item.payload)
      shown[payload.label] = getattr(payload, payload.WhichOneof('value'))
    yield step.unique_name, shown
