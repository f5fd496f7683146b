"""A person types flags, and reads messages and tables."""

import json
from pathlib import Path
import subprocess
import sys

import pytest
from support.corpora import documents, run, write

from ul2_flan.pipelines import ul2
from ul2_flan.pipelines.launch import command
from ul2_flan.pipelines.launch.kind import kind_of
from ul2_flan.pipelines.run import Budget
from ul2_flan.tasks import denoising
from ul2_flan.tasks.errors import UserError


@pytest.fixture
def corpus(tmp_path: Path) -> str:
  return write(tmp_path / 'in/a.jsonl', documents(20))


@pytest.mark.parametrize(
  ('flags', 'message'),
  [
    (['--presett=ul2'], r"flag '--presett'. Did you mean '--preset'\?"),
    (['--min_shard', '3'], r"Did you mean '--min_shards'\?"),
    (['--runer=FnApiRunner'], r"Did you mean '--runner'\?"),
    (['--decoder_only', 'yes'], "'yes' is neither a flag nor the value of one"),
    (['-v'], "'-v' is neither a flag"),
    (['--runner=NoRunner'], 'Unexpected pipeline runner: NoRunner'),
    (['--max_reject_fraction=1.5'], r'is 1\.5: it must be within \[0, 1\]'),
    (['--max_reject_fraction=nan'], r'must be within \[0, 1\]'),
    (
      ['--output=nowhere://a/b'],
      r"cannot open 'nowhere://a/b.*ul2-flan\[gcp\]",
    ),
    (['--output='], '--output is empty'),
  ],
)
def test_a_wrong_flag_is_an_error_before_anything_is_written(
  corpus: str, tmp_path: Path, vocabulary_path: str, flags, message: str
):
  with pytest.raises(UserError, match=message):
    run(corpus, tmp_path / 'out', vocabulary_path, *flags)
  assert not (tmp_path / 'out').exists()


@pytest.mark.parametrize(
  'flags',
  [
    ['--seed=x'],
    ['--min_shards=1.5'],
    ['--on_sentinel_overflow=drop'],
    ['--direct_num_workers=many'],
    ['--inputs_length'],
  ],
)
def test_a_value_of_the_wrong_type_is_told_with_its_flag(
  corpus: str, vocabulary_path: str, flags, capsys: pytest.CaptureFixture[str]
):
  with pytest.raises(SystemExit, match='2'):
    run(corpus, 'out', vocabulary_path, *flags)
  said = capsys.readouterr().err.strip().splitlines()[-1]
  assert f'argument {flags[0].split("=")[0]}: ' in said


def test_beams_own_flags_are_taken(
  corpus: str, tmp_path: Path, vocabulary_path: str
):
  flags = ['--runner', 'FnApiRunner', '--job_name=mine', '--save_main_session']
  assert run(corpus, tmp_path / 'out', vocabulary_path, *flags) == 0


def test_a_plan_alone_writes_nothing(
  corpus: str,
  tmp_path: Path,
  vocabulary_path: str,
  capsys: pytest.CaptureFixture[str],
):
  before = sorted(tmp_path.rglob('*'))
  assert run(corpus, tmp_path / 'out', vocabulary_path, '--plan_only') == 0
  assert sorted(tmp_path.rglob('*')) == before
  said = capsys.readouterr().out
  for word in ('work items', 'shards', 'tokens, about', 'disk, about', 's_50'):
    assert word in said


def test_a_run_that_is_complete_has_nothing_to_do(
  corpus: str,
  tmp_path: Path,
  vocabulary_path: str,
  capsys: pytest.CaptureFixture[str],
):
  assert run(corpus, tmp_path / 'out', vocabulary_path) == 0
  first = capsys.readouterr().out
  before = {p: p.stat().st_mtime_ns for p in tmp_path.rglob('*')}
  assert run(corpus, tmp_path / 'out', vocabulary_path) == 0
  assert {p: p.stat().st_mtime_ns for p in tmp_path.rglob('*')} == before
  again = capsys.readouterr().out
  assert 'is complete; there is nothing to do' in again
  assert first.split('\n\n')[-4:] == again.split('\n\n')[-4:]


def test_an_output_that_cannot_be_written_is_told(
  corpus: str, vocabulary_path: str
):
  # Tests may run as root, who may write anywhere but below a file.
  out = Path(corpus) / 'out'
  with pytest.raises(UserError, match=f"cannot write to --output '{out}': "):
    run(corpus, out, vocabulary_path)


def test_help_teaches(capsys: pytest.CaptureFixture[str]):
  with pytest.raises(SystemExit, match='0'):
    ul2.main(['--help'])
  said = capsys.readouterr().out
  for preset in denoising.presets():
    assert f'\n  {preset}: ' in said
  for flag in (
    '--input',
    '--runner',
    '--per_denoiser',
    '--max_reject_fraction',
  ):
    assert flag in said
  assert 'python -m ul2_flan.pipelines.ul2' in said


def test_a_mistake_is_one_line_and_status_2(corpus: str, tmp_path: Path):
  argv = ['--input', corpus, '--output', str(tmp_path / 'out')]
  done = subprocess.run(
    [
      sys.executable,
      '-m',
      'ul2_flan.pipelines.ul2',
      *argv,
      '--vocabulary=none',
    ],
    capture_output=True,
    text=True,
    check=False,
  )
  assert done.returncode == 2
  assert done.stderr.startswith("error: --vocabulary 'none': ")
  assert done.stderr.count('\n') == 1


def test_a_reader_may_have_read_enough():
  code = (
    'from ul2_flan.pipelines.launch import command\n'
    "command.run_main(lambda _: [print('line') for _ in range(10**5)] and 0)"
  )
  with subprocess.Popen(
    [sys.executable, '-c', code], stdout=subprocess.PIPE, stderr=subprocess.PIPE
  ) as process:
    assert process.stdout.readline() == b'line\n'
    process.stdout.close()
    assert process.stderr.read() == b''
  assert process.returncode == 1


@pytest.fixture
def quiet_process(monkeypatch: pytest.MonkeyPatch) -> None:
  """`run_main` changes a process of its own; this one it leaves alone."""
  monkeypatch.setattr(command.gc, 'freeze', lambda: None)
  monkeypatch.setattr(command.process, 'own_process', lambda: None)
  monkeypatch.setattr(command.signal, 'signal', lambda *_: None)


@pytest.mark.parametrize(
  ('outcome', 'status', 'said'),
  [
    (0, 0, ''),
    (3, 3, ''),
    (UserError('the rule'), 2, 'error: the rule\n'),
    (KeyboardInterrupt(), 130, '\nstopped\n'),
    (OSError('no bucket'), 1, 'error: OSError: no bucket\n'),
  ],
)
@pytest.mark.usefixtures('quiet_process')
def test_a_command_ends_with_a_status_and_no_trace(
  outcome, status: int, said: str, capsys: pytest.CaptureFixture[str]
):
  def main(argv: None) -> int:
    assert argv is None
    if isinstance(outcome, BaseException):
      raise outcome
    return outcome

  with pytest.raises(SystemExit) as ended:
    command.run_main(main)
  assert ended.value.code == status
  assert capsys.readouterr().err == said


@pytest.mark.usefixtures('quiet_process')
def test_what_nobody_foresaw_keeps_its_trace():
  def main(argv: None) -> int:
    raise KeyError('text')

  with pytest.raises(KeyError, match='text'):
    command.run_main(main)


def test_a_plan_as_json_is_all_that_is_printed(
  corpus: str,
  tmp_path: Path,
  vocabulary_path: str,
  capsys: pytest.CaptureFixture[str],
):
  flags = ['--plan_only', '--json']
  assert run(corpus, tmp_path / 'out', vocabulary_path, *flags) == 0
  facts = json.loads(capsys.readouterr().out)
  assert facts['job'] == 'ul2'
  assert facts['vcpu_hours'] > 0
  with pytest.raises(UserError, match='--json is for the plan alone'):
    run(corpus, tmp_path / 'out', vocabulary_path, '--json')
  assert not (tmp_path / 'out').exists()


def test_a_command_line_is_a_plan_an_engine_and_a_budget(
  corpus: str, vocabulary_path: str
):
  argv = [f'--input={corpus}', f'--vocabulary={vocabulary_path}']
  argv += ['--output=out', '--local_workers=3', '--max_reject_fraction=0.5']
  argv += ['--job_name=mine', '--overwrite', '--inputs_length=64']
  read = command.read(kind_of('ul2'), [*argv, '--targets_length=64'])
  assert read.planned.output == read.options.output == 'out'
  assert read.engine.local_workers == 3
  assert read.engine.beam_flags == ('--job_name=mine',)
  assert read.budget == Budget(0.5)
  assert read.options.overwrite
  assert not read.options.plan_only
