"""Gets files of a git repository out of the archive that its host makes."""

from __future__ import annotations

from collections.abc import Callable
import os
from pathlib import Path, PurePosixPath
import shutil
import tarfile

from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.fetch.download import download
from ul2_flan.tasks.fetch.lock import PARTS, Lock
from ul2_flan.tasks.fetch.wanted import Place

# Of another host with the same routes, such as a mirror.
HOST = 'UL2_FLAN_GIT_ARCHIVES'
_HOST = 'https://codeload.github.com'


def fetch(
  place: Place,
  folder: Path,
  lock: Lock,
  progress: Callable[[int], None] = lambda count: None,
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
  download(url, archive, progress=progress)
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
  before = lock.wanted.get(f'{place.suite} {place.key}', [])
  return set(place.files) <= set(before) and all(
    lock.has(folder, name) for name in known
  )


def _extract(
  archive: Path, place: Place, folder: Path, lock: Lock, url: str
) -> int:
  """Extracts the files wanted, each whole or not at all; counts them."""
  count = 0
  with tarfile.open(archive, 'r:gz') as tar:
    for member in tar:
      # `git archive` writes the commit into the header of the whole.
      commit = tar.pax_headers.get('comment', '')
      known = lock.commits.get(place.key)
      if commit and known and not commit.startswith(known):
        raise UserError(
          f'{url} is at commit {commit}, and {lock.path} says {known}'
        )
      if commit:
        lock.commits[place.key] = commit
      path = PurePosixPath(*PurePosixPath(member.name).parts[1:])
      if not member.isfile() or not place.wants(str(path)):
        continue
      name = f'{_below(place)}{path}'
      content = tar.extractfile(member)
      assert content  # it is a regular file
      part = folder / PARTS / 'file'
      with part.open('wb') as file:
        shutil.copyfileobj(content, file)
      lock.put(folder, name, part, url)
      count += 1
  return count
