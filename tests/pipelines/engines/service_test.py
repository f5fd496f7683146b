"""Jobs for a service: their names, what they carry, how they are refused."""

import base64
import bz2
from collections.abc import Callable
import dataclasses
from pathlib import Path
import re

import apache_beam as beam
from apache_beam.internal import pickler
from apache_beam.options.pipeline_options import (
  DebugOptions,
  GoogleCloudOptions,
  SetupOptions,
)
from apache_beam.pipeline import PipelineVisitor
from hypothesis import given
from hypothesis import strategies as st
import pytest
from support.corpora import documents, write
from support.evaluation import suite_files
from support.graphs import pipeline_of
from support.task_files import write_collection

from ul2_flan.pipelines import contamination, evaluation, export, flan, mix, ul2
from ul2_flan.pipelines.engines import Engine, service
from ul2_flan.pipelines.engines.on_beam import OnBeam
from ul2_flan.pipelines.launch import map_only
from ul2_flan.pipelines.launch.kind import KINDS, kind_of
from ul2_flan.pipelines.launch.transform import RunRef
from ul2_flan.pipelines.mix import transform as mix_transform
from ul2_flan.pipelines.run import Budget, Group, Part, Plan, WorkItem
from ul2_flan.pipelines.sources import Piece
from ul2_flan.tasks.denoising import preset_text
from ul2_flan.tasks.errors import UserError

RUN = RunRef('gs://b/out', 'f' * 16, {})
PLAN = Plan('ul2', {}, (), {'a': Group(('ul2r',), 1, 1, 0)}, {}, {})
STEPS = {
  'map only': map_only.chain_of(RUN, Budget(0.01), map_only.ProcessItem(RUN)),
  'mix': mix_transform.chain_of(RUN, ((0, 2),), Budget(0.01)),
  'finish': mix_transform.chain_of(RUN, (), Budget(0.01)),
}
SERVICE = [
  '--runner=DataflowRunner', '--dry_run=True', '--project=project-1',
  '--region=us-central1', '--temp_location=gs://bucket-1/tmp',
]  # fmt: skip


@given(st.text(), st.text(), st.sampled_from(KINDS))
def test_every_name_meets_dataflows_rule(run: str, mixture: str, job: str):
  config = {'name': run, 'mixture': mixture}
  name = service.job_name(
    dataclasses.replace(PLAN, kind=job, config=config), mixture
  )
  assert re.fullmatch(r'[a-z]([-a-z0-9]{0,61}[a-z0-9])?', name)
  assert name.startswith(job)


@pytest.mark.parametrize(
  ('job', 'config', 'begin'),
  [
    ('ul2', {'name': 'ul2r', 'denoisers': preset_text('ul2r')}, 'ul2-ul2r-'),
    ('ul2', {'name': 'C4_en', 'denoisers': preset_text('ul2')}, 'ul2-c4-en-'),
    (
      'ul2',
      {'name': 'c4', 'denoisers': preset_text('span_corruption')},
      'ul2-c4-span-corruption-',
    ),
    ('flan', {'name': 'flan'}, 'flan-'),
    ('flan', {'name': 'flan_fi'}, 'flan-flan-fi-'),
    (
      'mix',
      {'name': 'flan2022_b_packed', 'mixture': 'flan2022_b'},
      'mix-flan2022-b-packed-',
    ),
    ('mix', {'name': 'stage2', 'mixture': 'cot'}, 'mix-stage2-cot-'),
    ('export', {'name': 'flan', 'format': 'parquet'}, 'export-flan-parquet-'),
  ],
)
def test_a_name_says_run_and_preset(job: str, config, begin: str):
  plan = dataclasses.replace(PLAN, kind=job, config=config)
  variant = kind_of(job).variant(config)
  assert service.job_name(plan, variant) == begin + plan.fingerprint[:8]


def test_names_tell_plans_apart():
  other = dataclasses.replace(PLAN, config={'seed': 1})
  assert service.job_name(PLAN, '') != service.job_name(other, '')


@pytest.mark.parametrize('runner', ['DataflowRunner', 'FlinkRunner'])
def test_a_service_gets_a_name_and_no_main_session(runner: str):
  engine = Engine([f'--runner={runner}'])
  service.prepare(engine, PLAN, 'gs://b/out', 'x')
  options = engine.options
  name = options.view_as(GoogleCloudOptions).job_name
  assert name == service.job_name(PLAN, 'x')
  setup = options.view_as(SetupOptions)
  assert setup.save_main_session is False
  assert setup.requirements_cache == 'skip'
  assert options.view_as(DebugOptions).number_of_worker_harness_threads == 1


def test_what_was_given_stays():
  flags = ['--runner=DataflowRunner', '--job_name=j', '--save_main_session']
  flags += ['--requirements_file=wanted.txt']
  engine = Engine([*flags, '--number_of_worker_harness_threads=3'])
  service.prepare(engine, PLAN, 'gs://b/out', '')
  options = engine.options
  assert options.view_as(GoogleCloudOptions).job_name == 'j'
  setup = options.view_as(SetupOptions)
  assert setup.save_main_session is True
  assert setup.requirements_cache is None
  assert options.view_as(DebugOptions).number_of_worker_harness_threads == 3


def test_an_output_that_workers_do_not_see_is_refused():
  engine = Engine(['--runner=DataflowRunner'])
  with pytest.raises(UserError, match='give a folder on a bucket'):
    service.prepare(engine, PLAN, '/tmp/out', '')
  service.prepare(Engine(), PLAN, '/tmp/out', '')


@pytest.mark.parametrize('runner', ['FlinkRunner', 'SparkRunner'])
def test_a_cluster_needs_absolute_paths(runner: str):
  engine = Engine([f'--runner={runner}'])
  service.prepare(engine, PLAN, '/mnt/out', '')
  with pytest.raises(
    UserError, match=r"'out' is relative.*give absolute paths"
  ):
    service.prepare(engine, PLAN, 'out', '')
  for config in (
    {'vocabulary': {'path': 'my.model'}},
    {'manifests': [{'output': 'my.run'}]},
  ):
    plan = dataclasses.replace(PLAN, config=config)
    with pytest.raises(UserError, match=r"'my\.\w+' is relative"):
      service.prepare(engine, plan, '/mnt/out', '')
    service.prepare(Engine(['--runner=FnApiRunner']), plan, 'out', '')


@pytest.mark.parametrize(
  ('flags', 'leaves'),
  [
    ([], False),
    (['--no_wait'], True),
    (['--no_wait_until_finish'], True),
    (['--template_location=gs://b/job'], True),
    (['--no_save_main_session'], False),
  ],
)
def test_when_the_launcher_leaves(flags: list[str], leaves: bool):
  rest = [flag for flag in flags if flag != '--no_wait']
  engine = Engine(rest, no_wait=rest != flags)
  assert service.leaves(engine) is leaves


@pytest.fixture(scope='module')
def runs(
  tmp_path_factory: pytest.TempPathFactory, vocabulary_path: str
) -> dict[str, tuple[Callable[[list[str]], int], list[str]]]:
  """A small run of each kind: its command and its flags."""
  folder = tmp_path_factory.mktemp('runs')
  collection = write_collection(folder / 'tasks')
  source = write(folder / 'in.jsonl', documents(20))
  both = ['--vocabulary', vocabulary_path, '--output']
  lengths = ['--inputs_length=64', '--targets_length=64']
  tasks = ['--source', f'cot={collection}/cot', '--settings=zs_opt']
  mixed = str(folder / 'done')
  assert flan.main([*tasks, *both, mixed, '--local_workers=1']) == 0
  suite = f'--source=mgsm={suite_files.write(folder)}/mgsm'
  asked = str(folder / 'asked')
  assert evaluation.main([suite, *both, asked, '--local_workers=1']) == 0
  return {
    'ul2': (ul2.main, ['--input', source, *lengths, *both, f'{folder}/ul2']),
    'flan': (flan.main, [*tasks, *both, f'{folder}/flan']),
    'mix': (
      mix.main,
      ['--manifest', mixed, '--mixture=cot', '--output', f'{folder}/mix'],
    ),
    'evaluation': (evaluation.main, [suite, *(*both, f'{folder}/evaluation')]),
    'export': (
      export.main,
      [mixed, '--format=parquet', '--output', f'{folder}/export'],
    ),
    'contamination': (
      contamination.main,
      [
        *('--manifest', mixed, '--evaluation', asked),
        *('--output', f'{folder}/contamination'),
      ],
    ),
  }


@pytest.mark.parametrize('job', KINDS)
def test_a_dry_run_builds_the_job(job: str, runs, capsys):
  pytest.importorskip(
    'apache_beam.runners.dataflow.internal.apiclient',
    reason='needs ul2-flan[gcp]',
  )
  main, flags = runs[job]
  output = Path(flags[-1])
  # What is there stays, whatever else a run would do to it.
  output.mkdir(exist_ok=True)
  (output / 'manifest.json').write_text('of another run')
  assert main([*flags, *SERVICE, '--overwrite']) == 0
  said = capsys.readouterr().out
  name, size = re.search(
    r"job '(.*)' is built and not submitted; its pipeline is ([\d,]+) bytes",
    said,
  ).groups()
  assert re.fullmatch(rf'{job}-[-a-z0-9]*[0-9a-f]{{8}}', name)
  assert 5_000 < int(size.replace(',', '')) < 20_000
  assert [p.name for p in output.rglob('*')] == ['manifest.json']


@pytest.mark.parametrize('runner', ['local', 'FnApiRunner'])
def test_a_dry_run_is_not_of_a_runner_that_would_run(
  runner: str, runs, tmp_path
):
  main, flags = runs['ul2']
  flags = [*flags[:-1], str(tmp_path / 'out')]
  with pytest.raises(UserError, match=f'for DataflowRunner.* is {runner}'):
    main([*flags, '--dry_run', '--runner', runner])
  assert not (tmp_path / 'out').exists()


def test_a_local_run_has_an_end_to_wait_for(runs, tmp_path, capsys):
  main, flags = runs['ul2']
  flags = [*flags[:-1], str(tmp_path / 'out'), '--no_wait']
  for runner in ('local', 'FnApiRunner'):
    more = ['--runner', runner, '--local_workers=1', '--overwrite']
    assert main([*flags, *more]) == 0
    assert 'manifest: ' in capsys.readouterr().out


def test_a_submitted_job_is_left_without_a_look_at_it():
  class Result:
    @property
    def state(self):
      raise AssertionError('a call to the service')

  flags = ['--runner=DataflowRunner']
  assert service.is_left(Result(), Engine(flags, no_wait=True))
  assert not service.is_left(Result(), Engine(flags))


def test_passes_are_no_job_to_leave(runs):
  main, flags = runs['mix']
  with pytest.raises(UserError, match='--passes 2 submits 2 jobs, one after'):
    main([*flags, '--passes=2', '--no_wait'])


def large_plan(job: str, tasks: int, items: int) -> Plan:
  """A plan as large as one of so many tasks and files."""
  pieces = [Piece(f'gs://b/{i:05d}', 'jsonl', 0, 9, 9) for i in range(items)]
  parts = [
    Part(f'task{i % tasks}', i, (piece,), i, 1)
    for i, piece in enumerate(pieces)
  ]
  return Plan(
    job,
    {'name': 'run', 'seed': 0, 'tasks': {f'task{i}': {} for i in range(tasks)}},
    tuple(WorkItem(i, (part,)) for i, part in enumerate(parts)),
    {
      f'task{i}': Group(tuple(f'task{i}:{k}' for k in range(4)), 1, 1, 1)
      for i in range(tasks)
    },
    {},
    {},
  )


def size_of(plan: Plan, output: str) -> tuple[int, int]:
  """Bytes and steps of the job that a plan becomes."""
  (step,) = kind_of(plan.kind).steps(plan, output, Budget(0.01), Engine())
  proto = pipeline_of(OnBeam(step)).to_runner_api()
  return len(proto.SerializeToString()), len(proto.components.transforms)


@pytest.mark.parametrize('job', KINDS)
@pytest.mark.parametrize(('tasks', 'items'), [(1836, 1), (1, 10_000)])
def test_a_job_is_as_large_for_one_as_for_many(
  job: str, tasks: int, items: int, tmp_path: Path
):
  one, steps = size_of(large_plan(job, 1, 1), str(tmp_path))
  many, more_steps = size_of(large_plan(job, tasks, items), str(tmp_path))
  assert steps == more_steps
  # Numbers have more digits.
  assert abs(many - one) < 100
  assert many < 100_000  # of about 10 MB that Dataflow allows


def pickled(value) -> bytes:
  """As Beam pickles it, without the compression."""
  return bz2.decompress(base64.b64decode(pickler.dumps(value)))


@pytest.mark.parametrize('step', STEPS)
def test_our_functions_are_pickled_by_name(step: str):
  """Code that is pickled itself would name the file that it is from."""
  found = []

  class Functions(PipelineVisitor):
    def visit_transform(self, transform_node):
      if isinstance(transform_node.transform, beam.ParDo):
        found.append(transform_node.transform)

  pipeline_of(OnBeam(STEPS[step])).visit(Functions())
  assert found
  for transform in found:
    data = pickled((transform.fn, transform.args, transform.kwargs))
    assert b'ul2_flan.pipelines' in data
    for name in (b'on_beam.py', b'map_only.py', b'transform.py'):
      assert name not in data


def test_a_function_that_is_pickled_whole_would_be_noticed():
  assert b'service_test.py' in pickled(lambda x: (x, STEPS))
