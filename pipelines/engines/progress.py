"""How far a run is, on any runner: read from what its work items leave.

Runners differ in what they tell of a running job, and some tell nothing. A
finished work item leaves its report and one under way a heartbeat, so the
launcher can look at the output folder, wherever the workers are.
"""

from __future__ import annotations

from collections.abc import Iterator
import contextlib
import json
import sys
import threading
import time

import tqdm

from ul2_flan.pipelines.run import paths
from ul2_flan.pipelines.run.plan import Plan
from ul2_flan.pipelines.storage import files
from ul2_flan.pipelines.storage.parallel import each

# A terminal is drawn often; a log gets a line twice a minute; a bucket is
# listed as often as its heartbeats come.
_TERMINAL_SECONDS, _LOG_SECONDS, _REMOTE_SECONDS = 0.5, 30.0, 15.0


@contextlib.contextmanager
def shown(plan: Plan, output: str) -> Iterator[None]:
  """Shows progress on standard error while the body runs."""
  stop, whole = threading.Event(), threading.Event()
  terminal = sys.stderr.isatty()
  watch = threading.Thread(
    target=_watch, args=(plan, output, terminal, stop, whole), daemon=True
  )
  watch.start()
  try:
    yield
    whole.set()
  finally:
    stop.set()
    watch.join(timeout=5)


def _watch(
  plan: Plan,
  output: str,
  terminal: bool,
  stop: threading.Event,
  whole: threading.Event,
) -> None:
  total = sum(item.size for item in plan.items)
  seconds = _TERMINAL_SECONDS if terminal else _LOG_SECONDS
  if '://' in output:
    seconds = max(seconds, _REMOTE_SECONDS)
  start = time.monotonic()
  begun: int | None = None
  reached = 0
  count = len(plan.items)
  with tqdm.tqdm(
    total=total,
    unit='B',
    unit_scale=True,
    disable=not terminal,
    desc='source bytes',
  ) as bar:
    while not stop.wait(seconds):
      done, items = state(plan, output)
      if begun is None:
        # What an earlier run did is no throughput of this one.
        begun = reached = bar.initial = bar.n = done
      # Reports are gone as soon as a run is finished.
      done = max(done, reached)
      bar.set_postfix_str(f'{items} of {count} work items', refresh=False)
      bar.update(done - reached)
      reached = done
      if not terminal:
        rate = (done - begun) / (time.monotonic() - start)
        left = f', {(total - done) / rate:,.0f} s left' if rate > 0 else ''
        print(
          f'{items} of {count} work items, {done / total:.0%} of the source, '
          f'{rate / 1e6:.1f} MB/s{left}',
          file=sys.stderr,
        )
    if whole.is_set():
      bar.set_postfix_str(f'{count} of {count} work items', refresh=False)
      bar.update(total - reached)


def state(plan: Plan, output: str) -> tuple[int, int]:
  """Source bytes and work items that are done."""
  folder = paths.progress_folder(output)
  done = items = 0
  beats = []
  for path, _ in files.match(files.join(folder, '*.json')):
    kind, _, index = path.rsplit('/', 1)[-1][: -len('.json')].partition('-')
    if kind == 'item':
      done += plan.items[int(index)].size
      items += 1
    elif kind == 'beat':
      beats.append(path)
  return done + sum(each(_beat, beats, output)), items


def _beat(path: str) -> int:
  """Source bytes of a work item under way, as it tells itself."""
  # It may be replaced, or removed, while it is being read.
  with contextlib.suppress(OSError, ValueError, KeyError):
    return int(json.loads(files.read_bytes(path))['bytes'])
  return 0
