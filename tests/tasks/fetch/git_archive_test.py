"""Only the files wanted leave an archive, and none that lies elsewhere."""

import dataclasses

import pytest
from support.buckets import collection
from support.buckets.archives import ARCHIVE, COMMIT, archive_of, cot_files

from ul2_flan.tasks import catalog
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.fetch import git_archive
from ul2_flan.tasks.fetch.lock import Lock
from ul2_flan.tasks.fetch.wanted import places_of


@pytest.fixture
def got(tmp_path):
  """Fetches chain of thought; returns how many files that gave."""

  def fetch() -> int:
    (tmp_path / '.ul2-flan-fetch').mkdir(exist_ok=True)
    (place,) = places_of(catalog.tasks(suite='cot'))
    lock = Lock.read(tmp_path)
    count = git_archive.fetch(place, tmp_path, lock)
    lock.write()
    return count

  return fetch


def test_the_files_wanted_are_extracted_and_the_commit_is_kept(
  servers, got, tmp_path
):
  assert got() == 9
  below = tmp_path / 'cot/FLAN'
  files = {
    str(path.relative_to(below)): path.read_bytes()
    for path in below.rglob('*')
    if path.is_file()
  }
  wanted = {n: d for n, d in cot_files().items() if n.endswith('.tsv')}
  assert files == wanted
  assert Lock.read(tmp_path).commits == {'git:google-research/FLAN': COMMIT}
  asked = len(servers.asked)
  assert got() == 9
  assert len(servers.asked) == asked  # all is there


def test_a_changed_file_or_commit_is_refused(servers, got, tmp_path):
  assert got() == 9
  name = 'flan/v2/cot_data/gsm8k_train.tsv'
  path = tmp_path / 'cot/FLAN' / name
  good = path.read_bytes()
  path.unlink()
  at = ARCHIVE.replace('e9e4ec6', COMMIT)
  servers.others[at] = archive_of({**cot_files(), name: b'other'})
  with pytest.raises(UserError, match='has changed: cot/FLAN'):
    got()
  servers.others[at] = archive_of(cot_files(), commit='1' * 40)
  with pytest.raises(UserError, match=f'is at commit {"1" * 40}'):
    got()
  servers.others[at] = archive_of(cot_files())
  assert got() == 9
  assert path.read_bytes() == good


def test_paths_that_lead_elsewhere_are_passed_over(servers, got, tmp_path):
  files = {f'../../{n}': b'' for n in ('a', 'flan/v2/cot_data/x')}
  servers.others[ARCHIVE] = archive_of(files)
  with pytest.raises(UserError, match='has none of 9 files'):
    got()
  # By now, the lock has the whole name of the commit.
  servers.others[ARCHIVE.replace('e9e4ec6', COMMIT)] = b'no archive'
  with pytest.raises(OSError, match='is no archive'):
    got()


def test_a_commit_is_that_of_the_catalog_and_kept_at_once(
  servers, got, tmp_path
):
  servers.others[ARCHIVE] = archive_of(cot_files(), commit='1' * 40)
  with pytest.raises(UserError, match='the catalog says e9e4ec6'):
    got()
  servers.others[ARCHIVE] = archive_of(cot_files())[:-400]
  with pytest.raises(OSError, match='is no archive'):
    got()
  assert Lock.read(tmp_path).commits == {'git:google-research/FLAN': COMMIT}


def test_a_repository_that_is_wanted_whole_is_not_whole_after_a_stop(
  tmp_path, monkeypatch
):
  (tmp_path / '.ul2-flan-fetch').mkdir()
  (place,) = places_of([catalog.load('dialog:qrecc')])
  lock = Lock.read(tmp_path)
  hub = collection.servers(tmp_path / 'made')
  with hub.served():
    monkeypatch.setenv(git_archive.HOST, hub.url)
    real = Lock.put
    calls = iter(range(1))

    def stops(self, *given):
      if next(calls, None) is None:
        raise KeyboardInterrupt
      real(self, *given)

    with monkeypatch.context() as patch:
      patch.setattr(Lock, 'put', stops)
      with pytest.raises(KeyboardInterrupt):
        git_archive.fetch(place, tmp_path, lock)
    assert git_archive.fetch(place, tmp_path, lock) == 2
    # The data are in a zip file there.
    folder = tmp_path / 'dialog/ml-qrecc/dataset/qrecc_data'
    assert sorted(path.name for path in folder.iterdir()) == [
      'qrecc_test.json', 'qrecc_train.json'
    ]  # fmt: skip
    assert git_archive.fetch(place, tmp_path, lock) == 2


def test_changes_of_a_repository_without_a_stated_commit_are_told(
  tmp_path, monkeypatch, capsys
):
  (tmp_path / '.ul2-flan-fetch').mkdir()
  name = 'niv2:task001_quoref_question_generation'
  (place,) = places_of([catalog.load(name)])
  known = dataclasses.replace(place.downloads[0], sha256='0' * 64)
  place = dataclasses.replace(place, downloads=(known,))
  hub = collection.servers(tmp_path / 'made')
  with hub.served():
    monkeypatch.setenv(git_archive.HOST, hub.url)
    assert git_archive.fetch(place, tmp_path, Lock.read(tmp_path)) == 1
  assert 'has changed since the catalog was made: 1 files' in (
    capsys.readouterr().err
  )
