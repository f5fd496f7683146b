"""Folders are listed and deleted by their names, never as patterns."""

from pathlib import Path

from apache_beam.io.filesystem import FileMetadata, MatchResult
from apache_beam.io.filesystems import FileSystems
import pytest
from support.buckets.fake_bucket import FakeClient

from ul2_flan.pipelines.storage import files, folders
from ul2_flan.tasks import buckets


def write(folder: Path, *names: str) -> None:
  for name in names:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(b'x' * len(name))


def test_listings_are_sorted_and_go_into_folders(tmp_path: Path):
  write(tmp_path, 'b/2', 'b/c/3', 'a', 'z')
  expected = [('a', 1), ('b/2', 3), ('b/c/3', 5), ('z', 1)]
  for found in (
    folders.match(files.join(str(tmp_path), '**')),
    folders.below(str(tmp_path)),
    folders.below(f'{tmp_path}/'),
  ):
    assert [
      (Path(p).relative_to(tmp_path).as_posix(), n) for p, n in found
    ] == expected
  inside = [(f'{tmp_path}/a', 1), (f'{tmp_path}/z', 1)]
  assert folders.inside(str(tmp_path)) == inside
  assert (
    folders.match(f'{tmp_path}/*') == folders.match(f'{tmp_path}/') == (inside)
  )
  assert folders.match(f'{tmp_path}/none') == []


def test_brackets_are_names_before_they_are_patterns(tmp_path: Path):
  write(tmp_path, 'run[1]/a1.txt', 'run1/a1.txt', 'run1/a2.txt', 'b[1].txt')

  def found(pattern: str) -> list[str]:
    listed = folders.match(f'{tmp_path}/{pattern}')
    return [path.removeprefix(f'{tmp_path}/') for path, _ in listed]

  assert found('run[1]/*.txt') == ['run[1]/a1.txt']
  assert found('run[1]/a[1-2].txt') == ['run[1]/a1.txt']
  assert found('run[0-9]/a[1-2].txt') == ['run1/a1.txt', 'run1/a2.txt']
  assert found('b[1].*') == ['b[1].txt']


def test_a_name_of_a_file_is_no_pattern(tmp_path: Path):
  write(tmp_path, 'a*', 'ab')
  assert folders.named(f'{tmp_path}/a*') == [(f'{tmp_path}/a*', 2)]
  assert folders.named(f'{tmp_path}/a?') == folders.named(str(tmp_path)) == []


def test_a_folder_is_deleted_with_all_below_it(tmp_path: Path):
  write(tmp_path, 'a/b/c', 'ab')
  (tmp_path / 'empty').mkdir()
  folders.delete(str(tmp_path / 'a'))
  folders.delete(str(tmp_path / 'a'))
  folders.delete(str(tmp_path / 'a*'))
  folders.delete_empty(str(tmp_path / 'empty'))
  assert [p.name for p in tmp_path.iterdir()] == ['ab']


OBJECTS = ['s3://b/run1/x', 's3://b/run[1]/x', 's3://b/run[1]/y/z']


class _Bucket:
  """Answers as a bucket of these objects does."""

  def below(self, folder: str) -> list[tuple[str, int]]:
    return [(path, 1) for path in OBJECTS if path.startswith(folder)]


def test_folders_of_buckets_are_prefixes(monkeypatch: pytest.MonkeyPatch):
  monkeypatch.setattr(buckets, 'bucket_of', lambda path: _Bucket())
  for folder in ('s3://b/run[1]', 's3://b/run[1]/'):
    assert folders.below(folder) == [(path, 1) for path in OBJECTS[1:]]
    assert folders.inside(folder) == [(OBJECTS[1], 1)]
  assert folders.below('s3://b/run') == []


def test_folders_that_beam_lists_are_no_patterns(monkeypatch):
  asked = []

  def match(patterns: list[str]) -> list[MatchResult]:
    asked.extend(patterns)
    found = ['hdfs://run1/x', 'hdfs://run[1]/x', 'hdfs://run2/x']
    return [MatchResult('', [FileMetadata(path, 1) for path in found])]

  monkeypatch.setattr(FileSystems, 'match', match)
  assert folders.below('hdfs://run[1]') == [('hdfs://run[1]/x', 1)]
  assert folders.below('hdfs://run*') == []
  assert folders.named('hdfs://run1/x') == [('hdfs://run1/x', 1)]
  assert asked == ['hdfs://run?1]/**', 'hdfs://run?/**', 'hdfs://run1/x']


def test_links_exist_on_disks_alone(tmp_path: Path):
  (tmp_path / 'link').symlink_to('nowhere')
  assert folders.is_link(f'{tmp_path}/link')
  assert not folders.is_link(str(tmp_path))
  assert not folders.is_link('gs://b/x')


def test_paths_of_buckets_are_the_identities_of_objects(tmp_path: Path):
  write(tmp_path, 'a')
  path = f'{tmp_path}/a'
  one, gs, two = folders.identities([path, 'gs://b/x', f'{tmp_path}/./a'])
  assert one == two
  assert gs == 'gs://b/x'


def test_files_that_are_gone_or_cut_differ(tmp_path: Path):
  sizes = {str(tmp_path / name): 3 for name in ('same', 'cut', 'gone')}
  (tmp_path / 'same').write_bytes(b'abc')
  (tmp_path / 'cut').write_bytes(b'ab')
  assert folders.differing(sizes) == [*sizes][1:]
  assert folders.differing({}) == []


def test_files_of_a_bucket_are_compared_by_one_listing(monkeypatch):
  client = FakeClient()
  client.objects = {'gs://b/d/same': b'abc', 'gs://b/d/cut': b'ab'}
  monkeypatch.setattr(buckets, '_maker', lambda scheme: FakeClient)
  monkeypatch.setattr(buckets, '_known', {})
  buckets.bucket_of('gs://b')._client = client
  sizes = {f'gs://b/d/{name}': 3 for name in ('same', 'cut', 'gone')}
  assert folders.differing(sizes) == [*sizes][1:]
  assert client.calls == ['page']


@pytest.mark.parametrize('folder', ['none://b/a', 'gs://b/a'])
def test_who_asks_is_told_what_cannot_be_listed(folder: str, monkeypatch):
  class Closed:
    def below(self, prefix: str):
      raise PermissionError(13, 'Permission denied', prefix)

  monkeypatch.setattr(buckets, 'bucket_of', lambda path: Closed())
  monkeypatch.setattr(folders, '_match_by_beam', Closed().below)
  with pytest.raises(PermissionError):
    folders.inside(folder)
  told: list[OSError] = []
  assert folders.below(folder, failed=told.append) == []
  assert folders.inside(folder, told.append) == []
  assert len(told) == 2
