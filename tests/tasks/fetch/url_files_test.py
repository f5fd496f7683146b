"""Files at URLs come whole, and only those wanted of an archive."""

import dataclasses
import hashlib

import pytest
from support.buckets import collection

from ul2_flan.tasks import catalog
from ul2_flan.tasks.catalog.downloads import Download
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.fetch import url_files
from ul2_flan.tasks.fetch.lock import Lock
from ul2_flan.tasks.fetch.progress import Progress
from ul2_flan.tasks.fetch.wanted import places_of


@pytest.fixture
def mirror(servers, monkeypatch, tmp_path):
  servers.others |= collection.servers(tmp_path / 'made').others
  monkeypatch.setenv(url_files.MIRROR, servers.url)
  (tmp_path / '.ul2-flan-fetch').mkdir()
  return servers


def test_files_come_once_with_their_checksums(mirror, tmp_path):
  names = ('flan2021:cb', 'flan2021:natural_questions')
  places, lock = places_of(map(catalog.load, names)), Lock.read(tmp_path)
  for place, count in zip(places, (2, 2), strict=True):
    progress = Progress()
    assert url_files.fetch(place, tmp_path, lock, progress) == count
    sizes = sum(one.bytes for one in place.downloads)
    assert (progress.came, progress.expected) == (sizes, sizes)
  assert sorted(lock.files) == [
    'flan2021/cb/CB/train.jsonl',
    'flan2021/cb/CB/val.jsonl',
    'flan2021/natural_questions/NQ-open.dev.jsonl',
    'flan2021/natural_questions/NQ-open.train.jsonl',
  ]
  asked = len(mirror.asked)
  for place in places:
    url_files.fetch(place, tmp_path, lock)
  assert len(mirror.asked) == asked


@pytest.mark.parametrize(
  ('data', 'kind', 'message'),
  [
    (b'no zip', OSError, 'is no zip file'),
    (collection.zipped({'a.txt': b''}), UserError, 'has none of the files'),
    (collection.zipped({'../CB/a.jsonl': b''}), UserError, 'leads out of'),
  ],
)
def test_what_is_no_good_archive_is_an_error(
  mirror, tmp_path, data, kind, message
):
  place = places_of([catalog.load('flan2021:cb')])[0]
  one = Download(place.name, len(data), hashlib.sha256(data).hexdigest())
  place = dataclasses.replace(place, downloads=(one,))
  mirror.others[place.name.partition('://')[2]] = data
  with pytest.raises(kind, match=message):
    url_files.fetch(place, tmp_path, Lock.read(tmp_path))
  assert not list(tmp_path.rglob('*.jsonl'))
