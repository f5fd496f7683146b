"""Runs with many data sets, and what a process takes to mix or to read them.

Used by bench_mix.py: `bench_members.py mix FLAGS` runs pipelines.mix with these
flags, `bench_members.py read mixed|live OUTPUT` reads a batch with seqio; both
end with a line of JSON.
"""

from __future__ import annotations

from collections.abc import Callable
import contextlib
import io
import json
import os
from pathlib import Path
import re
import sys
import threading
import time

# The tests make the same runs.
sys.path.append(str(Path(__file__).parents[1] / 'tests'))
from support.copied_runs import EVERYTHING, write_run

MIXTURE = 'everything'


def write(
  folder: Path,
  vocabulary: str,
  members: int,
  examples: int,
  lengths: tuple[int, int] = (400, 100),
) -> Path:
  run = write_run(
    folder, vocabulary, members=members, examples=examples, lengths=lengths
  )
  definitions(run).write_text(EVERYTHING)
  return run


def definitions(run: Path) -> Path:
  """The file with the mixture of all data sets of a run."""
  return run / 'everything.toml'


def _status(key: str) -> int:
  text = Path('/proc/self/status').read_text()
  match = re.search(rf'^{key}:\s+(\d+)', text, re.MULTILINE)
  assert match, key
  return int(match[1])


def _most(count: Callable[[], int], work: Callable[[], None]) -> int:
  """The most that something counts to while work is done."""
  most = 0
  done = threading.Event()

  def watch() -> None:
    nonlocal most
    while not done.wait(0.005):
      most = max(most, count())

  thread = threading.Thread(target=watch)
  thread.start()
  work()
  done.set()
  thread.join()
  return most


def mix(flags: list[str]) -> dict[str, float]:

  from ul2_flan.pipelines import mix

  before = _status('VmHWM')
  start = time.process_time()
  plan_of('mix', flags)
  plan = time.process_time() - start

  def run() -> None:
    with contextlib.redirect_stdout(io.StringIO()):
      if mix.main(flags):
        raise RuntimeError('the run failed')

  start = time.process_time()
  files = _most(lambda: len(os.listdir('/proc/self/fd')), run)
  return {
    'plan_s': plan,
    'mix_s': time.process_time() - start,
    'files': files,
    'before_mb': before / 1024,
    'peak_mb': _status('VmHWM') / 1024,
  }


def read(kind: str, output: str) -> dict[str, float]:
  import seqio

  from ul2_flan.mixtures.register import register_mixture
  from ul2_flan.tasks.register import load_manifest, register

  before = _status('VmHWM')
  start, cpu = time.monotonic(), time.process_time()
  if kind == 'live':
    toml = str(definitions(Path(output)))
    name = register_mixture(MIXTURE, [output], definitions=[toml])
  else:
    (name,) = register(output)

  def first_batch() -> None:
    manifest = load_manifest(f'{output}/manifest.json')
    dataset = seqio.get_dataset(
      name,
      manifest.task_feature_lengths,
      seqio.EncDecFeatureConverter(pack=True),
      shuffle=True,
      use_cached=False,
      num_epochs=None,
      seed=0,
      verbose=False,
    ).batch(16)
    next(dataset.as_numpy_iterator())

  threads = _most(lambda: _status('Threads'), first_batch)
  return {
    'first_s': time.monotonic() - start,
    'cpu_s': time.process_time() - cpu,
    'threads': threads,
    'before_mb': before / 1024,
    'peak_mb': _status('VmHWM') / 1024,
  }


if __name__ == '__main__':
  if sys.argv[1] == 'mix':
    print(json.dumps(mix(sys.argv[2:])))
  else:
    print(json.dumps(read(*sys.argv[2:])))
