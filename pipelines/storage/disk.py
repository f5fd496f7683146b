"""Makes what is written to a local disk outlast a loss of power.

A system keeps what programs write in memory, and writes it out when it likes
and in any order. `fsync` of a file waits until its bytes are on disk, `fsync`
of a folder does so for the names in it. So whoever announces a file flushes
first its bytes and then, after the rename, its folder.

A folder that many files are written to is flushed once, after the last of
them: see `run.open_files`. Buckets need none of this: an object is there for
good when its last call returns.
"""

import contextlib
import errno
import os
from typing import BinaryIO

# File systems that cannot flush a folder, or link files, say so by these. Some
# of networks and of users' own programs are such; nothing more can be done.
_CANNOT = (errno.EINVAL, errno.ENOTSUP, errno.ENOSYS, errno.EPERM, errno.EMLINK)


def close(file: BinaryIO) -> None:
  """Flushes a file's bytes to the disk, and closes it."""
  file.flush()
  os.fsync(file.fileno())
  file.close()


def flush_folder(folder: str) -> None:
  """Flushes the names in a folder to the disk; '' is the current one."""
  descriptor = os.open(folder or '.', os.O_RDONLY)
  try:
    os.fsync(descriptor)
  except OSError as e:
    if e.errno not in _CANNOT:
      raise
  finally:
    os.close(descriptor)


def make_folder(folder: str, *, flush: bool = True) -> None:
  """Makes a folder and those above it that are missing.

  Args:
    folder: the folder; '' is the current one.
    flush: flush the name of each one that is made. Else the caller does.
  """
  if not folder or os.path.isdir(folder):
    return
  parent = os.path.dirname(folder)
  make_folder(parent, flush=flush)
  # Another worker may have made it meanwhile. It may not have flushed it yet.
  with contextlib.suppress(FileExistsError):
    os.mkdir(folder)
  if flush:
    # A parent that nobody may list, such as another user's, cannot be opened.
    with contextlib.suppress(PermissionError):
      flush_folder(parent)


def name_first(temporary: str, path: str) -> bool:
  """Gives a file a name that no file has; returns whether it could.

  Of several that try at once, one succeeds. The temporary name goes.
  """
  try:
    os.link(temporary, path)
  except FileExistsError:
    return False
  except OSError as e:
    if e.errno not in _CANNOT:
      raise
    return _copy_first(temporary, path)
  finally:
    os.unlink(temporary)
  return True


def _copy_first(temporary: str, path: str) -> bool:
  """Does the same without links; here others may see the file half written."""
  with open(temporary, 'rb') as file:
    data = file.read()
  try:
    copy = open(path, 'xb')  # noqa: SIM115
  except FileExistsError:
    return False
  with copy:
    copy.write(data)
    close(copy)
  return True
