"""Shows how far a run is, on any runner, by what its work items leave.

Runners differ in what they tell of a running job, and some tell nothing. But a
finished work item leaves its report in the output folder, and one under way a
heartbeat. So the launcher looks there, wherever the workers are.
"""

from collections.abc import Collection, Iterable, Iterator
import contextlib
import json
import re
import threading
import time
from typing import Any, TypeVar

from ul2_flan.pipelines.engines.chain import Share
from ul2_flan.pipelines.run import Plan, paths
from ul2_flan.pipelines.storage import each, files, folders
from ul2_flan.tasks.messages import complain, draws_bars, rows

_T = TypeVar('_T')

# Seconds between two looks: a terminal is drawn often, a log gets a line twice
# a minute, and a bucket is listed as often as workers write heartbeats to it.
_TERMINAL_SECONDS, _LOG_SECONDS, _REMOTE_SECONDS = 0.5, 30.0, 15.0


# What workers leave below the output; see `paths`.
_OF_ITEM = re.compile(r'(item|beat)-(\d+)\.json')
_OF_READ = re.compile(r'(read)-(\d+)-\d+-(\d+)')


@contextlib.contextmanager
def shown(plan: Plan, output: str, share: Share) -> Iterator[None]:
  """Shows progress on standard error while the body does a chain's work."""
  stop, whole = threading.Event(), threading.Event()
  terminal = draws_bars()
  watch = threading.Thread(
    target=_watch,
    args=(plan, output, share, terminal, stop, whole),
    daemon=True,
  )
  watch.start()
  try:
    yield
    whole.set()
  finally:
    stop.set()
    watch.join(timeout=5)


def counted(values: Iterable[_T], total: int, unit: str) -> Iterator[_T]:
  """Yields values, and shows on standard error how many it has yielded.

  With their rate, and the time that is left: as a bar, or as lines.

  Args:
    values: what takes time to come, or to be used.
    total: how many there are.
    unit: what one of them is called.
  """
  if draws_bars():
    with _bar(total=total, unit=f' {unit}s') as bar:
      for value in values:
        yield value
        bar.update()
    return
  start = said = time.monotonic()
  for done, value in enumerate(values, 1):
    yield value
    now = time.monotonic()
    if now - said >= _LOG_SECONDS:
      said, rate = now, done / max(now - start, 1e-9)
      complain(
        f'{done:,} of {total:,} {unit}s, {rate:,.1f} a second, '
        f'{(total - done) / rate:,.0f} s left'
      )


def _watch(
  plan: Plan,
  output: str,
  share: Share,
  terminal: bool,
  stop: threading.Event,
  whole: threading.Event,
) -> None:
  """Shows progress from time to time, in a thread.

  Args:
    plan: of the run.
    output: its folder.
    share: what is done of it.
    terminal: whether to draw a bar, or else to print lines.
    stop: set when the run has ended.
    whole: set before that if it has ended well.
  """
  items = _items(plan, share)
  total = share.reads + sum(plan.items[number].size for number in items)
  seconds = _TERMINAL_SECONDS if terminal else _LOG_SECONDS
  if '://' in output:
    seconds = max(seconds, _REMOTE_SECONDS)
  count = len(items)
  start = time.monotonic()
  # What an earlier run has done does not count as this one's throughput.
  begun, most = state(plan, output, share)
  reached = begun
  with contextlib.ExitStack() as stack:
    bar = None
    if terminal:
      facts = {'initial': begun, 'unit_scale': True, 'desc': share.title}
      bar = stack.enter_context(_bar(total=total, unit='B', **facts))
    while not stop.wait(seconds):
      done, finished = state(plan, output, share)
      # Never backwards: the last step removes the reports.
      done, most = max(done, reached), max(finished, most)
      if bar is not None:
        bar.set_postfix_str(f'{most} of {count} work items', refresh=False)
        bar.update(done - reached)
      reached = done
      if bar is None:
        rate = (done - begun) / (time.monotonic() - start)
        left = f', {(total - done) / rate:,.0f} s left' if rate > 0 else ''
        complain(
          f'{most} of {count} work items, {done / max(total, 1):.0%} of the '
          f'{share.title}, {rate / 1e6:.1f} MB/s{left}'
        )
    if bar is not None and whole.is_set():
      bar.set_postfix_str(f'{count} of {count} work items', refresh=False)
      bar.update(total - reached)


def _bar(**facts: Any) -> Any:
  """Makes a bar of these facts, in as many lines as the terminal has."""
  # Here, because to load tqdm takes as long as to read two megabytes of text,
  # and logs have no bars.
  import tqdm

  return tqdm.tqdm(**facts, nrows=rows())


def _items(plan: Plan, share: Share) -> Collection[int]:
  return range(len(plan.items)) if share.items is None else share.items


def state(plan: Plan, output: str, share: Share) -> tuple[int, int]:
  """Counts bytes that are done of a share, and its work items that are."""
  folder = paths.progress_folder(output)
  wanted = _items(plan, share)
  done = items = 0
  beats = []
  for path, _ in folders.inside(folder):
    name = path.rsplit('/', 1)[-1]
    found = _OF_ITEM.fullmatch(name) or _OF_READ.fullmatch(name)
    if not found or (number := int(found[2])) not in wanted:
      continue
    if found[1] == 'item':
      done += plan.items[number].size
      items += 1
    elif found[1] == 'beat':
      beats.append(path)
    else:
      done += int(found[3])
  return done + sum(each(_beat, beats, output)), items


# What half a file may raise, or one that another program has left.
_NO_BEAT = (OSError, ValueError, LookupError, TypeError, RecursionError)


def _beat(path: str) -> int:
  """Reads the source bytes of a work item under way from its heartbeat."""
  # The file may be replaced, or removed, while it is being read.
  with contextlib.suppress(*_NO_BEAT):
    return int(json.loads(files.read_bytes(path))['bytes'])
  return 0
