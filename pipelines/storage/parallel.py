"""Visits many small files: one by one on a disk, many at once on a bucket."""

import collections
from collections.abc import Callable, Iterable, Iterator
from concurrent import futures
from typing import TypeVar

_T = TypeVar('_T')
_R = TypeVar('_R')

# Files are small and far away, so a call spends nearly all of its time waiting,
# and threads do not compete for the core.
_REMOTE_FILES = 32


def each(
  function: Callable[[_T], _R], values: Iterable[_T], folder: str
) -> Iterator[_R]:
  """Calls a function with each value; yields what it returns, in order.

  At most 64 values are taken ahead of the result that is yielded.

  Args:
    function: reads or writes a file. On a bucket, several threads call it.
    values: its arguments, one by one.
    folder: where these files are. On a local disk all calls are made in this
      thread: others would cost more than they save.
  """
  if '://' not in folder:
    yield from map(function, values)
    return
  with futures.ThreadPoolExecutor(_REMOTE_FILES) as pool:
    # Not `pool.map`, which takes all values at once: a generator of millions
    # would be held in memory. Twice the threads keeps each of them busy while
    # the first result is awaited.
    waiting: collections.deque[futures.Future[_R]] = collections.deque()
    for value in values:
      waiting.append(pool.submit(function, value))
      if len(waiting) == 2 * _REMOTE_FILES:
        yield waiting.popleft().result()
    while waiting:
      yield waiting.popleft().result()
