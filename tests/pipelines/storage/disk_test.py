"""Folders are made and flushed; a name goes to the first that asks for it.

`tests/whole_runs/power_loss_test.py` has what all of that is for.
"""

import errno
import os
from pathlib import Path

import pytest

from ul2_flan.pipelines.storage import disk


def failing(number: int):
  def call(*args: object) -> None:
    raise OSError(number, os.strerror(number))

  return call


def test_each_new_folder_is_flushed_where_its_name_is(tmp_path, monkeypatch):
  flushed = []
  monkeypatch.setattr(disk, 'flush_folder', flushed.append)
  folder = tmp_path / 'a/b/c'
  disk.make_folder(str(folder))
  assert flushed == [str(p) for p in (tmp_path, *reversed(folder.parents[:2]))]
  disk.make_folder(str(folder))
  assert len(flushed) == 3


def test_a_relative_folder_is_made(tmp_path: Path, monkeypatch):
  monkeypatch.chdir(tmp_path)
  disk.make_folder('a/b')
  disk.flush_folder('')
  assert (tmp_path / 'a/b').is_dir()


@pytest.mark.parametrize('number', [errno.EINVAL, errno.EIO])
def test_only_what_a_file_system_cannot_do_is_no_error(
  tmp_path, monkeypatch, number: int
):
  monkeypatch.setattr(os, 'fsync', failing(number))
  if number == errno.EINVAL:
    disk.flush_folder(str(tmp_path))
  else:
    with pytest.raises(OSError, match='Input/output error'):
      disk.flush_folder(str(tmp_path))


@pytest.mark.parametrize('links', [True, False])
def test_the_first_gets_the_name(tmp_path: Path, monkeypatch, links: bool):
  if not links:  # as on file systems without them
    monkeypatch.setattr(os, 'link', failing(errno.EPERM))
  for number in range(3):
    temporary = tmp_path / 'temporary'
    temporary.write_text(f'{number}')
    done = disk.name_first(str(temporary), str(tmp_path / 'name'))
    assert done == (number == 0)
    assert [p.name for p in tmp_path.iterdir()] == ['name']
  assert (tmp_path / 'name').read_text() == '0'


def test_a_name_that_cannot_be_given_is_an_error(tmp_path, monkeypatch):
  monkeypatch.setattr(os, 'link', failing(errno.ENOSPC))
  (tmp_path / 'temporary').touch()
  with pytest.raises(OSError, match='No space'):
    disk.name_first(str(tmp_path / 'temporary'), str(tmp_path / 'name'))
  assert not list(tmp_path.iterdir())
