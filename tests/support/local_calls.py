"""Calls that workers of the local runner make in its tests, and a chain.

Workers import these functions by name.
"""

import errno
import os
from pathlib import Path
import signal
import time

from ul2_flan.pipelines.engines.chain import Chain, Function
from ul2_flan.pipelines.engines.local import LocalRunner


class Calling(Function):
  """Calls a function with each element, and some more arguments."""

  def __init__(self, function, *args):
    self._function, self._args = function, args

  def process(self, element):
    return self._function(element, *self._args) or ()


def run(runner: LocalRunner, function, *args, count=6) -> None:
  """Runs a chain that calls a function with each of some numbers."""
  steps = (
    ('List', Calling(numbers, count)),
    ('Group', None),
    ('Do', Calling(function, *args)),
  )
  runner.run(Chain(steps))


def numbers(start: bytes, count: int):
  del start  # it carries nothing
  return [(i, None) for i in range(count)]


def spread(keyed, size: int):
  """Emits every number under two keys, with some bytes."""
  number, _ = keyed
  yield number % 3, (bytes([number]), bytes(size))
  yield 3, (bytes([number]), bytes(size))


def die_once(keyed, folder: str):
  mark = Path(folder, f'{keyed[0]}')
  if keyed[0] == 2 and not mark.exists():
    mark.touch()
    os.kill(os.getpid(), signal.SIGKILL)
  yield keyed[0], None


def always_die(keyed):
  if keyed[0] == 2:
    os.kill(os.getpid(), signal.SIGKILL)
  yield keyed[0], None


def take_memory(keyed):
  if keyed[0] == 1:
    held = bytearray(1 << 30)
    held[:: 1 << 10] = bytes(1 << 20)
    time.sleep(30)
  yield keyed[0], None


def fail_some(keyed, folder: str):
  if keyed[0] in (1, 4):
    raise ValueError(f'no {keyed[0]}')
  Path(folder, f'{keyed[0]}').touch()
  yield None, keyed[0]


def save(keyed, path: str):
  key, values = keyed
  with open(f'{path}/group-{key}', 'w') as file:
    # What a group has may be read more than once.
    print([n[0] for n, _ in values], {len(b) for _, b in values}, file=file)


def own_pid(keyed, folder: str):
  """Leaves the number of the process that makes the call."""
  Path(folder, f'{keyed[0]}').write_text(f'{os.getpid()}')
  yield None, keyed[0]


def bucket_fails(keyed, folder: str, times: int):
  """Raises an error that may go away, so many times for each key."""
  path = Path(folder, f'{keyed[0]}')
  tries = len(path.read_text()) + 1 if path.exists() else 1
  path.write_text('x' * tries)
  if tries <= times:
    raise OSError('503, try again')
  yield None, keyed[0]


def fill_disk(keyed, folder: str):
  """Fails as all others will, too."""
  Path(folder, f'{keyed[0]}').touch()
  raise OSError(errno.ENOSPC, 'No space left on device')


def fail_always(keyed, folder: str):
  Path(folder, f'{keyed[0]}').touch()
  raise ValueError(f'no {keyed[0]}')
