"""Tries a call of a bucket again, a bounded number of times."""

from __future__ import annotations

from collections.abc import Callable
import errno
import random
import time
from typing import TypeVar

from ul2_flan.tasks.buckets.client import Fault

_T = TypeVar('_T')

# How often a call is made, and how many seconds lie between: from the first,
# doubled each time up to the last; 63 in all at most.
TRIES = 7
FIRST_WAIT, LAST_WAIT = 1.0, 32.0

_ERRNO = {404: errno.ENOENT, 401: errno.EACCES, 403: errno.EACCES}


class BucketError(OSError):
  """A call that failed as often as it was tried."""


class TruncatedReadError(Exception):
  """Fewer bytes came than were asked for, and nobody said why."""


def attempt(
  what: str,
  path: str,
  call: Callable[[], _T],
  fault_of: Callable[[Exception], Fault | None],
  tries: int | None = None,
) -> _T:
  """Makes a call, again and again while what goes wrong may pass.

  Args:
    what: for messages, such as 'read'.
    path: of the object, for messages.
    call: without side effects other than that of the last time.
    fault_of: what its errors mean.
    tries: how often; by default `TRIES`.

  Raises:
    FileNotFoundError, PermissionError: there is no such object or bucket, or it
      may not be touched.
    BucketError: it failed otherwise, and as often as it was tried.
  """
  tries = tries or TRIES
  start = time.monotonic()
  wait = FIRST_WAIT
  for number in range(1, tries + 1):
    try:
      return call()
    except Exception as e:
      fault = _fault(e, fault_of)
      if fault is None:
        raise
      if not fault.is_transient or number == tries:
        spent = time.monotonic() - start
        raise _as_os_error(what, path, e, fault, number, spent) from e
    # Workers that were refused together must not come back together.
    time.sleep(wait * random.uniform(0.5, 1))
    wait = min(2 * wait, LAST_WAIT)
  raise AssertionError('unreachable')


def _fault(
  error: Exception, fault_of: Callable[[Exception], Fault | None]
) -> Fault | None:
  if isinstance(error, TruncatedReadError):
    return Fault(0, is_transient=True)
  return fault_of(error)


def _as_os_error(
  what: str, path: str, error: Exception, fault: Fault, tries: int, spent: float
) -> OSError:
  lines = str(error).strip().splitlines() or ['']
  reason = f'{type(error).__name__}: {lines[0][:300]}'
  number = _ERRNO.get(fault.status)
  if number is not None:
    # Of which Python makes FileNotFoundError and PermissionError.
    return OSError(number, f'cannot {what}, {reason}', path)
  times = 'once' if tries == 1 else f'{tries} times'
  return BucketError(
    f'{path}: cannot {what}, tried {times} in {spent:.0f} s: {reason}'
  )
