"""Files appear whole or not at all, and of several writers one is first."""

from concurrent import futures
from pathlib import Path
from unittest import mock

import google_crc32c
from hypothesis import given
from hypothesis import strategies as st
import pytest
from support.buckets.fake_bucket import FakeClient

from ul2_flan.pipelines.storage import files, whole_files
from ul2_flan.tasks import buckets


@pytest.fixture(scope='module')
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
  return tmp_path_factory.mktemp('files')


@given(parts=st.lists(st.binary(max_size=50), max_size=6))
def test_a_whole_file_knows_its_size_and_checksum(folder: Path, parts):
  path = folder / 'new' / 'a.bin'
  with files.whole_file(str(path), str(folder / 'scratch')) as file:
    for part in parts:
      file.write(part)
  data = b''.join(parts)
  assert path.read_bytes() == files.read_bytes(str(path)) == data
  assert file.size == len(data)
  assert file.crc32c == f'{google_crc32c.value(data):08x}'
  assert not list((folder / 'scratch').iterdir())


def test_a_file_has_no_name_before_it_is_whole(tmp_path: Path):
  path = tmp_path / 'a'
  path.write_bytes(b'old')
  with files.whole_file(str(path), str(tmp_path / 'scratch')) as file:
    file.write(b'new')
    assert path.read_bytes() == b'old'
  assert path.read_bytes() == b'new'


def test_an_error_leaves_the_old_file_and_no_other(tmp_path: Path):
  path = tmp_path / 'a'
  path.write_bytes(b'old')
  scratch = tmp_path / 'scratch'

  def write_half() -> None:
    with files.whole_file(str(path), str(scratch)) as file:
      file.write(b'new')
      raise KeyboardInterrupt

  with pytest.raises(KeyboardInterrupt):
    write_half()
  assert path.read_bytes() == b'old'
  assert not list(scratch.iterdir())


def test_a_commit_that_fails_leaves_no_temporary_file(tmp_path: Path):
  scratch = tmp_path / 'scratch'
  with (
    mock.patch.object(files.os, 'replace', side_effect=OSError('no')),
    pytest.raises(OSError, match='no'),
  ):
    files.write_bytes(str(tmp_path / 'a'), b'new', str(scratch))
  assert not list(scratch.iterdir())
  assert not (tmp_path / 'a').exists()


def test_two_writers_of_one_file_do_not_disturb_each_other(tmp_path: Path):
  path, scratch = str(tmp_path / 'a'), str(tmp_path / 'scratch')
  one, two = files.WholeFile(path, scratch), files.WholeFile(path, scratch)
  for part in (b'same ', b'bytes'):
    one.write(part)
    two.write(part)
  one.commit()
  two.commit()
  assert files.read_bytes(path) == b'same bytes'


def test_the_name_compresses_nothing(tmp_path: Path):
  # Beam would compress by the name: checksums are of the bytes on disk.
  path = str(tmp_path / 'a.gz')
  files.write_bytes(path, b'plain', str(tmp_path))
  assert Path(path).read_bytes() == files.read_bytes(path) == b'plain'


def test_one_of_several_writers_is_first(tmp_path: Path):
  path, scratch = str(tmp_path / 'new/a'), str(tmp_path / 'scratch')

  def write(number: int) -> bool:
    return whole_files.write_first(path, b'%d' % number, scratch)

  with futures.ThreadPoolExecutor(8) as pool:
    done = list(pool.map(write, range(40)))
  assert done.count(True) == 1
  assert files.read_bytes(path) == b'%d' % done.index(True)
  assert not list((tmp_path / 'scratch').iterdir())


def test_one_of_several_writers_to_a_bucket_is_first(monkeypatch):
  monkeypatch.setattr(buckets, '_maker', lambda scheme: FakeClient)
  monkeypatch.setattr(buckets, '_known', {})
  done = [
    whole_files.write_first('s3://b/a', b'%d' % number, 's3://b/scratch')
    for number in range(3)
  ]
  assert done == [True, False, False]
  assert files.read_bytes('s3://b/a') == b'0'


def test_what_need_not_last_is_not_flushed(tmp_path: Path):
  with mock.patch.object(whole_files.os, 'fsync') as fsync:
    files.write_bytes(str(tmp_path / 'a'), b'x', str(tmp_path), lasting=False)
    assert not fsync.called
    files.write_bytes(str(tmp_path / 'b'), b'x', str(tmp_path))
    assert fsync.call_count == 2  # bytes, and name


def test_an_empty_file_takes_the_place_of_a_file_or_a_link(tmp_path: Path):
  path, scratch = tmp_path / 'new/a', str(tmp_path / 'scratch')
  files.write_empty(str(path), scratch)
  assert path.read_bytes() == b''
  path.write_bytes(b'old')
  files.write_empty(str(path), scratch)
  assert path.read_bytes() == b''
  kept = tmp_path / 'kept'
  kept.write_bytes(b'not ours')
  path.unlink()
  path.symlink_to(kept)
  files.write_empty(str(path), scratch)
  assert kept.read_bytes() == b'not ours'
  assert path.read_bytes() == b''
  assert not path.is_symlink()
