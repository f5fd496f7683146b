"""No mutated file of any reader, or of an output, is a surprise.

Each gives rows and rejects, or an error of ours that names the file, within
five seconds and a gigabyte. `make fuzz` tries many more, from another seed.
"""

from collections.abc import Iterator
import contextlib
import os
from pathlib import Path
import random
import resource
import signal
import time
from typing import Any

import pytest
from support.fuzz import targets
from support.fuzz.mutations import mutant

from ul2_flan.tasks.errors import UserError

SEED = os.environ.get('FUZZ_SEED', '0')
CASES = int(os.environ.get('FUZZ_CASES', '60'))
SECONDS = 5
BYTES = 1 << 30


@pytest.fixture(scope='module')
def all_targets(tmp_path_factory) -> list[targets.Target]:
  return targets.all_of(tmp_path_factory.mktemp('fuzz'))


@contextlib.contextmanager
def bounded() -> Iterator[None]:
  """Ends the body if it takes too long; it gets no more than a gigabyte."""

  def stop(number: int, frame: Any) -> None:
    raise TimeoutError(f'over {SECONDS} s')

  pages = int(Path('/proc/self/statm').read_text().split()[0])
  limits = resource.getrlimit(resource.RLIMIT_AS)
  most = pages * resource.getpagesize() + BYTES
  before = signal.signal(signal.SIGALRM, stop)
  resource.setrlimit(resource.RLIMIT_AS, (most, limits[1]))
  signal.alarm(SECONDS)
  try:
    yield
  finally:
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)
    resource.setrlimit(resource.RLIMIT_AS, limits)


def surprise(target: targets.Target, data: bytes) -> str:
  """Says what surprises in a mutated file; nothing if all is well."""
  target.path.write_bytes(data)
  start = time.monotonic()
  try:
    with bounded():
      target.read()
  except UserError as e:
    # A sealed file is believed: what it says may not suit other files.
    if target.path.name not in str(e) and not target.sealed:
      return f'{e!r} does not name {target.path.name}'
    if '\n' in str(e).strip():
      return f'{e!r} is of several lines'
  except Exception as e:
    at = e.__traceback__
    while at and at.tb_next:
      at = at.tb_next
    where = f'{at.tb_frame.f_code.co_filename}:{at.tb_lineno}' if at else ''
    return f'{type(e).__name__}: {e}'[:200] + f' at {where}'
  took = time.monotonic() - start
  return f'took {took:.0f} s' if took > SECONDS else ''


@pytest.mark.skipif(
  not Path('/proc/self/statm').exists(), reason='needs Linux to bound memory'
)
def test_no_mutant_is_a_surprise(all_targets: list[targets.Target]):
  found: dict[str, str] = {}
  for target in all_targets:
    whole = target.path.read_bytes()
    for case in range(CASES):
      seed = f'{SEED}, {target.name}, {case}'
      data = mutant(whole, random.Random(seed))
      if target.sealed:
        data = targets.sealed(data)
      if problem := surprise(target, data):
        found.setdefault(problem, f'{seed}: {problem}')
    target.path.write_bytes(whole)
  assert not found, '\n'.join(found.values())
