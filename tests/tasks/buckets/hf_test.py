"""The hub is read like a bucket, at one commit, and its token stays secret."""

from collections.abc import Iterator

import pytest
from support.buckets.hub import Hub

from ul2_flan.pipelines.storage import files, folders
from ul2_flan.tasks import buckets
from ul2_flan.tasks.buckets import retries
from ul2_flan.tasks.errors import UserError

FILES = {
  'README.md': b'# data',
  **{f'data/train-{i}.jsonl': b'x' * (i + 1) for i in range(5)},
  'data/test-0.jsonl': b'test',
}


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path) -> Iterator[Hub]:
  monkeypatch.setattr(retries, 'FIRST_WAIT', 0.001)
  monkeypatch.setenv('HF_HOME', str(tmp_path))
  monkeypatch.delenv('HF_TOKEN', raising=False)
  repos = {
    'datasets/org/name': {'main': FILES, 'v1': {'old': b'old'}},
    'org/model': {'main': {'spiece.model': b'model'}},
  }
  with Hub(repos).served() as served:
    monkeypatch.setenv('HF_ENDPOINT', served.url)
    yield served


def test_files_are_listed_page_by_page_and_pinned(hub):
  commit = hub.commit('datasets/org/name')
  root = f'hf://datasets/org/name@{commit}'
  assert folders.below('hf://datasets/org/name') == [
    (f'{root}/{name}', len(data)) for name, data in sorted(FILES.items())
  ]
  assert sum('cursor' in asked for asked in hub.asked) == 2
  found = folders.match('hf://datasets/org/name/data/train-[0-2]*.jsonl')
  assert [path for path, _ in found] == [
    f'{root}/data/train-{i}.jsonl' for i in range(3)
  ]
  assert folders.named('hf://datasets/org/name/README.md') == [
    (f'{root}/README.md', 6)
  ]
  assert folders.below('hf://datasets/org/name/nothing') == []
  assert folders.below('hf://datasets/org/name@v1')[0][1] == 3


def test_bytes_come_by_ranges(hub):
  path = 'hf://datasets/org/name/data/train-4.jsonl'
  assert files.read_bytes(path) == b'xxxxx'
  assert files.read_bytes('hf://org/model/spiece.model') == b'model'
  with files.open_read('hf://datasets/org/name/README.md') as file:
    file.seek(2)
    assert file.read(3) == b'dat'
  assert files.exists(path)
  assert not files.exists(path + 'x')
  assert files.version(path) != files.version(path.replace('4', '3'))


def test_a_branch_that_moves_on_changes_no_read_under_way(hub):
  ((pinned, _),) = folders.match('hf://datasets/org/name/README.md')
  branches = hub.repos['datasets/org/name']
  branches['before'] = FILES
  branches['main'] = {**FILES, 'README.md': b'other!'}
  assert files.read_bytes(pinned) == b'# data'


def test_faults_that_pass_are_tried_again(hub, monkeypatch):
  waits: list[float] = []
  monkeypatch.setattr(retries.time, 'sleep', waits.append)
  hub.faults = [(503, ''), (429, '7'), (500, '')]
  hub.cut = 1
  path = 'hf://datasets/org/name/data/train-4.jsonl'
  assert files.read_bytes(path) == b'xxxxx'
  assert not hub.faults
  assert not hub.cut
  assert 7 in waits
  assert all(wait < 7.1 for wait in waits)


def test_a_token_is_found_and_never_shown(hub, monkeypatch, tmp_path):
  hub.token = 'hf_secret'
  with pytest.raises(PermissionError, match='set HF_TOKEN') as e:
    files.read_bytes('hf://org/model/spiece.model')
  assert 'secret' not in str(e.value)
  (tmp_path / 'token').write_text('hf_secret\n')
  assert files.read_bytes('hf://org/model/spiece.model') == b'model'
  monkeypatch.setenv('HF_TOKEN', 'hf_wrong')
  with pytest.raises(PermissionError) as e:
    files.read_bytes('hf://org/model/spiece.model')
  assert 'hf_wrong' not in str(e.value)
  assert hub.tokens[-1] == 'Bearer hf_wrong'


def test_what_is_not_there_or_never_answers_is_an_error(hub, monkeypatch):
  with pytest.raises(FileNotFoundError):
    files.read_bytes('hf://datasets/org/name/none')
  with pytest.raises(FileNotFoundError):
    folders.below('hf://datasets/org/none')
  hub.faults = [(500, '')] * 9
  with pytest.raises(OSError, match=r'tried 7 times .* answered 500'):
    files.read_bytes('hf://datasets/org/name/README.md')
  monkeypatch.setattr(retries, 'TRIES', 2)
  monkeypatch.setenv('HF_ENDPOINT', 'http://127.0.0.1:1')
  with pytest.raises(
    OSError, match=r'ConnectionError at http://127\.0\.0\.1:1'
  ):
    files.read_bytes('hf://datasets/org/name/README.md')


def test_nothing_is_written(hub):
  bucket = buckets.bucket_of('hf://datasets/org/name/x')
  for write in (
    lambda: bucket.write_bytes('hf://datasets/org/name/x', b''),
    lambda: bucket.write_first('hf://datasets/org/name/x', b''),
    lambda: bucket.delete(['hf://datasets/org/name/x']),
  ):
    with pytest.raises(UserError, match='hf:// is read only'):
      write()
