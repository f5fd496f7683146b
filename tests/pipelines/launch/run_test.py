"""A launch checks, begins, works, and says what became of it."""

import contextlib
import dataclasses
import multiprocessing
from pathlib import Path

import apache_beam as beam
from apache_beam.options.pipeline_options import GoogleCloudOptions
import pytest
from support.corpora import documents, write
from support.plans import plan_of

from ul2_flan.pipelines.engines import Engine, service
from ul2_flan.pipelines.engines.local import runner
from ul2_flan.pipelines.launch import run as run_lib
from ul2_flan.pipelines.launch.run import Launch, Outcome
from ul2_flan.pipelines.run import Budget, Plan, Planned, paths
from ul2_flan.pipelines.storage import locks, manifest_of
from ul2_flan.tasks.errors import UserError

ONE = Engine(local_workers=1)


@pytest.fixture
def planned(tmp_path: Path, vocabulary_path: str) -> Planned:
  source = write(tmp_path / 'a.jsonl', documents(10))
  flags = ['--input', source, '--vocabulary', vocabulary_path]
  flags += ['--inputs_length=64', '--targets_length=64', '--min_shards=1']
  return Planned(plan_of('ul2', flags), output=str(tmp_path / 'out'))


def launch(planned: Planned, engine: Engine = ONE, **more: bool) -> Launch:
  return Launch(planned, engine, Budget(), **more)


def test_work_follows_a_beginning_and_then_there_is_none(planned: Planned):
  first = launch(planned)
  assert first.begin() is None
  assert first.work(show_progress=False) == Outcome(complete=True)
  assert launch(planned).begin() == Outcome(complete=True)


def test_a_run_goes_on_with_the_plan_that_began_it(planned: Planned):
  # A version before made other data sets of the same sources.
  ((name, group),) = planned.plan.groups.items()
  group = dataclasses.replace(group, data_sets=('before',))
  before = dataclasses.replace(planned.plan, groups={name: group})
  assert before.fingerprint != planned.plan.fingerprint
  began = launch(dataclasses.replace(planned, plan=before))
  assert began.begin() is None
  later = launch(planned)
  assert later.begin() is None
  assert later.plan.fingerprint == before.fingerprint
  assert later.work(show_progress=False) == Outcome(complete=True)
  assert set(manifest_of(planned.output).data_sets) == {'before'}
  assert launch(planned).begin() == Outcome(complete=True)


@pytest.mark.parametrize('workers', [1, 3])
def test_all_is_prepared_before_workers_begin(
  planned: Planned, workers: int, monkeypatch: pytest.MonkeyPatch
):
  monkeypatch.setattr(runner, 'may_fork', lambda: True)
  begun = launch(planned, Engine(local_workers=workers))
  told = []

  def prepare(plan: Plan, processes: int) -> None:
    told.append((plan, processes, len(multiprocessing.active_children())))

  begun._kind = dataclasses.replace(begun._kind, prepare=prepare)
  begun.begin()
  begun.work(show_progress=False)
  assert told == [(planned.plan, workers, 0)]


def test_progress_is_shown_if_wanted(planned: Planned, monkeypatch):
  shown = []

  @contextlib.contextmanager
  def show(plan, output: str, share):
    shown.append(output)
    yield

  monkeypatch.setattr(run_lib.progress, 'shown', show)
  first = launch(planned)
  first.begin()
  first.work(show_progress=True)
  assert shown == [planned.output]


def test_making_a_launch_changes_nothing(planned: Planned):
  launch(planned, overwrite=True)
  assert not Path(planned.output).exists()


def test_an_engine_that_cannot_begin_costs_an_old_run_nothing(planned: Planned):
  first = launch(planned)
  first.begin()
  first.work(show_progress=False)
  before = sorted(Path(planned.output).rglob('*'))
  small = Engine(local_workers=4, local_memory_mb=1)
  with pytest.raises(UserError, match='--local_memory_mb is 1: 4 workers'):
    launch(planned, small, overwrite=True).begin()
  assert sorted(Path(planned.output).rglob('*')) == before


def test_overwriting_begins_anew(planned: Planned):
  with launch(planned) as first:
    first.begin()
    first.work(show_progress=False)
  again = launch(planned, overwrite=True)
  assert again.begin() is None
  assert not Path(paths.manifest_path(planned.output)).exists()
  assert again.work(show_progress=False).complete


def test_nobody_overwrites_while_a_launcher_is_at_work(planned, monkeypatch):
  monkeypatch.setattr(locks, '_SECONDS', 0)
  with launch(planned) as first:
    assert first.begin() is None
    before = sorted(Path(planned.output).rglob('*'))
    with pytest.raises(
      UserError, match=r'another launcher is at work in .*/out'
    ):
      launch(planned, overwrite=True).begin()
    assert sorted(Path(planned.output).rglob('*')) == before
    # Another that goes on with the same run is let in.
    with launch(planned) as other:
      assert other.begin() is None
      assert other.work(show_progress=False).complete
    assert first.work(show_progress=False).complete


def test_who_is_overwritten_where_there_are_no_locks_learns_of_it(
  planned: Planned, monkeypatch
):
  first = launch(planned)
  first.begin()
  monkeypatch.setattr(run_lib.resume, 'version_of', lambda _: 'another')
  with pytest.MonkeyPatch.context() as patch:
    patch.setattr(Launch, '_work', lambda *_, **__: 1 / 0)
    with pytest.raises(UserError, match=r'began .* anew, with --overwrite'):
      first.work(show_progress=False)


def test_a_job_that_is_left_is_not_complete(planned: Planned, monkeypatch):
  monkeypatch.setattr(service, 'is_left', lambda *_: True)
  monkeypatch.setattr(service, 'of_job', lambda *_: 'the job goes on')
  first = launch(planned, Engine(beam_flags=['--runner=FnApiRunner']))
  first.begin()
  assert first.work(show_progress=False) == Outcome(
    complete=False, note='the job goes on'
  )


def test_a_dry_run_builds_each_step_and_writes_nothing(
  planned: Planned, monkeypatch
):
  monkeypatch.setattr(service, 'is_dry', lambda _: True)
  monkeypatch.setattr(service, 'prepare', lambda *_: None)
  monkeypatch.setattr(beam.Pipeline, 'run', lambda self: self)
  built = []

  def of_job(pipeline, engine) -> str:
    built.append(pipeline)
    return f'job {len(built)}'

  monkeypatch.setattr(service, 'of_job', of_job)
  made = launch(planned, Engine(beam_flags=['--runner=FnApiRunner']))
  steps = [step for _ in range(2) for step in made._steps()]
  monkeypatch.setattr(made, '_steps', lambda: steps)
  outcome = made.begin()
  assert outcome == Outcome(complete=False, note='job 1\njob 2')
  assert not Path(planned.output).exists()


def test_an_engine_names_the_job_of_each_run(planned: Planned):
  flags = ['--runner=DataflowRunner', '--dry_run=True', '--project=p']
  engine = Engine(beam_flags=flags)
  config = {**planned.plan.config, 'seed': 7}
  other = dataclasses.replace(planned.plan, config=config)
  for plan in (planned.plan, other):
    made = launch(dataclasses.replace(planned, plan=plan), engine)
    cloud = made._engine.options.view_as(GoogleCloudOptions)
    assert plan.fingerprint[:8] in cloud.job_name
  assert engine.options.view_as(GoogleCloudOptions).job_name is None


def test_a_dry_run_is_refused_by_runners_that_have_none(planned: Planned):
  dry = Engine(beam_flags=['--dry_run=True'])
  with pytest.raises(UserError, match='--dry_run is for DataflowRunner'):
    launch(planned, dry)


def test_a_plan_for_a_service_needs_a_bucket(planned: Planned):
  service_ = Engine(beam_flags=['--runner=DataflowRunner'])
  with pytest.raises(UserError, match='give a folder on a bucket'):
    launch(planned, service_)
