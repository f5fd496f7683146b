"""A stage makes calls; values of any size come back the same."""

import errno
import os
from pathlib import Path
import pickle

from hypothesis import given
from hypothesis import strategies as st
import pytest
from support.local_calls import Calling

from ul2_flan.pipelines.engines.local import stage as stage_lib
from ul2_flan.pipelines.engines.local.stage import (
  Call,
  Failure,
  Place,
  Stage,
  StageWorker,
)
from ul2_flan.tasks.errors import UserError


def stage_of(*functions, groups: bool = True, is_first: bool = False) -> Stage:
  steps = [(f'{i}', Calling(f)) for i, f in enumerate(functions)]
  return Stage.of(steps, groups=groups, is_first=is_first)


def emit(keyed):
  """Emits a key's values, read twice, under keys that are their lengths."""
  _, values = keyed
  for value in [*values, *values]:
    yield sum(map(len, value)), value


@pytest.fixture(scope='module')
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
  return tmp_path_factory.mktemp('stage')


@given(sizes=st.lists(st.sampled_from([0, 1, 4000, 4096, 100_000]), max_size=5))
def test_values_come_back_the_same_whatever_their_size(folder: Path, sizes):
  values = [(b'a', bytes([i]) * size, b'') for i, size in enumerate(sizes)]
  worker = StageWorker(stage_of(emit))
  with stage_lib._Spill(str(folder / 'input')) as spill:
    stored = tuple(spill.put(value) for value in values)
  emitted = worker.do(Call(0, 'key', stored, str(folder / 'output')))
  assert [key for key, _ in emitted] == 2 * [size + 1 for size in sizes]
  again = stage_lib._Values([value for _, value in emitted])
  assert list(again) == list(again) == 2 * values
  large = [isinstance(value, Place) for _, value in emitted]
  assert large == 2 * [size + 1 > 4096 for size in sizes]


class Trap:
  """What makes a folder of its name when somebody unpickles it."""

  def __init__(self, path: Path):
    self._path = path

  def __reduce__(self):
    return os.mkdir, (str(self._path),)


def test_what_others_put_into_the_file_of_values_is_not_run(tmp_path: Path):
  path = tmp_path / 'spill'
  with stage_lib._Spill(str(path)) as spill:
    stored = spill.put((bytes(10_000), b'end'))
  attack = pickle.dumps(Trap(tmp_path / 'trapped')).ljust(10_003)
  path.write_bytes(attack)
  assert list(stage_lib._Values([stored])) == [(attack[:-3], attack[-3:])]
  assert not (tmp_path / 'trapped').exists()
  path.write_bytes(attack[:50])
  with pytest.raises(OSError, match='cut short'):
    list(stage_lib._Values([stored]))


def test_steps_follow_one_another_and_nothing_is_held_between():
  seen = []

  def make(_):
    for i in range(3):
      seen.append(f'made {i}')
      yield i

  def use(i):
    seen.append(f'used {i}')
    return []

  elements = [b'']
  for function in (make, use):
    elements = stage_lib._through(Calling(function), elements)
  assert list(elements) == []
  assert seen == ['made 0', 'used 0', 'made 1', 'used 1', 'made 2', 'used 2']


def test_output_that_nobody_groups_is_not_kept(tmp_path):
  worker = StageWorker(stage_of(emit, groups=False))
  spill = tmp_path / 'spill'
  with stage_lib._Spill(str(tmp_path / 'input')) as file:
    value = file.put((b'x' * 10_000,))
  assert worker.do(Call(0, 'key', (value,), str(spill))) == []
  assert not spill.exists()


@pytest.mark.parametrize(
  ('error', 'transient', 'final', 'traced'),
  [
    (OSError(errno.ENOSPC, 'full'), False, True, False),
    (OSError(errno.EROFS, 'read-only'), False, True, False),
    (FileNotFoundError(errno.ENOENT, 'no file'), False, False, False),
    (PermissionError(errno.EACCES, 'not yours'), False, False, False),
    (OSError('a bucket is away'), True, False, False),
    (ConnectionResetError(errno.ECONNRESET, 'reset'), True, False, False),
    (UserError('a bad flag'), False, False, False),
    (ValueError('a bug'), False, False, True),
  ],
)
def test_an_error_is_judged_by_whether_another_try_may_help(
  error: Exception, transient: bool, final: bool, traced: bool
):
  failure = Failure.of(stage_of(emit), Call(3, 'key', (), ''), error)
  assert (failure.stage, failure.call, failure.key) == ('0', 3, 'key')
  assert failure.error == f'{type(error).__name__}: {error}'
  assert failure.is_transient == transient
  assert failure.is_final == final
  assert bool(failure.trace) == traced
