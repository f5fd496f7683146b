"""Gets files at plain URLs, and takes archives apart."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from ul2_flan.tasks.catalog.downloads import Download
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.fetch import zip_files
from ul2_flan.tasks.fetch.download import download
from ul2_flan.tasks.fetch.lock import PARTS, Lock
from ul2_flan.tasks.fetch.progress import Progress
from ul2_flan.tasks.fetch.wanted import Place

# Of a mirror, which has `https://host/path` as `<mirror>/host/path`.
MIRROR = 'UL2_FLAN_URLS'


def fetch(
  place: Place, folder: Path, lock: Lock, progress: Progress | None = None
) -> int:
  """Gets the files of a place; returns how many there are.

  They lie below `<suite>/<data set>`, those of an archive as it has them.

  Args:
    place: the URLs, and what is wanted of archives.
    folder: that all data goes to.
    lock: of the folder; gets the files.
    progress: is told how many bytes have come.

  Raises:
    OSError: a server does not give a file.
    UserError: a file has changed; or an archive has none of those wanted.
  """
  progress = progress or Progress()
  missing = [
    one for one in place.downloads if not _is_there(one, place, folder, lock)
  ]
  progress.expect(sum(one.bytes for one in missing))
  for one in missing:
    lock.wanted[_key(one, place)] = _fetch(one, place, folder, lock, progress)
    lock.write()
  return sum(len(lock.wanted[_key(one, place)]) for one in place.downloads)


def _key(one: Download, place: Place) -> str:
  """Names a URL in the lock, which has the files that came of it."""
  return f'{place.suite} url:{one.file}'


def _is_there(one: Download, place: Place, folder: Path, lock: Lock) -> bool:
  names = lock.wanted.get(_key(one, place), [])
  return bool(names) and all(lock.has(folder, name) for name in names)


def _fetch(
  one: Download, place: Place, folder: Path, lock: Lock, progress: Progress
) -> list[str]:
  """Gets one file, or those of an archive; returns their names."""
  name = PurePosixPath(urlsplit(one.file).path).name
  digest = hashlib.sha256(one.file.encode()).hexdigest()[:12]
  part = folder / PARTS / f'{digest}-{name}'
  mirror = os.environ.get(MIRROR)
  url = one.file
  if mirror:
    url = f'{mirror.rstrip("/")}/{url.partition("://")[2]}'
  download(url, part, sha256=one.sha256, progress=progress)
  below = f'{place.suite}/{place.folder}'
  if not name.endswith('.zip'):
    lock.put(folder, f'{below}/{name}', part, url)
    return [f'{below}/{name}']
  names = zip_files.extract(part, below, folder, lock, url, place.wants)
  if not names:
    wanted = ', '.join(place.files)
    raise UserError(f'{url} has none of the files wanted: {wanted}')
  return names
