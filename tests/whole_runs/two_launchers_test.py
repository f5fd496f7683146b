"""Two launchers on one output: both end well, or one is refused."""

from collections.abc import Callable
from pathlib import Path
import threading

import pytest
from support.corpora import tree

from ul2_flan.pipelines import ul2, verify
from ul2_flan.pipelines.launch import finish, map_only, resume, run
from ul2_flan.pipelines.storage import locks
from ul2_flan.tasks.errors import UserError

# Where the other launcher comes, and ends the run: before ours looks for files,
# before it writes the plan, before a work item, before the heartbeat of one,
# before the end, and in it.
POINTS = {
  'files': (resume, '_refuse_files'),
  'room': (resume, '_check_room'),
  'work': (run.Launch, '_work'),
  'item': (map_only, 'process_item'),
  'report': (map_only.reports, 'write'),
  'end': (finish, 'finish'),
  'manifest': (finish, 'ManifestWriter'),
  'complete': (finish, '_complete'),
}


def before(
  patch: pytest.MonkeyPatch, place: object, name: str, act: Callable[[], object]
) -> list[str]:
  """Acts once before a function is called; returns a list, which then fills."""
  function = getattr(place, name)
  done: list[str] = []

  def call(*args: object, **more: object) -> object:
    if not done:
      done.append(name)
      act()
    return function(*args, **more)

  patch.setattr(place, name, call)
  return done


@pytest.mark.parametrize('point', POINTS)
def test_of_the_same_run_both_end_well(flags, tmp_path, point: str):
  assert ul2.main(flags('alone')) == 0
  ours = flags('out', '--local_workers=1')
  with pytest.MonkeyPatch.context() as patch:
    # Both are in this thread here.
    patch.setattr(map_only, '_ALONE', threading.RLock())
    done = before(patch, *POINTS[point], lambda: ul2.main(ours))
    assert ul2.main(ours) == 0
  assert done
  assert tree(tmp_path / 'out') == tree(tmp_path / 'alone')
  assert not (tmp_path / 'out/_progress').exists()


@pytest.mark.parametrize('point', ['files', 'room', 'work', 'item', 'complete'])
def test_of_another_run_one_is_refused(flags, tmp_path: Path, point: str):
  theirs = flags('out', '--seed=7', '--local_workers=1')

  def other() -> None:
    if point in ('files', 'room'):  # then theirs is first
      assert ul2.main(theirs) == 0
    else:
      with pytest.raises(UserError, match='seed: 0 -> 7'):
        ul2.main(theirs)

  with pytest.MonkeyPatch.context() as patch:
    patch.setattr(map_only, '_ALONE', threading.RLock())
    done = before(patch, *POINTS[point], other)
    if point in ('files', 'room'):
      with pytest.raises(UserError, match='seed: 7 -> 0'):
        ul2.main(flags('out', '--local_workers=1'))
    else:
      assert ul2.main(flags('out', '--local_workers=1')) == 0
  assert done
  assert verify.main([str(tmp_path / 'out')]) == 0
  assert not (tmp_path / 'out/_progress').exists()


@pytest.mark.parametrize('point', ['room', 'item', 'complete'])
def test_of_two_that_overwrite_one_is_refused(flags, tmp_path, point: str):
  """Nobody deletes what another is working with, whoever came first."""
  assert ul2.main(flags('out', '--seed=7')) == 0
  ours = flags('out', '--local_workers=1', '--overwrite')

  def other() -> None:
    with pytest.raises(
      UserError, match=r'another launcher is at work in .*/out'
    ):
      ul2.main(ours)

  with pytest.MonkeyPatch.context() as patch:
    patch.setattr(locks, '_SECONDS', 0)
    patch.setattr(map_only, '_ALONE', threading.RLock())
    done = before(patch, *POINTS[point], other)
    assert ul2.main(ours) == 0
  assert done
  assert ul2.main(flags('alone')) == 0
  assert tree(tmp_path / 'out') == tree(tmp_path / 'alone')
  assert not (tmp_path / 'out/_progress').exists()
