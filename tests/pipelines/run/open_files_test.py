"""Files of a work item appear all together, or not at all."""

from pathlib import Path

import pytest
from support.outputs import there

from ul2_flan.pipelines.run.open_files import OpenFiles


def test_files_have_their_names_when_they_are_committed(tmp_path: Path):
  with OpenFiles(str(tmp_path)) as files:
    for name in ('a', 'b/c'):
      files.open(name).write(name.encode())
    assert not {'a', 'b/c'} & set(there(tmp_path))
    files.commit()
    assert there(tmp_path) == ['a', 'b/c']
  assert (tmp_path / 'b/c').read_text() == 'b/c'


def test_files_that_nobody_commits_vanish(tmp_path: Path):
  with OpenFiles(str(tmp_path)) as files:
    files.open('a')
  assert there(tmp_path) == []


def test_what_is_committed_stays_when_later_files_fail(tmp_path: Path):
  with pytest.raises(KeyError), OpenFiles(str(tmp_path)) as files:
    fail_after_one(files)
  assert there(tmp_path) == ['a']


def fail_after_one(files: OpenFiles) -> None:
  files.open('a')
  files.commit()
  files.open('b').write(b'x')
  raise KeyError


def test_one_that_cannot_be_discarded_keeps_no_other(tmp_path: Path):
  files = OpenFiles(str(tmp_path))
  opened = [files.open(name) for name in 'abc']

  def fail():
    type(opened[1]).discard(opened[1])
    raise OSError('gone')

  opened[1].discard = fail
  with pytest.raises(OSError, match='gone'), files:
    pass
  assert there(tmp_path) == []
