"""The command `ul2-flan tasks fetch`: what it gets, and what others must."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
import errno
from pathlib import Path
import shlex
import shutil
import subprocess

from ul2_flan.tasks import catalog
from ul2_flan.tasks.buckets import retries
from ul2_flan.tasks.catalog import Task
from ul2_flan.tasks.catalog.facts import UNKNOWN, Facts, facts_of
from ul2_flan.tasks.catalog.licences import LicenceExpression, counted
from ul2_flan.tasks.errors import UserError, unknown
from ul2_flan.tasks.fetch import git_archive, hub_files, url_files
from ul2_flan.tasks.fetch.lock import PARTS, Lock
from ul2_flan.tasks.fetch.progress import Progress
from ul2_flan.tasks.fetch.wanted import FETCHED, Place, places_of

_GETS = {
  'git': git_archive.fetch,
  'hub': hub_files.fetch,
  'url': url_files.fetch,
}

# Errors that no other place would be without.
_OF_THE_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO)


def fetch(
  *,
  to: str,
  suites: Sequence[str],
  tasks: Sequence[str] = (),
  licence: str = '',
  plan_only: bool = False,
  tfds: bool = False,
) -> Iterator[str]:
  """Gets the data of tasks; yields what it did, and what is left to do.

  Args:
    to: the folder for the data, with a folder for each suite.
    suites: the suites wanted; empty for those of the tasks.
    tasks: names of the only tasks wanted; empty for all of the suites.
    licence: only tasks whose licence fits; '' for all.
    plan_only: get nothing.
    tfds: run TFDS's builders as well, which must be installed.

  Raises:
    UserError: a name is unknown, or no task is left; or, when all else is done,
      a file has changed or cannot be had. The same command goes on.
    OSError: of this machine's disk.
  """
  chosen, left_out = _chosen(suites, tasks, licence)
  facts = [facts_of(task) for task in chosen]
  folder = Path(to)
  if not plan_only:
    (folder / PARTS).mkdir(parents=True, exist_ok=True)
  lock = Lock.read(folder)
  failed: dict[str, bool] = {}
  for place in places_of(chosen):
    yield _outline(place, lock, plan_only=plan_only)
    if not plan_only:
      yield from _tried(place, folder, lock, failed)
  if not plan_only and not failed:
    shutil.rmtree(folder / PARTS)
  yield from _by_tfds(facts, folder, run=tfds and not plan_only)
  yield from _by_hand(facts, folder)
  if left_out:
    told = counted(left_out)
    yield (
      f'left out by --licence: {len(left_out):,} tasks, of the licences {told}'
    )
  if failed:
    raise UserError(
      f'{len(failed):,} of the places failed, as said above: '
      f'{", ".join([*failed][:5])}. What came stays, and the same command goes '
      'on'
    )
  yield from _next(facts, folder)


def _chosen(
  suites: Sequence[str], tasks: Sequence[str], licence: str
) -> tuple[list[Task], dict[str, str]]:
  """Returns the tasks wanted, and the licences of those left out."""
  for suite in suites:
    if suite not in catalog.suites():
      raise unknown('suite', suite, catalog.suites())
  chosen = [catalog.load(name) for name in tasks] or [
    task for suite in suites for task in catalog.tasks(suite=suite)
  ]
  left_out = {}
  if licence:
    fits = LicenceExpression(licence).fits
    left_out = {t.name: t.licence for t in chosen if not fits(t.licence)}
  fitting = [task for task in chosen if task.name not in left_out]
  if not fitting:
    raise UserError(
      f"--licence '{licence}' fits none of {len(left_out)} tasks, of the "
      f'licences {counted(left_out)}'
      if left_out
      else 'give --suite or --tasks: what is to be fetched'
    )
  return fitting, left_out


def _outline(place: Place, lock: Lock, *, plan_only: bool) -> str:
  told = f'{place.how} {place.name}, for {_counted(len(place.tasks), "task")}'
  if pinned := lock.commits.get(place.key) or place.revision:
    told += f', at {pinned[:12]}'
  sizes = [one.bytes for one in place.downloads]
  if plan_only and place.how == 'hub':
    sizes = [size for _, size in hub_files.listed(place, lock)]
  if sizes and all(sizes):
    known = ' of known size' if place.how == 'git' else ''
    told += f': {_counted(len(sizes), "file")}{known}, '
    told += f'{sum(sizes) / 1e6:,.2f} MB'
  return told


def _counted(count: int, noun: str) -> str:
  return f'{count:,} {noun}' + 's' * (count != 1)


def _tried(
  place: Place, folder: Path, lock: Lock, failed: dict[str, bool]
) -> Iterator[str]:
  """Gets the files of a place; yields how many, or why there are none.

  Args:
    place: the place.
    folder: that all data goes to.
    lock: of the folder.
    failed: names of places that failed -> whether they did not answer.

  Raises:
    UserError: it does not answer, nor did the last that failed. So others will
      not, and each would take a minute of tries.
  """
  try:
    yield _get(place, folder, lock)
  except (UserError, OSError) as e:
    if isinstance(e, OSError) and e.errno in _OF_THE_DISK:
      raise
    yield f'  FAILED: {e}'
    silent = isinstance(e, retries.BucketError)
    if silent and failed and [*failed.values()][-1]:
      raise UserError(
        f'{place.name} does not answer, nor does {[*failed][-1]}: the rest was '
        'not tried. What came stays, and the same command goes on'
      ) from e
    failed[place.name] = silent


def _get(place: Place, folder: Path, lock: Lock) -> str:
  """Gets the files of a place; returns a line that says how many."""
  try:
    with Progress(place.name) as progress:
      count = _GETS[place.how](place, folder, lock, progress)
  finally:
    lock.write()
  told = f'  {_counted(count, "file")}'
  if place.how != 'url':
    told += f' at {lock.commits.get(place.key, "")[:12] or "an unknown commit"}'
  return told


def _by_tfds(
  facts: Sequence[Facts], folder: Path, *, run: bool
) -> Iterator[str]:
  """Yields the commands of TFDS, or runs them."""
  builds = dict.fromkeys(
    (one.task.partition(':')[0], one.place)
    for one in facts
    if one.how == 'tfds'
  )
  if not builds:
    return
  if run and not shutil.which('tfds'):
    raise UserError(
      'there is no `tfds` here: install tensorflow-datasets, or leave --tfds '
      'out and run the commands where it is'
    )
  yield f'{len(builds):,} data sets are prepared by TFDS:'
  for suite, place in builds:
    command = ['tfds', 'build', place, '--data_dir', str(folder / suite)]
    yield f'  {shlex.join(command)}'
    if run and subprocess.run(command, check=False).returncode:
      yield '  it failed: see above'


def _by_hand(facts: Sequence[Facts], folder: Path) -> Iterator[str]:
  """Yields what a person must get, where, and where to put it."""
  rest = [one for one in facts if one.how not in (*FETCHED, 'tfds')]
  if rest:
    yield f'{len(rest):,} tasks are got by hand, or not at all:'
  for one in rest:
    suite = one.task.partition(':')[0]
    page = f' from {one.page}' if one.page != UNKNOWN else ''
    why = '; '.join(filter(None, (one.gone, one.note)))
    yield f'  {one.task}{page}: {why}. Put the files below {folder / suite}'


def _next(facts: Sequence[Facts], folder: Path) -> Iterator[str]:
  suites = Counter(one.task.partition(':')[0] for one in facts)
  sources = shlex.join(
    word
    for suite in suites
    for word in ('--source', f'{suite}={folder / suite}')
  )
  yield f'then: ul2-flan flan {sources} …'
