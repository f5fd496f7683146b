"""Keeps launchers of one machine from deleting what others work with.

Whoever works in a folder shares its lock; whoever deletes what is in it must
have the lock alone. It is flock(2)'s, of the folder itself: it leaves no file,
and ends with the last process that has it, however that ends. Buckets have no
such locks, nor have some file systems, and there nobody is kept out.
"""

from collections.abc import Iterator
import contextlib
import os
import time

from ul2_flan.pipelines.storage.schemes import is_local

# A launcher that was killed has workers, which end within half a second.
_SECONDS, _STEP = 2.0, 0.05


@contextlib.contextmanager
def held(folder: str, *, alone: bool = False) -> Iterator[bool]:
  """Holds the lock of a folder while the body runs.

  While somebody has it alone, those who would share it wait.

  Args:
    folder: an output folder.
    alone: whether to share it with nobody.

  Yields:
    whether it is held; False if there is no folder yet, or no such lock.

  Raises:
    BlockingIOError: others have it, and do not end soon.
  """
  descriptor = -1
  if is_local(folder):
    with contextlib.suppress(OSError):  # who lists the folder will say why
      descriptor = os.open(folder, os.O_RDONLY)
  try:
    yield descriptor >= 0 and _take(descriptor, alone)
  finally:
    if descriptor >= 0:
      _free(descriptor)


def _take(descriptor: int, alone: bool) -> bool:
  """Takes a lock; returns whether there is such a thing."""
  import fcntl  # systems that are not Unix have none

  end = time.monotonic() + _SECONDS
  how = fcntl.LOCK_EX if alone else fcntl.LOCK_SH
  while True:
    try:
      fcntl.flock(descriptor, how | fcntl.LOCK_NB)
    except BlockingIOError:
      if alone and time.monotonic() > end:
        raise
      time.sleep(_STEP)
    except OSError:  # of a file system that knows none
      return False
    else:
      return True


def _free(descriptor: int) -> None:
  import fcntl

  # Forks of this process may have the descriptor too, so closing is not enough.
  with contextlib.suppress(OSError):
    fcntl.flock(descriptor, fcntl.LOCK_UN)
  os.close(descriptor)
