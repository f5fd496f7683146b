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


def test_a_file_of_somebody_else_is_never_replaced(tmp_path):
  lock, part, mine = (
    Lock.read(tmp_path),
    tmp_path / 'part',
    tmp_path / 'a' / 'b',
  )
  part.write_bytes(b'theirs')
  mine.parent.mkdir()
  mine.write_bytes(b'mine')
  with pytest.raises(UserError, match=r'b is there, and is another .* move it'):
    lock.put(tmp_path, 'a/b', part, 'there')
  mine.unlink()
  mine.symlink_to(tmp_path / 'nowhere')
  with pytest.raises(UserError, match='Nothing was replaced'):
    lock.put(tmp_path, 'a/b', part, 'there')
  assert mine.is_symlink()
  assert not lock.files
  mine.unlink()
  mine.write_bytes(b'theirs')  # the same is no harm
  lock.put(tmp_path, 'a/b', part, 'there')
  assert lock.has(tmp_path, 'a/b')
  assert not part.exists()


@pytest.mark.parametrize('name', ['../x', 'a/../../x', '/x', 'a//x', 'a\\x'])
def test_a_name_that_leads_out_of_the_folder_is_refused(name, tmp_path):
  part = tmp_path / 'part'
  part.write_bytes(b'x')
  with pytest.raises(UserError, match='leads out of'):
    Lock.read(tmp_path).put(tmp_path, name, part, 'there')
  assert part.exists()
