"""Writes files that appear whole or not at all, and then last.

`WholeFile` writes under a temporary name and renames at the end, so that a
final name never stands for half a file, not even after a loss of power: see
`disk`. An object of a bucket needs no temporary name: it appears with its last
call, whole. An engine may run a work item twice at once; both then write the
same bytes, so the order does not matter.
"""

from collections.abc import Iterable, Iterator
import contextlib
import os
from typing import Any, BinaryIO

import google_crc32c

from ul2_flan.pipelines.storage import disk
from ul2_flan.pipelines.storage.schemes import (
  AS_IT_IS,
  beam_files,
  is_local,
  join,
  known_scheme,
)
from ul2_flan.tasks import buckets


def _create(path: str) -> BinaryIO:
  """Opens a new file for writing; makes its folder if that is missing."""
  if not is_local(path):
    with known_scheme(path):
      return beam_files().create(path, compression_type=AS_IT_IS)
  try:
    return open(path, 'wb')
  except FileNotFoundError:
    # Most folders are there: trying first saves a call for each file.
    disk.make_folder(os.path.dirname(path))
    return open(path, 'wb')


def _rename(path: str, to: str) -> None:
  if is_local(path):
    os.replace(path, to)
  else:
    beam_files().rename([path], [to])


class WholeFile:
  """A file that appears under its name when it is complete.

  Call `write` any number of times, then either `commit` or `discard`; the
  context manager `whole_file` does the latter two.

  Attributes:
    path: the final name.
    size: bytes written so far.
    crc32c: the CRC-32C of these bytes, as eight hexadecimal digits. Buckets
      store the same checksum with every object, so that the two can be
      compared without reading the object.
  """

  def __init__(self, path: str, scratch: str, *, lasting: bool = True):
    """Opens a temporary file, or begins an object of a bucket.

    Args:
      path: the final name.
      scratch: a folder of the same file system, for the temporary file. Buckets
        do not use it.
      lasting: whether `commit` waits until the bytes are on the disk.
    """
    self.path = path
    self._lasting = lasting
    self._crc = 0
    self.size = 0
    self._object = None
    if buckets.is_bucket(path):
      self._object = buckets.bucket_of(path).create(path)
      self._file: Any = self._object
      return
    self._temporary = join(scratch, os.urandom(16).hex())
    self._file = _create(self._temporary)

  def write(self, data: bytes) -> None:
    """Appends bytes."""
    self._file.write(data)
    self._crc = google_crc32c.extend(self._crc, data)
    self.size += len(data)

  @property
  def crc32c(self) -> str:
    return f'{self._crc:08x}'

  def commit(self, *, flush_folders: bool = True) -> None:
    """Closes the file and gives it its name, replacing any other.

    On a local disk its bytes are then on the disk, but its name perhaps not:
    `flush_folders` sees to the names of many files at once.

    Args:
      flush_folders: flush the names of folders that it makes for the file. If
        not, the caller sees to these too, by `flush_below`.
    """
    if self._object:
      return self._object.complete()
    self._close()
    try:
      _rename(self._temporary, self.path)
    except OSError:
      # Most often the folder is there, and looking first would cost another
      # call for each file. So only now we make it, on systems with folders.
      if is_local(self.path):
        folder = os.path.dirname(self.path)
        disk.make_folder(folder, flush=flush_folders)
      else:
        folder = beam_files().split(self.path)[0]
        if not beam_files().get_filesystem(folder).has_dirs():
          raise
        # Another worker may have made it meanwhile: then this fails,
        # harmlessly.
        with contextlib.suppress(OSError):
          beam_files().mkdirs(folder)
      _rename(self._temporary, self.path)

  def _close(self) -> None:
    """Closes the temporary file; before its rename its bytes must be on disk.

    Otherwise a loss of power may leave the name and no bytes.
    """
    # An empty file has no bytes to lose.
    if self._lasting and self.size and is_local(self.path):
      disk.close(self._file)
    else:
      self._file.close()

  def commit_first(self) -> bool:
    """Names a local file, unless the name is taken; returns whether it did."""
    self._close()
    disk.make_folder(os.path.dirname(self.path))
    return disk.name_first(self._temporary, self.path)

  def discard(self) -> None:
    """Removes what was written; never raises over the error that led here."""
    if self._object:
      return self._object.abort()
    with contextlib.suppress(Exception):
      self._file.close()
    with contextlib.suppress(Exception):
      # Beam would take the path for a pattern.
      if is_local(self._temporary):
        os.remove(self._temporary)
      else:
        beam_files().delete([self._temporary])


def flush_folders(paths: Iterable[str]) -> None:
  """Waits until the names of files are on a local disk."""
  local = (path for path in paths if is_local(path))
  for folder in sorted({os.path.dirname(path) for path in local}):
    disk.flush_folder(folder)


def flush_below(top: str, names: Iterable[str]) -> None:
  """Waits until files are on a local disk by name, and the folders they lie in.

  One folder after another costs little more than one alone: the system writes
  what waits for all of them when it is asked for the first.

  Args:
    top: a folder, which is on the disk.
    names: of the files, relative to it.
  """
  if not is_local(top):
    return
  folders = {''}
  for name in names:
    while (name := os.path.dirname(name)) not in folders:
      folders.add(name)
  for folder in sorted(folders):
    disk.flush_folder(join(top, folder) if folder else top)


@contextlib.contextmanager
def whole_file(
  path: str, scratch: str, *, lasting: bool = True
) -> Iterator[WholeFile]:
  """Commits a `WholeFile` at the end of the body, or discards it on an error.

  Args:
    path: the final name.
    scratch: a folder for the temporary file, as in `WholeFile`.
    lasting: whether to wait at the end until bytes and name are on the disk.
  """
  file = WholeFile(path, scratch, lasting=lasting)
  try:
    yield file
    file.commit()
  except BaseException:
    file.discard()
    raise
  if lasting:
    flush_folders([path])


def write_bytes(
  path: str, data: bytes, scratch: str, *, lasting: bool = True
) -> None:
  """Writes a file that is in memory; see `whole_file`."""
  with whole_file(path, scratch, lasting=lasting) as f:
    f.write(data)


def write_empty(path: str, scratch: str) -> None:
  """Writes an empty file, which is never half there, under its name at once.

  On a local disk the name is perhaps not on the disk: see `flush_folders`.

  Args:
    path: of the file.
    scratch: a folder for the file that takes the place of one that is there: to
      open that one would empty it, and what it links to.
  """
  if is_local(path):
    with contextlib.suppress(FileExistsError, FileNotFoundError):
      open(path, 'xb').close()
      return
  write_bytes(path, b'', scratch, lasting=False)


def write_first(path: str, data: bytes, scratch: str) -> bool:
  """Writes a file unless there is one of its name; returns whether it did.

  Of several that do this at once one succeeds, on local disks and in buckets.
  Beam's other file systems offer no such condition: there several may succeed,
  and the last one's file stays.
  """
  if buckets.is_bucket(path):
    return buckets.bucket_of(path).write_first(path, data)
  if not is_local(path):
    if beam_files().exists(path):
      return False
    write_bytes(path, data, scratch)
    return True
  file = WholeFile(path, scratch)
  try:
    file.write(data)
    done = file.commit_first()
  except BaseException:
    file.discard()
    raise
  flush_folders([path])
  return done
