"""A full disk fails a run with a message; the same command completes it."""

import errno
from pathlib import Path

import pytest
from support.corpora import documents, quarantined, run, shards_of, write

from ul2_flan.pipelines.storage import files
from ul2_flan.tasks.errors import UserError

FLAGS = ['--min_shards=4', '--max_reject_fraction=0.5']


@pytest.fixture
def corpus(tmp_path: Path) -> str:
  return write(tmp_path / 'a.jsonl', b'no JSON\n' + documents(60))


@pytest.fixture
def expected(corpus: str, tmp_path: Path, vocabulary_path: str) -> Path:
  assert run(corpus, tmp_path / 'expected', vocabulary_path, *FLAGS) == 0
  return tmp_path / 'expected'


class Disk:
  """A disk with room for the plan and so many bytes more; with 0, for none."""

  def __init__(self, patch: pytest.MonkeyPatch, room: int):
    self.left = room
    self._write = files.WholeFile.write
    patch.setattr(
      files.WholeFile, 'write', lambda file, data: self.write(file, data)
    )

  def write(self, file: files.WholeFile, data: bytes) -> None:
    # How long a plan is depends on where the test's folder lies.
    if not (self.left and file.path.endswith('/plan.json')):
      self.left -= len(data)
    if self.left < 0:
      raise OSError(errno.ENOSPC, 'No space left on device')
    self._write(file, data)


@pytest.mark.parametrize('room', [1_000, 4_000, 10_000, 25_000])
def test_a_full_disk_leaves_no_temporary_file_and_a_rerun_completes(
  corpus: str,
  expected: Path,
  vocabulary_path: str,
  tmp_path: Path,
  room: int,
  capsys: pytest.CaptureFixture[str],
):
  out = tmp_path / 'out'
  with pytest.MonkeyPatch.context() as patch:
    disk = Disk(patch, room)
    assert run(corpus, out, vocabulary_path, *FLAGS) == 1
  assert disk.left < 0
  said = capsys.readouterr().err
  assert 'No space left on device' in said
  assert 'the same command goes on' in said
  assert 'Traceback' not in said.split('error: ')[-1]
  assert not list(out.rglob('COMPLETED'))
  # What is there has its final name, so it is whole: a shard, a report.
  left = {p.name for p in (out / '_progress').iterdir() if p.is_file()}
  assert all(name.endswith('.json') for name in left), left
  whole = shards_of(expected)
  for name, data in shards_of(out).items():
    assert whole[name] == data

  assert run(corpus, out, vocabulary_path, *FLAGS) == 0
  assert shards_of(out) == whole
  assert quarantined(out) == quarantined(expected)
  manifests = [(d / 'manifest.json').read_bytes() for d in (out, expected)]
  assert manifests[0] == manifests[1]
  assert not (out / '_progress').exists()


def test_a_disk_without_room_for_the_plan_fails_at_once(
  corpus: str, vocabulary_path: str, tmp_path: Path
):
  with pytest.MonkeyPatch.context() as patch:
    Disk(patch, 0)
    with pytest.raises(UserError, match=r'cannot write to --output .*space'):
      run(corpus, tmp_path / 'out', vocabulary_path)


def test_a_disk_too_small_for_the_estimate_fails_before_work_starts(
  corpus: str, vocabulary_path: str, tmp_path: Path
):
  with pytest.MonkeyPatch.context() as patch:
    usage = type('Usage', (), {'free': 1000})
    patch.setattr('shutil.disk_usage', lambda _: usage)
    with pytest.raises(UserError, match=r'has room for 1\.0 kB'):
      run(corpus, tmp_path / 'out', vocabulary_path)
  assert not (tmp_path / 'out').exists()
