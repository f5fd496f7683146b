"""Files of zip files are extracted whole."""

from pathlib import Path

import pytest
from support.buckets.collection import zipped

from ul2_flan.tasks.fetch import zip_files
from ul2_flan.tasks.fetch.lock import PARTS, Lock


def test_files_are_extracted_but_not_those_of_macs(tmp_path: Path):
  (tmp_path / PARTS).mkdir()
  archive, lock = tmp_path / 'a.zip', Lock.read(tmp_path)
  archive.write_bytes(zipped({'a/b': b'1', '__MACOSX/a': b'', 'c': b'2'}))
  given = (archive, 'cot', tmp_path, lock, 'there')
  assert zip_files.extract(*given) == ['cot/a/b', 'cot/c']
  assert (tmp_path / 'cot/a/b').read_bytes() == b'1'
  assert not archive.exists()
  archive.write_bytes(zipped({'a': b'1' * 99})[:-30])
  with pytest.raises(OSError, match='there is no zip file'):
    zip_files.extract(*given)
  assert sorted(lock.files) == ['cot/a/b', 'cot/c']
