"""Runs chains on this machine: worker processes, and a shuffle on disk.

Beam's own local runner works on one core and keeps all that it shuffles in
memory. This one cuts a chain into stages where it groups, and in each of them
hands every key to one of several processes:

    start → functions │ each key → functions │ each key → functions
                    group                  group

Small values pass through the launcher. Large ones lie in files of a scratch
folder, and the launcher holds their places, so its memory is that of a list of
keys.
"""

from collections.abc import Iterator, Mapping
import contextlib
import math
import os
from pathlib import Path
import tempfile
import types
from typing import Any

from ul2_flan.pipelines.engines import containers, memory
from ul2_flan.pipelines.engines.chain import Chain
from ul2_flan.pipelines.engines.local.pool import Pool
from ul2_flan.pipelines.engines.local.process import may_fork
from ul2_flan.pipelines.engines.local.stage import Call, Failure, Stage, Value

# What `--runner` calls it.
NAME = 'local'

# The part of the memory that is free at the start which workers may take by
# default. The rest is for the launcher and for the system's cache of files.
_SHARE_OF_MEMORY = 0.9


class WorkFailedError(Exception):
  """Some calls failed; the others of their stage are done, or were given up.

  Attributes:
    failures: the failures, in the order of their calls.
  """

  def __init__(self, failures: list[Failure]):
    super().__init__('\n'.join(f.error for f in failures))
    self.failures = failures


def cores(process: str = '/proc/self') -> int:
  """Returns how many cores this process may use, at least 1.

  A container's quota of CPU time is rounded up: one and a half cores keep two
  workers busier than one.

  Args:
    process: Linux's folder about this process.
  """
  if hasattr(os, 'sched_getaffinity'):
    count = len(os.sched_getaffinity(0))
  else:
    count = os.cpu_count() or 1
  quota = containers.cores(process)
  return count if quota is None else min(count, math.ceil(quota))


class LocalRunner:
  """Runs chains by processes of this machine.

  Each chain gets workers of its own, except those that run within `started`.

  Attributes:
    workers: how many processes.
  """

  def __init__(
    self,
    workers: int,
    memory_bytes: int = 0,
    scratch: str = '',
    options: Mapping[str, Any] = types.MappingProxyType({}),
  ):
    """Starts nothing yet.

    Args:
      workers: how many processes. A single one without `memory_bytes` is this
        process.
      memory_bytes: the most that all of them may take together; 0 for most of
        what is free. A call whose worker takes more than its share fails.
      scratch: a local folder for what is shuffled. If there is none when the
        chain runs, the system's temporary folder is used.
      options: Beam's, by name, which workers need for the file systems of
        buckets.
    """
    free = memory.available() or 0
    limit = memory_bytes or int(free * _SHARE_OF_MEMORY)
    self.workers = workers
    self._worker_bytes = limit // workers
    self._watched = bool(memory_bytes)
    self._scratch = scratch
    self._options = options
    self._pool: Pool | None = None

  @property
  def sharing(self) -> int:
    """How many processes begin with what this one has: itself, or its forks."""
    return self.workers if may_fork() else 1

  @contextlib.contextmanager
  def started(self) -> Iterator[None]:
    """Starts workers now; the chains that the body runs share them."""
    with self._new_pool() as pool:
      pool.start()
      self._pool = pool
      try:
        yield
      finally:
        self._pool = None

  def _new_pool(self) -> Pool:
    return Pool(
      self.workers, self._worker_bytes, self._options, watched=self._watched
    )

  def run(self, chain: Chain) -> None:
    """Runs a chain to its end.

    Raises:
      WorkFailedError: calls failed; later stages have not begun.
    """
    stages = Stage.of_chain(chain)
    with contextlib.ExitStack() as stack:
      scratch = stack.enter_context(
        tempfile.TemporaryDirectory(
          prefix='shuffle-',
          dir=self._scratch if os.path.isdir(self._scratch) else None,
          # A worker that is being killed may still write there.
          ignore_cleanup_errors=True,
        )
      )
      pool = self._pool or stack.enter_context(self._new_pool())
      # The first stage has one call, the start.
      groups: dict[Any, list[Value]] = {None: []}
      for number, stage in enumerate(stages):
        folder = Path(scratch, f'{number:03d}')
        folder.mkdir()
        calls = [
          Call(index, key, tuple(values), str(folder / f'{index:06d}'))
          for index, (key, values) in enumerate(groups.items())
        ]
        groups = _grouped(pool, stage, calls)


def _grouped(
  pool: Pool, stage: Stage, calls: list[Call]
) -> dict[Any, list[Value]]:
  """Runs a stage; returns the values that it emits, by key.

  Keys, and the values of a key, come in the order of the calls that emitted
  them, not in that in which workers were done. So every run groups alike.
  """
  outputs = {}
  failures = []
  for call, result in pool.run(stage, calls):
    if isinstance(result, Failure):
      failures.append(result)
    else:
      outputs[call.index] = result
  if failures:
    raise WorkFailedError(sorted(failures, key=lambda f: f.call))
  groups: dict[Any, list[Value]] = {}
  for index in sorted(outputs):
    for key, value in outputs[index]:
      groups.setdefault(key, []).append(value)
  return groups
