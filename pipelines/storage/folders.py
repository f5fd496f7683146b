"""Lists the files below folders, and deletes folders.

A path is never a pattern here but in `match`, and only inputs are matched. An
output may be called `run[1]` or `run*`, and then that is its name.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
import os
import re

from ul2_flan.pipelines.storage import files, local_files, schemes
from ul2_flan.tasks import buckets

_BRACKETS: Sequence[local_files.Brackets] = ('none', 'name', 'all')


def match(
  pattern: str, broken: Callable[[str], object] = lambda path: None
) -> list[tuple[str, int]]:
  """Lists the files that match a pattern. Only inputs are patterns.

  Args:
    pattern: a path in which `*` stands for any characters of one name, `**` for
      those of a path, `?` for one character and `[a-c]` for one of these.
      Brackets stand for themselves where there are files of such names, or
      below such folders.
    broken: is told the paths of links that lead to nothing.

  Returns:
    paths and sizes in bytes, sorted by path.
  """
  if pattern.endswith('/'):
    pattern += '*'
  # Who has brackets in names seldom means a pattern.
  for brackets in _BRACKETS if '[' in pattern else _BRACKETS[-1:]:
    if found := _match(pattern, brackets, broken):
      return found
  return []


def _match(
  pattern: str, brackets: local_files.Brackets, broken: Callable[[str], object]
) -> list[tuple[str, int]]:
  if files.is_local(pattern):
    return local_files.match(pattern, brackets, broken)
  wide = pattern if brackets == 'all' else pattern.replace('[', '?')
  if buckets.is_bucket(pattern):
    listed = buckets.bucket_of(pattern).match(wide)
  else:
    listed = _match_by_beam(wide)
  if wide == pattern:
    return listed
  fits = local_files.regex_of(pattern, brackets).fullmatch
  return [(path, size) for path, size in listed if fits(path)]


def named(path: str) -> list[tuple[str, int]]:
  """Lists the file of a path, which is no pattern; or nothing."""
  if files.is_local(path):
    return [(path, os.path.getsize(path))] if os.path.isfile(path) else []
  if buckets.is_bucket(path):
    if not files.exists(path):
      return []
    path = buckets.bucket_of(path).pinned(path)
    return [(path, buckets.bucket_of(path).size(path))]
  listed = _match_by_beam(re.sub(r'[*?[]', '?', path))
  return [(found, size) for found, size in listed if found == path]


def identities(paths: Sequence[str]) -> list[Hashable]:
  """Returns for each file what is equal for all names of the same file."""
  local = iter(local_files.identities(filter(files.is_local, paths)))
  return [next(local) if files.is_local(p) else p for p in paths]


def _match_by_beam(pattern: str) -> list[tuple[str, int]]:
  with files.known_scheme(pattern):
    listed = schemes.beam_files().match([pattern])[0].metadata_list
  return sorted((file.path, file.size_in_bytes) for file in listed)


def below(
  folder: str,
  *,
  links: bool = True,
  broken: Callable[[str], object] = lambda path: None,
  failed: Callable[[OSError], object] = local_files.raise_,
) -> list[tuple[str, int]]:
  """Lists the paths and sizes of all files below a folder, sorted.

  Args:
    folder: never a pattern: brackets and stars in it stand for themselves.
    links: whether to follow links of a local disk. If not, a link is a file.
    broken: is told the paths of links that lead to nothing.
    failed: is told the error of a folder that cannot be listed, which then
      counts as empty; by default it raises the error.
  """
  if files.is_local(folder):
    how = {'links': links, 'broken': broken, 'failed': failed}
    return local_files.below(folder, **how)
  prefix = folder.rstrip('/') + '/'
  try:
    if buckets.is_bucket(folder):
      return buckets.bucket_of(folder).below(prefix)
    # Beam's patterns have no way to quote: `?` fits, and then we look closely.
    listed = _match_by_beam(re.sub(r'[*?[]', '?', prefix) + '**')
  except OSError as e:
    failed(e)
    return []
  return [(path, size) for path, size in listed if path.startswith(prefix)]


def inside(
  folder: str, failed: Callable[[OSError], object] = local_files.raise_
) -> list[tuple[str, int]]:
  """Lists the files that lie in a folder itself, not deeper; see `below`."""
  if files.is_local(folder):
    return local_files.inside(folder, failed=failed)
  at = len(folder.rstrip('/') + '/')
  listed = below(folder, failed=failed)
  return [(path, n) for path, n in listed if '/' not in path[at:]]


def differing(sizes: Mapping[str, int]) -> list[str]:
  """Lists which of some files are not there, or not of the size they should be.

  Args:
    sizes: the bytes that each file should have, by path. In buckets, all files
      must lie in one folder, which is listed once.
  """
  actual: Mapping[str, int | None]
  if all(map(files.is_local, sizes)):
    actual = {path: _size(path) for path in sizes}
  else:
    actual = dict(inside(next(iter(sizes)).rsplit('/', 1)[0]))
  return [path for path, size in sizes.items() if actual.get(path) != size]


def _size(path: str) -> int | None:
  """Returns the size of a local file; None if there is none."""
  try:
    return os.path.getsize(path)
  except FileNotFoundError:
    return None


def delete(folder: str) -> None:
  """Deletes a folder and all files below it; links are never entered.

  Buckets have no folders: there, deleting the files is all there is to do.
  """
  if files.is_local(folder):
    return local_files.remove_below(folder)
  files.delete([path for path, _ in below(folder)])
  if not buckets.is_bucket(folder) and files.exists(folder):
    schemes.beam_files().delete([folder])


def delete_empty(folder: str) -> None:
  """Deletes a folder that holds nothing; leaves any other.

  Only on local disks: where a folder stays behind, it does no harm.
  """
  if files.is_local(folder):
    local_files.remove_empty(folder)


def is_link(path: str) -> bool:
  """Whether a path is that of a link; there are some on local disks alone."""
  return files.is_local(path) and os.path.islink(path)
