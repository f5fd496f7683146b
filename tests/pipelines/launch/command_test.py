"""What a person types and reads: flags, messages, tables."""

from pathlib import Path
import subprocess
import sys

import pytest
from support.corpora import documents, run, write

from ul2_flan.pipelines import ul2
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
  corpus: str, tmp_path: Path, vocabulary_path: str
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
  ) as command_:
    assert command_.stdout.readline() == b'line\n'
    command_.stdout.close()
    assert command_.stderr.read() == b''
  assert command_.returncode == 1
