"""Gets files of a repository of Hugging Face's hub, pinned to a commit."""

from __future__ import annotations

from concurrent import futures
from pathlib import Path

from ul2_flan.tasks.buckets import bucket_of
from ul2_flan.tasks.buckets.hub_path import HubPath
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.fetch.lock import PARTS, Lock, refuse_outside
from ul2_flan.tasks.fetch.progress import Progress
from ul2_flan.tasks.fetch.wanted import Place

# Files that come at once. More does not help, and servers dislike it.
_PARALLEL = 4

_BYTES = 8 << 20


def listed(place: Place, lock: Lock) -> list[tuple[str, int]]:
  """Lists the files wanted, as pinned paths, with their sizes.

  Raises:
    OSError: the hub does not answer, or the repository is gone or gated.
    UserError: none of the files is there.
  """
  revision = lock.commits.get(place.key) or place.revision or 'main'
  root = f'hf://datasets/{place.name}@{revision}'
  folders = {file.split('/')[0] if '/' in file else '' for file in place.files}
  found = [
    (path, size)
    for folder in sorted(folders or {''})
    for path, size in bucket_of(root).below(
      f'{root}/{folder}'.rstrip('/') + '/'
    )
    if place.wants(HubPath.parse(path).name)
  ]
  if not found:
    wanted = place.files[0] if place.files else 'any file'
    raise UserError(f'{root} has none of the files wanted, such as {wanted}')
  return found


def fetch(
  place: Place, folder: Path, lock: Lock, progress: Progress | None = None
) -> int:
  """Gets the files wanted of a repository; returns how many there are.

  They lie below `<suite>/<organisation>/<repository>`, as in it. A file that
  was cut off goes on where it stopped, as a commit's files never change.

  Raises:
    OSError: see `listed`; or a file cannot be had.
    UserError: see `listed`; or a file has changed.
  """
  progress = progress or Progress()
  files = listed(place, lock)
  lock.commits[place.key] = HubPath.parse(files[0][0]).revision
  lock.write()
  missing = []
  for path, size in files:
    name = f'{place.suite}/{place.name}/{HubPath.parse(path).name}'
    refuse_outside(name, folder, path)
    if not lock.has(folder, name):
      part = folder / PARTS / name
      missing.append((name, part, path, size))
      progress.expect(size - (part.stat().st_size if part.exists() else 0))

  def get(entry: tuple[str, Path, str, int]) -> tuple[str, Path, str]:
    name, part, path, size = entry
    _get(path, size, part, progress)
    return name, part, path

  with futures.ThreadPoolExecutor(_PARALLEL) as pool:
    for name, part, path in pool.map(get, missing):
      lock.put(folder, name, part, path)
      lock.write()
  return len(files)


def _get(path: str, size: int, part: Path, progress: Progress) -> None:
  part.parent.mkdir(parents=True, exist_ok=True)
  have = part.stat().st_size if part.exists() else 0
  with part.open('ab') as file:
    if have > size:
      file.truncate(have := 0)
    for start in range(have, size, _BYTES):
      data = bucket_of(path).read(path, start, min(start + _BYTES, size))
      file.write(data)
      progress(len(data))
