"""Paths of this machine mean what they say, and links are followed."""

import os
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
import pytest

from ul2_flan.pipelines.storage import local_files

PLAIN = st.text('ab.-', min_size=1, max_size=4)


def write(path: Path, data: bytes = b'x') -> str:
  path.parent.mkdir(parents=True, exist_ok=True)
  path.write_bytes(data)
  return str(path)


def names(found: list[tuple[str, int]], folder: Path) -> list[str]:
  return [path.removeprefix(f'{folder}/') for path, _ in found]


def test_files_below_linked_folders_are_listed(tmp_path: Path):
  write(tmp_path / 'in/a')
  write(tmp_path / 'disk/sub/b', b'yy')
  (tmp_path / 'in/more').symlink_to('../disk')
  assert local_files.below(f'{tmp_path}/in') == [
    (f'{tmp_path}/in/a', 1),
    (f'{tmp_path}/in/more/sub/b', 2),
  ]
  as_files = local_files.below(f'{tmp_path}/in', links=False)
  assert names(as_files, tmp_path) == ['in/a', 'in/more']


@pytest.mark.parametrize('leads_to', ['.', '..', '../..', '/', 'loop', 'none'])
def test_links_that_lead_round_or_nowhere_end(tmp_path: Path, leads_to: str):
  write(tmp_path / 'in/deep/a')
  (tmp_path / 'in/deep/loop').symlink_to(leads_to)
  broken: list[str] = []
  found = local_files.below(f'{tmp_path}/in', broken=broken.append)
  assert names(found, tmp_path) == ['in/deep/a']
  nowhere = leads_to in ('loop', 'none')
  assert broken == [f'{tmp_path}/in/deep/loop'] * nowhere


def test_a_link_that_cannot_be_followed_is_an_error(tmp_path: Path):
  (tmp_path / 'link').symlink_to('x' * 300)  # no disk has such a name
  with pytest.raises(OSError, match='name too long'):
    local_files.below(str(tmp_path))


def test_two_folders_that_link_to_each_other_end(tmp_path: Path):
  for one, other in (('a', 'b'), ('b', 'a')):
    write(tmp_path / one / 'file')
    (tmp_path / one / 'link').symlink_to(tmp_path / other)
  found = local_files.below(f'{tmp_path}/a')
  assert names(found, tmp_path) == ['a/file', 'a/link/file']


def test_what_is_no_file_is_not_listed(tmp_path: Path):
  os.mkfifo(tmp_path / 'pipe')
  write(tmp_path / 'a')
  assert names(local_files.below(str(tmp_path)), tmp_path) == ['a']
  assert local_files.below(f'{tmp_path}/a') == []
  assert local_files.below(f'{tmp_path}/none') == []


def test_a_folder_that_cannot_be_read_is_an_error(tmp_path: Path, monkeypatch):
  write(tmp_path / 'closed/a')
  write(tmp_path / 'lost+found/a')
  scandir = os.scandir

  def refuse(path: str) -> object:
    if path.endswith(('closed', 'lost+found')):
      raise PermissionError(13, 'Permission denied', path)
    return scandir(path)

  monkeypatch.setattr(os, 'scandir', refuse)
  assert local_files.below(f'{tmp_path}/lost+found') == []
  with pytest.raises(PermissionError, match='closed'):
    local_files.below(str(tmp_path))


def test_only_what_lies_in_a_folder_itself_is_inside(tmp_path: Path):
  write(tmp_path / 'o[x]/a')
  write(tmp_path / 'o[x]/sub/b')
  write(tmp_path / 'ox/c')
  found = local_files.inside(f'{tmp_path}/o[x]')
  assert names(found, tmp_path) == ['o[x]/a']


@given(name=st.text('ab[]*?!-^\\', min_size=1, max_size=6))
def test_no_folder_is_a_pattern(tmp_path_factory, name: str):
  folder = tmp_path_factory.mktemp('literal')
  write(folder / 'ab/other')
  write(folder / name / 'mine')
  expected = ['mine', 'other'] if name == 'ab' else ['mine']
  found = local_files.below(f'{folder}/{name}')
  assert [Path(path).name for path, _ in found] == expected
  local_files.remove_below(f'{folder}/{name}')
  assert (folder / 'ab/other').exists() == (name != 'ab')


@given(name=PLAIN)
def test_a_plain_name_fits_itself_alone(name: str):
  fits = local_files.regex_of(name).fullmatch
  assert fits(name)
  assert not fits(name.replace('.', 'a') + 'a')


def test_patterns_go_through_links_and_need_no_slash(tmp_path, monkeypatch):
  for name in ('in/a.txt', 'disk/b.txt', 'disk/deep/c.txt'):
    write(tmp_path / name)
  (tmp_path / 'in/more').symlink_to('../disk')
  monkeypatch.chdir(tmp_path / 'in')

  def found(pattern: str) -> list[str]:
    return [path for path, _ in local_files.match(pattern, 'all')]

  assert found('*.txt') == ['a.txt']
  assert found('./*.txt') == ['./a.txt']
  assert found('*/*.txt') == ['more/b.txt']
  assert found('**.txt') == ['a.txt', 'more/b.txt', 'more/deep/c.txt']
  assert found('m*/**.txt') == ['more/b.txt', 'more/deep/c.txt']
  assert found('*/**/c.txt') == ['more/deep/c.txt']
  assert found('../in/m*/[a-c].txt') == ['../in/more/b.txt']
  assert found('[!b].txt') == found('?.txt') == ['a.txt']
  assert found('[z-a].txt') == []
  assert found('none/*.txt') == []


def test_a_pattern_enters_no_folder_that_cannot_match(tmp_path, monkeypatch):
  write(tmp_path / 'c4/en/a')
  write(tmp_path / 'private/a')
  entered = []
  scandir = os.scandir
  monkeypatch.setattr(os, 'scandir', lambda p: entered.append(p) or scandir(p))
  for pattern in ('c*/**', 'c?/en/*', 'c4*/e**'):
    found = local_files.match(f'{tmp_path}/{pattern}', 'all')
    assert names(found, tmp_path) == ['c4/en/a']
  assert f'{tmp_path}/c4/en' in entered
  assert f'{tmp_path}/private' not in entered


def test_links_to_nothing_are_told_if_they_may_match(tmp_path: Path):
  for name in ('a.txt', 'b.gz', 'more', 'other'):
    (tmp_path / name).symlink_to('none')
  for pattern, expected in {
    '*.txt': ['a.txt'],
    'm*/*.txt': ['more'],
    '**.txt': ['a.txt', 'b.gz', 'more', 'other'],
  }.items():
    broken: list[str] = []
    assert not local_files.match(f'{tmp_path}/{pattern}', 'all', broken.append)
    assert sorted(broken) == [f'{tmp_path}/{name}' for name in expected]


def test_a_link_is_removed_and_what_it_leads_to_stays(tmp_path: Path):
  write(tmp_path / 'victim/file')
  write(tmp_path / 'mine/file')
  (tmp_path / 'mine/link').symlink_to(tmp_path / 'victim')
  (tmp_path / 'link').symlink_to(tmp_path / 'victim')
  local_files.remove_below(f'{tmp_path}/mine')
  local_files.remove_below(f'{tmp_path}/link')
  local_files.remove(f'{tmp_path}/link')  # it is gone already
  local_files.remove_empty(f'{tmp_path}/victim')  # it is not empty
  assert [p.name for p in tmp_path.rglob('*')] == ['victim', 'file']


def test_all_names_of_a_file_are_equal(tmp_path: Path, monkeypatch):
  one, other = write(tmp_path / 'in/one'), write(tmp_path / 'in/other')
  (tmp_path / 'soft').symlink_to(one)
  (tmp_path / 'folder').symlink_to('in')
  monkeypatch.chdir(tmp_path / 'in')
  same = [one, 'one', './one', '../in/one', '../soft', '../folder/one']
  assert len(set(local_files.identities(same))) == 1
  assert len(set(local_files.identities([one, other]))) == 2
  os.link(one, tmp_path / 'hard')
  assert len(set(local_files.identities([*same, f'{tmp_path}/hard']))) == 1
