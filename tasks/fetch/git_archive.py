"""Gets files of a git repository out of the archive that its host makes."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath
import shutil
import tarfile

from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.fetch import zip_files
from ul2_flan.tasks.fetch.download import check, download
from ul2_flan.tasks.fetch.lock import PARTS, Lock, sha256_of
from ul2_flan.tasks.fetch.progress import Progress
from ul2_flan.tasks.fetch.wanted import Place
from ul2_flan.tasks.messages import complain

# Of another host with the same routes, such as a mirror.
HOST = 'UL2_FLAN_GIT_ARCHIVES'
_HOST = 'https://codeload.github.com'


def fetch(
  place: Place, folder: Path, lock: Lock, progress: Progress | None = None
) -> int:
  """Gets the files wanted of a repository; returns how many there are.

  They lie below `<suite>/<repository>`, as in it.

  Args:
    place: the repository.
    folder: that all data goes to.
    lock: of the folder; gets the commit and the files.
    progress: is told how many bytes have come.

  Raises:
    OSError: the host does not give the archive.
    UserError: a file has changed; or there is none of those wanted.
  """
  revision = lock.commits.get(place.key) or place.revision or 'HEAD'
  known = [n for n in lock.files if n.startswith(_below(place))]
  if known and _all_there(place, known, folder, lock):
    return len(known)
  host = os.environ.get(HOST) or _HOST
  url = f'{host.rstrip("/")}/{place.name}/tar.gz/{revision}'
  archive = folder / PARTS / f'{place.name.replace("/", "+")}.tar.gz'
  download(url, archive, progress=progress or Progress())
  try:
    count = _extract(archive, place, folder, lock, url)
  except (tarfile.TarError, EOFError, OSError) as e:
    if isinstance(e, OSError) and e.errno:
      raise  # of the disk
    archive.unlink(missing_ok=True)
    raise OSError(f'{url} is no archive: {e}') from e
  if not count:
    raise UserError(
      f'{url} has none of {len(place.files)} files, such as {place.files[0]}'
    )
  archive.unlink()
  wanted = f'{place.suite} {place.key}'
  before = lock.wanted.get(wanted, [])
  lock.wanted[wanted] = sorted({*before, *place.files})
  return count


def _below(place: Place) -> str:
  return f'{place.suite}/{place.name.rpartition("/")[2]}/'


def _all_there(
  place: Place, known: list[str], folder: Path, lock: Lock
) -> bool:
  """Whether all that is wanted was got before, and is there."""
  before = lock.wanted.get(f'{place.suite} {place.key}')
  # Of a repository that is wanted whole, some files say nothing of the others.
  return (
    before is not None
    and set(place.files) <= set(before)
    and all(lock.has(folder, name) for name in known)
  )


def _extract(
  archive: Path, place: Place, folder: Path, lock: Lock, url: str
) -> int:
  """Extracts the files wanted, each whole or not at all; counts them."""
  count = 0
  checksums = {one.file: one.sha256 for one in place.downloads}
  changed = []
  with tarfile.open(archive, 'r:gz') as tar:
    for member in tar:
      _pin(tar.pax_headers.get('comment', ''), place, lock, url)
      path = PurePosixPath(*PurePosixPath(member.name).parts[1:])
      if not member.isfile() or not place.wants(str(path)):
        continue
      name = f'{_below(place)}{path}'
      content = tar.extractfile(member)
      assert content  # it is a regular file
      part = folder / PARTS / 'file'
      with part.open('wb') as file:
        shutil.copyfileobj(content, file)
      known = checksums.get(str(path), '')
      if place.revision:
        check(part, known, f'{path} of {url}')
      elif known and sha256_of(part) != known:
        changed.append(str(path))
      if name.endswith('.zip'):
        # Where the data of a repository are packed, runs find them unpacked.
        below = name.removesuffix('.zip')
        its = zip_files.extract(part, below, folder, lock, f'{path} of {url}')
        count += len(its)
        continue
      lock.put(folder, name, part, url)
      count += 1
  if changed:
    complain(
      f'{place.name} has changed since the catalog was made: {len(changed):,} '
      f'files are others, such as {changed[0]}. The lock has what came'
    )
  return count


def _pin(commit: str, place: Place, lock: Lock, url: str) -> None:
  """Keeps the commit that `git archive` writes into the header of the whole.

  Raises:
    UserError: it is another than that of the lock, or that the catalog states.
  """
  known = lock.commits.get(place.key)
  wanted = known or place.revision
  if commit and not commit.startswith(wanted):
    by = lock.path if known else 'the catalog'
    raise UserError(f'{url} is at commit {commit}, and {by} says {wanted}')
  if commit and not known:
    # At once, so that a stop does not mix two commits.
    lock.commits[place.key] = commit
    lock.write()
