"""Mixes or reads runs with many data sets, in a process to be measured.

For mix.py: `members.py mix RUN OUTPUT EXAMPLES PASSES` mixes all
data sets of a run; `members.py read mixed|live OUTPUT` reads a batch with
seqio. Both print what they measured as a line of JSON, the last of their
output.
"""

from __future__ import annotations

from collections.abc import Callable
import json
import os
from pathlib import Path
import re
import sys
import threading
import time

# The tests make the same runs.
sys.path.append(str(Path(__file__).parents[2] / 'tests'))
from support.copied_runs import EVERYTHING, write_run

from ul2_flan.pipelines import mix

MIXTURE = 'everything'


def write(
  folder: Path,
  vocabulary: str,
  members: int,
  examples: int,
  lengths: tuple[int, int] = (400, 100),
) -> Path:
  """Writes a Flan run with so many data sets; returns its folder."""
  run = write_run(
    folder, vocabulary, members=members, examples=examples, lengths=lengths
  )
  definitions(run).write_text(EVERYTHING)
  return run


def definitions(run: Path) -> Path:
  """Returns the path of the definition of a mixture of all data sets."""
  return run / 'everything.toml'


def _status(key: str) -> int:
  """Reads a number of this process, such as VmHWM: its peak memory in kB."""
  text = Path('/proc/self/status').read_text()
  match = re.search(rf'^{key}:\s+(\d+)', text, re.MULTILINE)
  assert match, key
  return int(match[1])


def _most(count: Callable[[], int], work: Callable[[], None]) -> int:
  """Does work; returns the most that `count` gave meanwhile."""
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


def config(run: str, num_examples: int, pack: str = '') -> mix.Config:
  """Describes the mixture of all data sets of a run."""
  return mix.Config(
    manifests=[run],
    mixture=MIXTURE,
    definitions=[str(definitions(Path(run)))],
    num_examples=num_examples,
    pack=pack,
    name=Path(run).name + '_mixed',
  )


def run_mix(
  mixture: mix.Config,
  output: str,
  passes: int = 1,
  engine: mix.Engine | None = None,
) -> None:
  """Mixes in this process, so that its time and memory are the run's."""
  engine = engine or mix.Engine(
    beam_flags=['--runner=FnApiRunner'], passes=passes
  )
  mix.run(mixture, output=output, engine=engine, overwrite=True)


def measure_mix(
  run: str, output: str, num_examples: int, passes: int
) -> dict[str, float]:
  """Plans a mix and runs it: CPU seconds, open files and memory."""
  mixture = config(run, num_examples)
  before = _status('VmHWM')
  start = time.process_time()
  mix.plan(mixture, output=output)
  plan = time.process_time() - start
  start = time.process_time()
  files = _most(
    lambda: len(os.listdir('/proc/self/fd')),
    lambda: run_mix(mixture, output, passes),
  )
  return {
    'plan_s': plan,
    'mix_s': time.process_time() - start,
    'files': files,
    'before_mb': before / 1024,
    'peak_mb': _status('VmHWM') / 1024,
  }


def read(kind: str, output: str) -> dict[str, float]:
  """Reads a first batch: seconds, threads and memory.

  Args:
    kind: 'live' if seqio mixes the data sets of a Flan run, or 'mixed' if
      `output` is mixed already.
    output: of a run.
  """
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
    print(json.dumps(measure_mix(*sys.argv[2:4], *map(int, sys.argv[4:]))))
  else:
    print(json.dumps(read(*sys.argv[2:])))
