"""Python and commands make the same bytes, for each kind of run."""

from collections.abc import Callable
import dataclasses
import gc
from pathlib import Path
import subprocess
import sys
from types import ModuleType
from typing import Any

import apache_beam as beam
from apache_beam.io.filesystems import FileSystems
from apache_beam.options.pipeline_options import S3Options
import pytest
from support.corpora import documents, tree, write
from support.evaluation import suite_files
from support.graphs import pipeline_of
from support.task_files import write_collection

from ul2_flan.pipelines import evaluation, flan, mix, ul2
from ul2_flan.pipelines.engines import Engine
from ul2_flan.pipelines.launch import map_only
from ul2_flan.pipelines.launch.api import Api
from ul2_flan.pipelines.run import Budget
from ul2_flan.pipelines.storage import manifest_of
from ul2_flan.tasks.errors import UserError

KINDS = ('ul2', 'flan', 'mix', 'evaluation')

# No processes: they would take longer to start than a run takes.
ONE = Engine(local_workers=1)


@dataclasses.dataclass(frozen=True)
class Case:
  """A run, as Python and as a command ask for it."""

  module: ModuleType
  config: Any
  flags: list[str]

  def changed(self) -> Any:
    change = {'samples': 2} if self.module is evaluation else {'seed': 1}
    return dataclasses.replace(self.config, **change)


def ul2_case(folder: Path, vocabulary: str) -> Case:
  source = write(folder / 'a.jsonl', documents(20))
  config = ul2.Config(
    inputs=[source],
    vocabulary=vocabulary,
    inputs_length=64,
    targets_length=64,
    min_shards=2,
    validation_fraction=0.1,
  )
  flags = [f'--input={source}', f'--vocabulary={vocabulary}']
  flags += ['--inputs_length=64', '--targets_length=64', '--min_shards=2']
  return Case(ul2, config, [*flags, '--validation_fraction=0.1'])


def flan_case(folder: Path, vocabulary: str) -> Case:
  data = write_collection(folder / 'data')
  config = flan.Config(
    sources={'niv2': [f'{data}/niv2'], 'cot': [f'{data}/cot']},
    vocabulary=vocabulary,
    settings=('zs_opt', 'fs_opt'),
    inputs_length=1024,
  )
  flags = [f'--source={suite}={data}/{suite}' for suite in ('niv2', 'cot')]
  flags += [f'--vocabulary={vocabulary}', '--settings=zs_opt,fs_opt']
  return Case(flan, config, [*flags, '--inputs_length=1024'])


def mix_case(flan_output: Path) -> Case:
  config = mix.Config(
    manifests=[str(flan_output)],
    mixture='flan2022_b',
    num_examples=50,
    min_shards=2,
  )
  flags = [f'--manifest={flan_output}', '--mixture=flan2022_b']
  return Case(mix, config, [*flags, '--num_examples=50', '--min_shards=2'])


def evaluation_case(folder: Path, vocabulary: str) -> Case:
  data = suite_files.write(folder / 'suites')
  config = evaluation.Config(
    sources={'mgsm': [f'{data}/mgsm'], 'mmlu': [f'{data}/mmlu']},
    vocabulary=vocabulary,
    variants=('direct',),
  )
  flags = [f'--source={suite}={data}/{suite}' for suite in ('mgsm', 'mmlu')]
  flags += [f'--vocabulary={vocabulary}', '--variants=direct']
  return Case(evaluation, config, flags)


@pytest.fixture(scope='module')
def made(tmp_path_factory, vocabulary_path) -> dict[str, tuple[Case, Path]]:
  """The cases, and what the commands made of them."""
  folder = tmp_path_factory.mktemp('api')
  cases = {
    'ul2': ul2_case(folder, vocabulary_path),
    'flan': flan_case(folder, vocabulary_path),
    'mix': mix_case(folder / 'flan'),
    'evaluation': evaluation_case(folder, vocabulary_path),
  }
  for kind, case in cases.items():
    flags = ['--local_workers=1', f'--output={folder / kind}']
    assert case.module.main([*case.flags, *flags]) == 0
  return {kind: (case, folder / kind) for kind, case in cases.items()}


def times(folder: Path) -> dict[str, int]:
  return {str(p): p.stat().st_mtime_ns for p in folder.rglob('*')}


@pytest.mark.parametrize('kind', KINDS)
def test_a_call_makes_the_bytes_of_the_command(made, kind, tmp_path, capsys):
  case, output = made[kind]
  manifest = case.module.run(
    case.config, output=str(tmp_path / 'out'), engine=ONE
  )
  assert tree(tmp_path / 'out') == tree(output)
  assert manifest == manifest_of(str(output))
  assert capsys.readouterr() == ('', '')


@pytest.mark.parametrize('kind', KINDS)
def test_a_pipeline_of_ones_own_makes_them_too(made, kind, tmp_path):
  case, output = made[kind]
  planned = case.module.plan(case.config, output=str(tmp_path / 'out'))
  assert not (tmp_path / 'out').exists()
  with beam.Pipeline(runner='FnApiRunner') as pipeline:
    paths = pipeline | case.module.Materialise(planned)
    _ = paths | beam.Map(lambda path: Path(f'{path}.seen').touch())
  assert (tmp_path / 'out/manifest.json.seen').exists()
  (tmp_path / 'out/manifest.json.seen').unlink()
  assert tree(tmp_path / 'out') == tree(output)


@pytest.mark.parametrize('kind', KINDS)
def test_a_second_call_does_nothing(made, kind):
  case, output = made[kind]
  before = times(output)
  again = case.module.run(case.config, output=str(output), engine=ONE)
  assert again == manifest_of(str(output))
  planned = case.module.plan(case.config, output=str(output))
  with beam.Pipeline(runner='FnApiRunner') as pipeline:
    _ = pipeline | case.module.Materialise(planned)
  assert times(output) == before


@pytest.mark.parametrize('kind', KINDS)
def test_a_changed_configuration_is_refused(made, kind):
  case, output = made[kind]
  before = times(output)
  with pytest.raises(UserError, match=r'(?s)(seed: 0|samples: 1) -> .*--overw'):
    case.module.run(case.changed(), output=str(output), engine=ONE)
  planned = case.module.plan(case.changed(), output=str(output))
  with pytest.raises(UserError, match=r'(seed: 0|samples: 1) -> '):
    pipeline_of(case.module.Materialise(planned))
  assert times(output) == before


# As people write one: at its top level, where workers must not run it again.
SCRIPT = """
import sys
from ul2_flan.pipelines import ul2
config = ul2.Config(
  inputs=[sys.argv[1]], vocabulary=sys.argv[2], inputs_length=64,
  targets_length=64, min_shards=2, validation_fraction=0.1)
ul2.run(config, output=sys.argv[3], engine=ul2.Engine(local_workers=2))
print('run')
"""


def test_a_script_may_have_several_workers(made, tmp_path):
  case, output = made['ul2']
  script = tmp_path / 'script.py'
  script.write_text(SCRIPT)
  argv = [case.config.inputs[0], case.config.vocabulary, tmp_path / 'out']
  done = subprocess.run(
    [sys.executable, str(script), *map(str, argv)],
    capture_output=True,
    text=True,
    check=False,
  )
  assert (done.returncode, done.stdout) == (0, 'run\n'), done.stderr
  assert tree(tmp_path / 'out') == tree(output)


def test_overwrite_replaces_what_is_there(made, tmp_path):
  case, _ = made['ul2']
  output = str(tmp_path / 'out')
  case.module.run(case.config, output=output, engine=ONE)
  manifest = case.module.run(
    case.changed(), output=output, engine=ONE, overwrite=True
  )
  assert manifest.run['config']['seed'] == 1


def test_a_stopped_call_is_gone_on_with(made, tmp_path, monkeypatch):
  case, output = made['ul2']
  write_report = map_only.reports.write
  written: list[int] = []

  def stop_after_one(report, folder):
    if written:
      raise KeyboardInterrupt
    written.append(report.item)
    write_report(report, folder)

  monkeypatch.setattr(map_only.reports, 'write', stop_after_one)
  with pytest.raises(KeyboardInterrupt):
    case.module.run(case.config, output=str(tmp_path), engine=ONE)
  assert not (tmp_path / 'manifest.json').exists()
  again: list[int] = []

  def note(report, folder):
    again.append(report.item)
    write_report(report, folder)

  monkeypatch.setattr(map_only.reports, 'write', note)
  case.module.run(case.config, output=str(tmp_path), engine=ONE)
  assert again
  assert not set(again) & set(written)
  assert tree(tmp_path) == tree(output)


def test_what_an_engine_reads_buckets_with_is_known_to_planning(
  made, monkeypatch, tmp_path
):
  case, _ = made['ul2']
  seen = []
  monkeypatch.setattr(
    FileSystems, 'set_options', lambda options: seen.append(options)
  )
  flags = ['--s3_endpoint_url=http://localhost:1']
  engine = Engine(beam_flags=flags, local_workers=1)
  case.module.run(case.config, output=str(tmp_path / 'out'), engine=engine)
  assert seen[0].view_as(S3Options).s3_endpoint_url == 'http://localhost:1'


WRONG: dict[str, Callable[[Case, str], Any]] = {
  '--output is empty': lambda case, _: case.module.run(case.config, output=''),
  'Beam refuses its options': lambda case, output: case.module.run(
    case.config, output=output, engine=Engine(beam_flags=['--runner=No'])
  ),
  r'--max_reject_fraction is 2': lambda case, output: case.module.run(
    case.config, output=output, max_reject_fraction=2
  ),
  '--output is empty:': lambda case, _: case.module.Materialise(
    case.module.plan(case.config, output='')
  ),
}


@pytest.mark.parametrize('message', WRONG)
def test_mistakes_are_told_before_anything_is_written(
  made, tmp_path, monkeypatch, message: str
):
  monkeypatch.chdir(tmp_path)
  case, _ = made['ul2']
  with pytest.raises(UserError, match=message):
    WRONG[message](case, str(tmp_path / 'out'))
  assert list(tmp_path.iterdir()) == []


def test_a_strict_run_lacks_no_task(made, tmp_path):
  case, _ = made['flan']
  name = 'niv2:task1356_xlsum_title_generation'
  config = dataclasses.replace(case.config, tasks=(name,))
  with pytest.raises(UserError):
    case.module.run(config, output=str(tmp_path / 'out'), strict=True)
  planned = case.module.plan(case.config, output=str(tmp_path / 'out'))
  planned = dataclasses.replace(planned, missing={name: 'no file'})
  with pytest.raises(UserError, match='1 task is missing'):
    case.module.Materialise(planned, Budget(strict=True))


def test_a_job_that_nobody_waits_for_has_no_manifest_yet(
  made, tmp_path, monkeypatch
):
  case, _ = made['ul2']
  monkeypatch.setattr(
    'ul2_flan.pipelines.engines.service.is_left', lambda *_: True
  )
  with pytest.raises(UserError, match='there is no manifest yet: job '):
    case.module.run(
      case.config,
      output=str(tmp_path / 'out'),
      engine=Engine(beam_flags=['--runner=FnApiRunner']),
    )


@pytest.mark.parametrize('frozen_before', [False, True])
def test_a_run_leaves_the_garbage_collector_as_it_was(
  vocabulary_path: str,
  tmp_path: Path,
  monkeypatch: pytest.MonkeyPatch,
  frozen_before: bool,
):
  case = ul2_case(tmp_path, vocabulary_path)
  counts = []
  plan = case.module.plan.__func__

  def seen(self: Any, config: Any, *, output: str) -> Any:
    counts.append(gc.get_freeze_count())
    return plan(self, config, output=output)

  monkeypatch.setattr(Api, 'plan', seen)
  found = gc.get_freeze_count()
  gc.unfreeze()
  try:
    if frozen_before:
      gc.freeze()
    case.module.run(case.config, output=str(tmp_path / 'out'), engine=ONE)
    assert counts[0] > 1000
    # Fewer than before: what nobody refers to any more goes.
    assert (gc.get_freeze_count() > 1000) == frozen_before
  finally:
    gc.freeze() if found else gc.unfreeze()
