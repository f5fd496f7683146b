"""Retries: how often a call of a bucket is tried, and how long between.

Only `attempt` retries; the makers' clients are told not to, so that tries do
not multiply. (A part of Google's upload is the exception: see `gs.GsUpload`.)
"""

from collections.abc import Callable
import errno
import random
import time
from typing import TypeVar

from ul2_flan.tasks.buckets.client import Fault

_T = TypeVar('_T')

# `attempt` tries a call so often. It waits `FIRST_WAIT` seconds after the first
# try and twice as long after each further one, up to `LAST_WAIT`; it shortens
# each wait at random, to half at least. That is 63 seconds at most, which
# outlasts most hiccups of a service.
TRIES = 7
FIRST_WAIT, LAST_WAIT = 1.0, 32.0

# A service that says when to come back is obeyed up to so many seconds.
MOST_ASKED = 300.0

# By HTTP's status. Python makes FileNotFoundError and PermissionError of these.
_ERRNO = {404: errno.ENOENT, 401: errno.EACCES, 403: errno.EACCES}


class BucketError(OSError):
  """A call failed, and either as often as it was tried or for good."""


class TruncatedReadError(Exception):
  """Fewer bytes came than were asked for, without an error."""


def attempt(
  what: str,
  path: str,
  call: Callable[[], _T],
  fault_of: Callable[[Exception], Fault | None],
  tries: int | None = None,
) -> _T:
  """Makes a call, and tries again while its errors are transient.

  Args:
    what: what the call does, for messages, such as 'read'.
    path: of the object, for messages.
    call: must be safe to repeat, also if it was done and its answer was lost.
    fault_of: interprets the call's errors; None for an error of another kind,
      such as a mistake in the code, which is raised as it is.
    tries: how often to try in all; by default `TRIES`.

  Raises:
    FileNotFoundError: there is no such object or bucket.
    PermissionError: the credentials do not allow the call.
    BucketError: the call failed with a transient error at every try, or with
      another one once.
  """
  tries = tries or TRIES
  start = time.monotonic()
  wait = FIRST_WAIT
  for number in range(1, tries + 1):
    try:
      return call()
    except Exception as e:
      truncated = isinstance(e, TruncatedReadError)
      fault = Fault(0, is_transient=True) if truncated else fault_of(e)
      if fault is None:
        raise
      if not fault.is_transient or number == tries:
        spent = time.monotonic() - start
        raise _as_os_error(what, path, e, fault, number, spent) from e
    # At random, so that workers that were refused together do not all come back
    # at the same moment.
    asked = min(fault.retry_after, MOST_ASKED)
    time.sleep(max(asked, wait * random.uniform(0.5, 1)))
    wait = min(2 * wait, LAST_WAIT)
  raise AssertionError('unreachable')


def _as_os_error(
  what: str, path: str, error: Exception, fault: Fault, tries: int, spent: float
) -> OSError:
  lines = str(error).strip().splitlines() or ['']
  reason = f'{type(error).__name__}: {lines[0][:300]}'
  number = _ERRNO.get(fault.status)
  if number is not None:
    return OSError(number, f'cannot {what}, {reason}', path)
  times = 'once' if tries == 1 else f'{tries} times'
  return BucketError(
    f'{path}: cannot {what}, tried {times} in {spent:.0f} s: {reason}'
  )
