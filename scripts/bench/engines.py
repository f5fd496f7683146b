"""Runs the pipelines on every engine: wall time, and whether bytes differ.

    make bench-engines
    python -m bench.engines --engine 'Flink=--runner FlinkRunner …'

It prints the table of docs/engines.md, of whole commands; then how much faster
two processes are than one on a large run, and their memory; and how long it
takes to plan ten times as much. The clusters are those of the tests, on this
machine, each started for its own column; another cluster must see this
machine's files. It reads ../shared/data or, if that is not there, what `make
demo` reads.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
import contextlib
import dataclasses
import glob
import hashlib
import multiprocessing
import os
from pathlib import Path
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from typing import Any

import bench.corpus
import demo_tasks
import orjson
import sentencepiece

from ul2_flan.pipelines.engines import local, memory

SHARED = bench.corpus.SHARED
ENGINES = {
  'local, 1 worker': '--local_workers=1',
  f'local, {local.cores()} workers': f'--local_workers={local.cores()}',
  'FnApiRunner': '--runner=FnApiRunner',
}
ROUNDS = 3


@dataclasses.dataclass
class _Ready:
  """An engine that nobody has to start, as `Cluster` of the tests is one."""

  given: str

  def flags(self) -> list[str]:
    return shlex.split(self.given)

  def environment(self) -> Mapping[str, str]:
    return os.environ


def main() -> int:
  parser = argparse.ArgumentParser(
    description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
  )
  parser.add_argument(
    '--engine',
    action='append',
    default=[],
    metavar='NAME=FLAGS',
    help="another engine and Beam's flags for it; may be given again",
  )
  parser.add_argument(
    '--clusters',
    action='store_true',
    help="the clusters of the tests too; 'tests' must be in PYTHONPATH",
  )
  parser.add_argument(
    '--scaling_mb',
    type=int,
    default=2400,
    metavar='MB',
    help='size of the text for the large run (%(default)s); 0 for no such run',
  )
  args = parser.parse_args()
  engines = dict(ENGINES)
  for given in args.engine:
    name, _, flags = given.partition('=')
    engines[name] = flags
  ready = {k: contextlib.nullcontext(_Ready(v)) for k, v in engines.items()}
  with tempfile.TemporaryDirectory() as folder:
    clusters = _clusters(Path(folder)) if args.clusters else {}
    _engines({**ready, **clusters}, Path(folder))
    if args.scaling_mb:
      _scaling(args.scaling_mb, Path(folder))
  return 0


def _clusters(folder: Path) -> dict[str, Any]:
  """Returns the clusters that can start here, by the headers of columns."""
  from support.clusters import flink, job_server, spark

  found: dict[str, Any] = {}
  for cluster in (flink.FlinkCluster, spark.SparkCluster):
    name = cluster.engine
    if reason := job_server.missing(name):
      print(f'no column for {name}: {reason}', file=sys.stderr)
      continue
    (folder / name).mkdir()
    found[name.title()] = cluster(folder / name)
  return found


def _engines(engines: Mapping[str, Any], folder: Path) -> None:
  """Runs the pipelines on each engine, always in the same folder.

  The folder's path is in the manifests, whose bytes must be the same.
  """
  read = sources(folder)
  first: dict[str, str] = {}
  cells: dict[str, list[str]] = {}
  for header, started in engines.items():
    with started as engine:
      for name, of_run in commands(read, folder / 'chain').items():
        flags = [*of_run, *engine.flags()]
        seconds = _wall(name, flags, engine.environment())
        digest = _digest(folder / 'chain' / name)
        same = 'yes' if first.setdefault(name, digest) == digest else 'NO'
        cell = f'{seconds:.1f} s, same bytes: {same}'
        cells.setdefault(name, []).append(cell)
        print(f'{header}: {name}: {cell}', file=sys.stderr)
    shutil.rmtree(folder / 'chain')
  _print_row(['', *engines])
  _print_row(['---'] * (1 + len(engines)))
  for name, row in cells.items():
    _print_row([f'`{name}`', *row])
  print(flush=True)


def _print_row(cells: Sequence[str]) -> None:
  print(f'| {" | ".join(cells)} |')


def sources(folder: Path) -> dict[str, list[str]]:
  """Returns flags of `ul2` and `flan`: what they read."""
  corpus, vocabulary = bench.corpus.find(folder)
  lengths = ['--inputs_length=512', '--targets_length=512']
  common = ['--vocabulary', vocabulary, *lengths]
  text = ['--input', *sorted(glob.glob(corpus)), *common, '--per_denoiser']
  if SHARED.is_dir():
    names = {'niv2': 'niv2/tasks_full', 'cot': 'cot'}
    suites = {suite: SHARED / name for suite, name in names.items()}
    common.append('--cap=2000')
  else:
    suites = demo_tasks.write(folder / 'tasks')
    common.append('--unlisted')
  tasks = [f'--source={suite}={path}' for suite, path in suites.items()]
  return {'ul2': [*text, '--name=text'], 'flan': [*tasks, *common]}


def commands(
  sources: Mapping[str, list[str]], folder: Path
) -> dict[str, list[str]]:
  """Returns the flags of each pipeline; `mix` reads what the others make."""
  mixed = ['--manifest', str(folder / 'ul2'), str(folder / 'flan')]
  mixed += ['--mixture=ul2r_flan2022', '--num_examples=20000', '--min_shards=4']
  mixed += ['--include=unlisted', '--pack=enc_dec', '--name=mixed']
  return {
    name: [*flags, f'--output={folder / name}']
    for name, flags in {**sources, 'mix': mixed}.items()
  }


def _wall(
  name: str, flags: Sequence[str], environment: Mapping[str, str] | None = None
) -> float:
  """Runs a whole command; returns the seconds that it takes."""
  start = time.monotonic()
  done = subprocess.run(
    [sys.executable, '-m', f'ul2_flan.pipelines.{name}', *flags],
    capture_output=True,
    text=True,
    env=environment,
  )
  if done.returncode:
    raise RuntimeError(f'{name} {flags}: {done.stderr[-2000:]}')
  return time.monotonic() - start


def _digest(folder: Path) -> str:
  """Returns a hash of the names and bytes of all files in a folder."""
  digest = hashlib.sha256()
  for path in sorted(p for p in folder.rglob('*') if p.is_file()):
    digest.update(str(path.relative_to(folder)).encode() + b'\0')
    digest.update(path.read_bytes())
  return digest.hexdigest()


def _scaling(megabytes: int, folder: Path) -> None:
  """Prints how much faster two processes are than one on much text.

  Two processes that only tokenise show the most that this machine allows.
  """
  corpus, vocabulary = bench.corpus.find(folder)
  path = folder / 'many.jsonl'
  texts = bench.corpus.texts(corpus)
  size = _write_many(path, texts, megabytes)
  output = folder / 'scaling'
  flags = bench.corpus.flags(
    str(path), vocabulary, output, '--id_field=id', '--overwrite'
  )
  ratios, bounds = [], []
  for _ in range(ROUNDS):
    one = _wall('ul2', [*flags, '--local_workers=1'])
    two, peaks = _watched('ul2', [*flags, '--local_workers=2'])
    ratios.append(one / two)
    alone, both = (_tokenise(vocabulary, texts, n) for n in (1, 2))
    bounds.append(2 * alone / both)
    print(
      f'{size / 1e6:.0f} MB: {one:.1f} s, {two:.1f} s, the largest process '
      f'{peaks[0] / 1e6:.0f} MB in the first half, {peaks[1] / 1e6:.0f} MB in '
      'the second',
      file=sys.stderr,
    )
  print(
    f'`ul2`, {size / 1e6:.0f} MB of text: two workers are '
    f'{statistics.median(ratios):.2f} times as fast as one '
    f'({min(ratios):.2f} to {max(ratios):.2f}); two processes that only '
    f'tokenise do {statistics.median(bounds):.2f} times the work of one'
  )
  for i in range(9):
    os.link(path, folder / f'many-{i}.jsonl')
  flags[flags.index(str(path))] = str(folder / 'many*.jsonl')
  seconds = _wall('ul2', [*flags, '--plan_only'])
  print(f'planning {10 * size / 1e9:.0f} GB takes {seconds:.1f} s')


def _write_many(path: Path, texts: Sequence[str], megabytes: int) -> int:
  """Writes the texts again and again, with other ids; returns the bytes."""
  size = 0
  with path.open('wb') as file:
    while size < megabytes * 1_000_000:
      for i, text in enumerate(texts):
        document = {'id': f'{size} {i}', 'text': text}
        file.write(orjson.dumps(document) + b'\n')
      size = file.tell()
  return size


def _watched(name: str, flags: Sequence[str]) -> tuple[float, list[int]]:
  """Runs a command and watches its processes.

  Returns:
    seconds, and the bytes of the largest process in each half of that time.
  """
  start = time.monotonic()
  command = [sys.executable, '-m', f'ul2_flan.pipelines.{name}', *flags]
  sizes = []
  with subprocess.Popen(
    command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
  ) as process:
    children = Path(f'/proc/{process.pid}/task/{process.pid}/children')
    while process.poll() is None:
      pids = [process.pid, *map(int, children.read_text().split())]
      sizes.append(max(map(memory.resident, pids)))
      time.sleep(0.2)
  if process.returncode:
    raise RuntimeError(f'{name} {flags} failed')
  half = len(sizes) // 2
  return time.monotonic() - start, [max(sizes[:half]), max(sizes[half:])]


def _tokenise(vocabulary: str, texts: Sequence[str], processes: int) -> float:
  """Returns the seconds in which each of some processes tokenises the same."""
  context = multiprocessing.get_context('fork')
  ready = context.Barrier(processes + 1)
  workers = [
    context.Process(target=_tokenised, args=(vocabulary, texts, ready))
    for _ in range(processes)
  ]
  for process in workers:
    process.start()
  ready.wait()
  start = time.monotonic()
  for process in workers:
    process.join()
  return time.monotonic() - start


def _tokenised(vocabulary: str, texts: Sequence[str], ready: object) -> None:
  processor = sentencepiece.SentencePieceProcessor(model_file=vocabulary)
  ready.wait()  # type: ignore[attr-defined]
  for text in texts:
    processor.encode(text)


if __name__ == '__main__':
  sys.exit(main())
