"""Lists and removes files of this machine, whose paths mean what they say.

Beam's local file system takes each path for a pattern, even when it deletes,
and passes over folders that are links. Here only `match` knows patterns, all
folders are read, and removing a link never touches what it leads to.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator
import contextlib
import errno
import functools
import os
import re
import shutil
import stat
from typing import Any, Literal, TypeAlias

# Where brackets are a part of a pattern: everywhere, in the last name only, or
# nowhere. Elsewhere they stand for themselves.
Brackets: TypeAlias = Literal['all', 'name', 'none']


def raise_(error: OSError) -> None:
  """Raises an error of a folder that cannot be read."""
  raise error


def walk(
  folder: str,
  enter: Callable[[str], bool] = lambda path: True,
  *,
  links: bool = True,
  broken: Callable[[str], object] = lambda path: None,
  failed: Callable[[OSError], object] = raise_,
) -> Iterator[tuple[str, int]]:
  """Yields the paths and sizes of the files below a folder, in no order.

  A link that leads to a folder in which it lies, or above the walk, is a loop
  and not entered. What is neither file nor folder, such as a socket, is no
  file. What vanishes meanwhile is passed over.

  Args:
    folder: a folder; '' is the one that we are in, and adds nothing to paths.
    enter: whether to look into a folder below this one.
    links: whether to follow links. If not, each link counts as a file.
    broken: is told the paths of links that lead to nothing.
    failed: is told the error of a folder, or of what a link leads to, that
      cannot be read; by default it raises the error.
  """
  # Each folder with the real paths of those that led to it.
  left: list[tuple[str, tuple[str, ...]]] = [
    (folder, (os.path.realpath(folder or '.'),))
  ]
  while left:
    within, above = left.pop()
    for entry in _entries(within, failed):
      path = os.path.join(within, entry.name)
      is_link = entry.is_symlink()
      if is_link and not links:
        yield path, 0
        continue
      try:
        info = entry.stat()
      except OSError as e:
        if e.errno not in (errno.ENOENT, errno.ENOTDIR, errno.ELOOP):
          failed(e)
        elif is_link:  # to nothing, or to itself
          broken(path)
        continue  # all else has vanished
      if stat.S_ISREG(info.st_mode):
        yield path, info.st_size
      elif stat.S_ISDIR(info.st_mode) and enter(path):
        real = os.path.join(above[-1], entry.name)
        if is_link:
          real = os.path.realpath(path)
        if not (is_link and _is_loop(real, above)):
          left.append((path, (*above, real)))


def _entries(
  folder: str, failed: Callable[[OSError], object]
) -> list[os.DirEntry[str]]:
  try:
    with os.scandir(folder or '.') as entries:
      return list(entries)
  except FileNotFoundError:
    pass
  except PermissionError as e:
    # A disk has this folder at its top, for none but root.
    if os.path.basename(folder) != 'lost+found':
      failed(e)
  except OSError as e:
    failed(e)
  return []


def _is_loop(real: str, above: tuple[str, ...]) -> bool:
  """Whether a folder holds one of those that led to it, or is one of them."""
  inner = os.path.join(real, '')
  return any(os.path.join(folder, '').startswith(inner) for folder in above)


def below(folder: str, **how: Any) -> list[tuple[str, int]]:
  """Lists the paths and sizes of the files below a folder, sorted.

  There are none below what is no folder.

  Args:
    folder: a folder, or not.
    **how: `links`, `broken` and `failed`, as in `walk`.
  """
  # As Beam spells it: without the slashes at the end.
  folder = os.path.dirname(os.path.join(folder, ''))
  if not os.path.isdir(folder):
    return []
  return sorted(walk(folder, **how))


def inside(folder: str, **how: Any) -> list[tuple[str, int]]:
  """Lists the files that lie in a folder itself, sorted; see `below`."""
  if not os.path.isdir(folder):
    return []
  return sorted(walk(folder, lambda path: False, **how))


def match(
  pattern: str,
  brackets: Brackets,
  broken: Callable[[str], object] = lambda path: None,
) -> list[tuple[str, int]]:
  """Lists the paths and sizes of the files that match a pattern, sorted.

  Args:
    pattern: as in `folders.match`.
    brackets: where they are a part of the pattern.
    broken: is told the paths of links to nothing that match, or on whose other
      end files might.
  """
  base = base_of(pattern)
  folder = os.path.dirname(base)
  if not os.path.isdir(folder or '.'):
    return []
  rest = pattern[len(base) :]
  names = rest.split('/')
  fits = [
    regex_of(name, 'all' if brackets == 'all' else 'none').fullmatch
    for name in names
  ]
  matches = regex_of(rest, brackets).fullmatch
  at = len(os.path.join(folder, ''))

  # From the first name with `**` on, files may match at any depth.
  free = next((k for k, name in enumerate(names) if '**' in name), None)
  checked = len(names) - 1 if free is None else free

  def enter(path: str) -> bool:
    within = path[at:].split('/')
    if len(within) <= checked:
      return bool(fits[len(within) - 1](within[-1]))
    return free is not None

  def is_broken(path: str) -> None:
    if matches(path[at:]) or enter(path):
      broken(path)

  found = walk(folder, enter, broken=is_broken)
  return sorted(file for file in found if matches(file[0][at:]))


def base_of(pattern: str) -> str:
  """Returns the folder that all of a pattern's files lie in, with its slash.

  >>> base_of('a/b/*/c.txt'), base_of('*.txt')
  ('a/b/', '')
  """
  plain = re.split(r'[*?[]', pattern, maxsplit=1)[0]
  return plain[: plain.rfind('/') + 1]


def regex_of(pattern: str, brackets: Brackets = 'all') -> re.Pattern[str]:
  r"""Compiles a pattern to a regular expression that must fit all of a path.

  >>> regex_of('a*/[0-3].txt').pattern
  'a[^/]*/[0-3]\\.txt'
  >>> regex_of('a[1]/[0-3].txt', 'name').pattern
  'a\\[1\\]/[0-3]\\.txt'

  Args:
    pattern: as in `folders.match`.
    brackets: where they are a part of the pattern.
  """
  folder, slash, name = pattern.rpartition('/')
  regex = ''.join(
    _regex_of_part(part, is_pattern)
    for text, is_pattern in (
      (folder + slash, brackets == 'all'),
      (name, brackets != 'none'),
    )
    for part in re.split(r'(\*\*|\*|\?|\[!?\]?[^]/]*\])', text)
  )
  return re.compile(regex, re.DOTALL)


def _regex_of_part(part: str, brackets: bool) -> str:
  known = {'**': '.*', '*': '[^/]*', '?': '[^/]'}
  if part in known:
    return known[part]
  if not (brackets and len(part) > 2 and part[0] == '[' and part[-1] == ']'):
    return re.escape(part)
  inner = part[1:-1]
  negated = inner.startswith('!')
  # `-` keeps its meaning; all else in brackets stands for itself.
  inner = re.sub(r'([\\^\[\]&~|])', r'\\\1', inner[negated:])
  regex = f'[{"^/" if negated else ""}{inner}]'
  try:
    re.compile(regex)
  except re.error:  # such as `[z-a]`, which nobody means as a pattern
    return re.escape(part)
  return regex


def remove(path: str) -> None:
  """Removes a file, or a link whatever it leads to; it may be gone already."""
  with contextlib.suppress(FileNotFoundError):
    os.unlink(path)


def remove_below(folder: str) -> None:
  """Removes a folder and all below it; of links, only these themselves."""
  if os.path.islink(folder):
    return remove(folder)
  while os.path.isdir(folder):
    # Another process may be removing the same files: then we begin again.
    with contextlib.suppress(FileNotFoundError):
      shutil.rmtree(folder)


def remove_empty(folder: str) -> None:
  """Removes a folder that holds nothing; leaves any other, and all links."""
  with contextlib.suppress(OSError):
    os.rmdir(folder)


def identities(paths: Iterable[str]) -> Iterator[Hashable]:
  """Yields for each file what is equal for all names of the same file.

  A file has many names: other spellings, and links of both kinds.
  """
  # Most files share their folders, and real paths take a call for each part.
  real = functools.cache(os.path.realpath)
  for path in paths:
    folder, name = os.path.split(path)
    whole = os.path.join(real(folder or '.'), name)
    try:
      info = os.lstat(path)
      if stat.S_ISLNK(info.st_mode):
        whole, info = os.path.realpath(path), os.stat(path)
    except OSError:  # who reads it will say so
      yield whole
      continue
    # Numbers of files are not to be trusted everywhere, so only where the disk
    # says that a file has several names, and together with size and time.
    key = info.st_dev, info.st_ino, info.st_size, info.st_mtime_ns
    yield key if info.st_nlink > 1 else whole
