"""Measures whole commands for text.py."""

from __future__ import annotations

from collections.abc import Callable
import json
import os
from pathlib import Path
import shutil
import statistics
import time

import bench.corpus
import bench.measure

from ul2_flan.pipelines import ul2
from ul2_flan.pipelines.engines.local import process
from ul2_flan.pipelines.run.tables import table
from ul2_flan.tasks import records

SEQIO_BYTES = 20_000_000
SEQIO_ROUNDS = 3
ROUNDS = 7


def memory(corpus: str, vocabulary: str, folder: Path) -> None:
  """Prints the peak memory of runs over more and more text."""
  rows = []
  texts = bench.corpus.texts(corpus)
  for megabytes in (20, 60, 180):
    path = folder / f'{megabytes}.jsonl'
    size = repeat = 0
    with path.open('w') as file:
      while size < megabytes * 1_000_000:
        for i, document in enumerate(texts):
          size += file.write(
            json.dumps({'id': f'{repeat}/{i}', 'text': document}) + '\n'
          )
          if size >= megabytes * 1_000_000:
            break
        repeat += 1
    flags = bench.corpus.flags(
      str(path), vocabulary, folder / 'memory', '--id_field', 'id'
    )
    flags.append('--local_workers=1')
    shutil.rmtree(folder / 'memory', ignore_errors=True)
    rows.append([f'{megabytes} MB', *bench.measure.peak('ul2', flags)])
    path.unlink()
  header = ['text', 'MB of imports', 'MB above them at the peak']
  print(table(header, rows), '\n', flush=True)


def flushing(corpus: str, vocabulary: str, folder: Path) -> None:
  """Prints what it costs that a run waits until its files are on the disk."""
  config = bench.corpus.config(corpus, vocabulary)
  output = folder / 'flushed'
  fsync = os.fsync

  def seconds(flush: Callable[[int], None]) -> float:
    """Returns the seconds of a run, on all cores."""
    shutil.rmtree(output, ignore_errors=True)
    os.sync()  # what others wrote is not ours to wait for
    os.fsync = flush
    start = time.perf_counter()
    try:
      ul2.run(config, output=str(output))
    finally:
      os.fsync = fsync
    return time.perf_counter() - start

  process.own_process()  # workers are forks, with the fsync that is here
  seconds(fsync)  # not measured: it fills caches
  ratios = sorted(
    seconds(fsync) / seconds(lambda _: None) for _ in range(ROUNDS)
  )
  row = [
    'seconds',
    f'{statistics.median(ratios):.3f}',
    f'{ratios[0]:.3f} to {ratios[-1]:.3f}',
  ]
  header = ['', 'run ÷ run without fsync', 'range']
  print(table(header, [row]), '\n', flush=True)


def _write_sample(corpus: str, path: Path) -> int:
  """Writes the text that seqio gets; returns its bytes."""
  texts, size = [], 0
  for document in bench.corpus.texts(corpus):
    texts.append(document.encode())
    size += len(texts[-1])
    if size >= SEQIO_BYTES:
      break
  path.write_bytes(
    records.frame_records(records.encode_examples({'text': texts}))
  )
  return size


def seqio(corpus: str, vocabulary: str, folder: Path) -> None:
  """Prints what seqio's caching costs, and ours, on the same text."""
  sample = folder / 'sample.tfrecord'
  size = _write_sample(corpus, sample)
  environment = os.environ | {
    'BENCH_SAMPLE': str(sample),
    'BENCH_VOCABULARY': vocabulary,
    'PYTHONPATH': str(Path(__file__).parents[1]),
    'TF_CPP_MIN_LOG_LEVEL': '3',
  }
  rows = []
  for objective in ('span_corruption', 'ul2'):
    peer = ['-m', 'seqio.scripts.cache_tasks_main']
    peer += [f'--tasks=peer_{objective}', '--module_import=bench.peers.tasks']
    peer += [f'--output_cache_dir={folder}/peer', '--min_shards=8']
    peer += ['--pipeline_options=--runner=FnApiRunner']
    ours = ['-m', 'ul2_flan.pipelines.ul2']
    ours += bench.corpus.flags(
      str(sample), vocabulary, folder / 'ours', '--overwrite'
    )
    ours[ours.index('--preset') + 1] = objective
    rounds = []
    for _ in range(SEQIO_ROUNDS):
      shutil.rmtree(folder / 'peer', ignore_errors=True)
      rounds.append(
        [bench.measure.command(c, environment)[0] for c in (peer, ours)]
      )
    medians = [f'{statistics.median(s):.1f}' for s in zip(*rounds, strict=True)]
    ratios = sorted(theirs / mine for theirs, mine in rounds)
    rows.append(
      [
        objective,
        *medians,
        f'{statistics.median(ratios):.1f}',
        f'{ratios[0]:.1f} to {ratios[-1]:.1f}',
      ]
    )
  title = f'{size / 1e6:.0f} MB, imports included'
  header = [title, 'seqio, CPU s', 'ours, CPU s', 'ratio', 'range']
  print(table(header, rows))
