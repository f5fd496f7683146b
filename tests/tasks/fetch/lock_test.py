"""The lock knows what was got, and refuses what is another."""

import pytest

from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.fetch.lock import NAME, Lock


def test_a_lock_knows_its_files(tmp_path):
  (tmp_path / 'a').write_bytes(b'one')
  lock = Lock.read(tmp_path)
  assert not lock.has(tmp_path, 'a')
  lock.add('a', tmp_path / 'a', 'there')
  lock.commits['git:x/y'] = 'abc'
  lock.write()
  again = Lock.read(tmp_path)
  assert again == lock
  assert again.has(tmp_path, 'a')
  (tmp_path / 'a').write_bytes(b'two')
  assert not again.has(tmp_path, 'a')
  with pytest.raises(UserError, match='there has changed: a has 3 bytes'):
    again.add('a', tmp_path / 'a', 'there')
  assert [p.name for p in sorted(tmp_path.iterdir())] == ['a', NAME]


def test_a_damaged_lock_is_an_error(tmp_path):
  (tmp_path / NAME).write_text('{"files": ')
  with pytest.raises(UserError, match='is no lock of this version'):
    Lock.read(tmp_path)
