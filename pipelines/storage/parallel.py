"""Many small files: one after the other on a disk, at once on a bucket."""

from __future__ import annotations

import collections
from collections.abc import Callable, Iterable, Iterator
from concurrent import futures
from typing import TypeVar

_T = TypeVar('_T')
_R = TypeVar('_R')

# Files are small and far away: what takes time is waiting.
_REMOTE_FILES = 32


def each(
  function: Callable[[_T], _R], values: Iterable[_T], folder: str
) -> Iterator[_R]:
  """What a function gives for each of some values, in their order.

  Args:
    function: reads or writes a file.
    values: what it is called with.
    folder: where these files are. On a local disk threads would cost more than
      they save.
  """
  if '://' not in folder:
    yield from map(function, values)
    return
  with futures.ThreadPoolExecutor(_REMOTE_FILES) as pool:
    # A few ahead, not all: values may be made as they are asked for.
    waiting: collections.deque[futures.Future[_R]] = collections.deque()
    for value in values:
      waiting.append(pool.submit(function, value))
      if len(waiting) == 2 * _REMOTE_FILES:
        yield waiting.popleft().result()
    while waiting:
      yield waiting.popleft().result()
