"""Files appear whole or not at all, and errors say what to do."""

import json
from pathlib import Path
from unittest import mock

import google_crc32c
from hypothesis import given
from hypothesis import strategies as st
import pytest

from ul2_flan.pipelines.storage import files, folders
from ul2_flan.tasks.errors import UserError


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


def test_deleting_what_is_gone_is_no_error(tmp_path: Path):
  (tmp_path / 'a').write_bytes(b'')
  files.delete([str(tmp_path / 'a'), str(tmp_path / 'b')])
  files.delete([])
  assert not files.exists(str(tmp_path / 'a'))


@pytest.mark.parametrize(
  'call',
  [
    folders.match,
    files.open_read,
    files.exists,
    lambda path: files.join(path, 'b'),
    lambda path: files.WholeFile('/tmp/a', path),
  ],
)
@pytest.mark.parametrize('scheme', ['nowhere', 'hdfss'])
def test_the_error_for_an_unknown_scheme_says_what_to_install(
  call, scheme: str
):
  with pytest.raises(
    UserError, match=rf"cannot open '{scheme}://a.*ul2-flan\[gcp\]"
  ):
    call(f'{scheme}://a/x')


def test_json_is_for_people_and_always_the_same():
  value = {'b': 1, 'a': ['é', None]}
  data = files.to_json(value)
  assert data == files.to_json(dict(reversed(value.items())))
  assert json.loads(data) == value
  assert 'é'.encode() in data
  assert data.endswith(b'}\n')
