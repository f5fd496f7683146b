"""Finds the files of text that a user names."""

from collections.abc import Callable, Hashable, Iterator, Sequence
import dataclasses
import errno
import re

from ul2_flan.pipelines.sources import SourceOptions, formats
from ul2_flan.pipelines.storage import folders, local_files
from ul2_flan.tasks.errors import UserError

# What lies beside the data in a clone of a data set, or on a Mac.
_BESIDE_DATA = re.compile(
  r'\._.*|\.git.*|\.DS_Store|_SUCCESS|dataset_infos?\.json|croissant\.json'
  r'|README([._-][\w-]+)*\.(md|rst)|README(\.txt)?'
  r'|(LICEN[CS]E|COPYING|NOTICE|CITATION)([.-]\w+)?(\.(md|txt|rst))?',
  re.IGNORECASE,
)

_SHOWN = 5  # of the files that are left out


@dataclasses.dataclass(frozen=True, slots=True)
class Sources:
  """The files that a user has named.

  Attributes:
    files: paths and sizes in bytes, sorted by path; each file once.
    left_out: what lies beside the data and is not read, sorted.
  """

  files: tuple[tuple[str, int], ...]
  left_out: tuple[str, ...] = ()

  @property
  def note(self) -> str:
    """Tells a person what is left out; empty if nothing is."""
    if not self.left_out:
      return ''
    more = len(self.left_out) - _SHOWN
    return (
      f'not data, so not read: {", ".join(self.left_out[:_SHOWN])}'
      f'{f" and {more:,} more" if more > 0 else ""}. Name a file to read it'
    )


def find_sources(
  inputs: Sequence[str],
  is_ours: Callable[[str, str], bool] = lambda root, path: False,
) -> Sources:
  """Lists the files of paths, patterns and folders.

  Each is tried as it stands, and then as a pattern.

  Args:
    inputs: what the user names.
    is_ours: says of a folder and a file below it whether the run writes the
      file itself.

  Raises:
    UserError: an input matches no file, or cannot be looked at.
  """
  once: dict[Hashable, tuple[str, int]] = {}
  left_out: set[str] = set()
  for given in inputs:
    beside: set[str] = set()
    try:
      found = list(_found(given, is_ours, beside))
      identities = folders.identities([path for path, _ in found])
    except OSError as e:
      raise UserError(f"--input '{given}': {e}") from e
    if not found:
      raise UserError(
        f"--input '{given}' matches no file"
        f'{f" but {min(beside)}: name it to read it" if beside else ""}'
      )
    left_out |= beside
    for identity, file in zip(identities, found, strict=True):
      first = once.setdefault(identity, file)
      # The hub's cache has links with good names to files with none.
      if not _has_format(first[0]) and _has_format(file[0]):
        once[identity] = file
  read = {path for path, _ in once.values()}
  return Sources(tuple(sorted(once.values())), tuple(sorted(left_out - read)))


def _has_format(path: str) -> bool:
  try:
    formats.kind_of(path, SourceOptions())
  except UserError:
    return False
  return True


def _found(
  given: str, is_ours: Callable[[str, str], bool], left_out: set[str]
) -> Iterator[tuple[str, int]]:
  """Yields the files of an input; adds what it leaves out to a set.

  Raises:
    OSError: it cannot be looked at, or holds a link to nothing.
  """
  if not given.endswith('/') and (named := folders.named(given)):
    yield from named
    return
  root, leaves_out = given, _is_hidden
  broken: list[str] = []
  listed = folders.below(given, broken=broken.append)
  if not listed and not broken:
    listed = folders.match(given, broken=broken.append)
    root = local_files.base_of(given)
    # A pattern with the beginning of a name means such names: `README*`.
    is_named = re.match(r'[^*?[]{2}', given.rpartition('/')[2])
    leaves_out = _is_nothing if is_named else _is_beside_data
  at = len(root.rstrip('/')) + 1 if root else 0

  def left(path: str) -> str:
    """The part of a path that keeps the file from being read, or ''."""
    names = path[at:].split('/')
    depth = next((k for k in range(len(names)) if leaves_out(names, k)), None)
    return '' if depth is None else path[:at] + '/'.join(names[: depth + 1])

  for path in broken:
    # Perhaps a disk is not mounted, or git-annex has not fetched the file.
    if not left(path):
      raise FileNotFoundError(
        errno.ENOENT, 'it is a link to nothing; mend it or remove it', path
      )
  for path, size in listed:
    if is_ours(root, path):
      continue
    if name := left(path):
      left_out.add(name)
    else:
      yield path, size


def _is_hidden(names: Sequence[str], place: int) -> bool:
  """Whether a name of a path below a folder keeps the file from being read.

  Engines hide markers and folders from each other by a first '_' or '.'.
  """
  return names[place][:1] in ('.', '_') or _is_beside_data(names, place)


def _is_beside_data(names: Sequence[str], place: int) -> bool:
  if place + 1 < len(names):
    return names[place].startswith(('.git', '._'))
  return bool(_BESIDE_DATA.fullmatch(names[place]))


def _is_nothing(names: Sequence[str], place: int) -> bool:
  del names, place
  return False
