"""Whole commands, imports and all, in processes of their own: see bench.py."""

from __future__ import annotations

from collections.abc import Sequence
import json
import os
from pathlib import Path
import resource
import shutil
import subprocess
import sys

import bench_corpus

from ul2_flan.pipelines.run.tables import table
from ul2_flan.tasks import records

SEQIO_BYTES = 20_000_000


def memory(corpus: str, vocabulary: str, folder: Path) -> None:
  """Peak memory of a run above that of its imports, for more and more text."""
  rows = []
  texts = bench_corpus.texts(corpus)
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
    flags = bench_corpus.flags(
      str(path), vocabulary, folder / 'memory', '--id_field', 'id'
    )
    flags.append('--local_workers=1')  # in the process that looks at itself
    shutil.rmtree(folder / 'memory', ignore_errors=True)
    code = (
      'import re, sys\n'
      'from ul2_flan.pipelines import ul2\n'
      'def peak():\n'
      '  status = open("/proc/self/status").read()\n'
      '  return int(re.search(r"VmHWM:\\s+(\\d+)", status)[1])\n'
      'before = peak()\n'
      'ul2.main(sys.argv[1:])\n'
      'print(before, peak())\n'
    )
    done = subprocess.run(
      [sys.executable, '-c', code, *flags],
      capture_output=True,
      text=True,
      check=True,
    )
    before, after = map(int, done.stdout.splitlines()[-1].split())
    rows.append([f'{megabytes} MB', before // 1024, (after - before) // 1024])
    path.unlink()
  header = ['text', 'MB of imports', 'MB above them at the peak']
  print(table(header, rows), '\n', flush=True)


def seqio(corpus: str, vocabulary: str, folder: Path) -> None:
  """(d): seqio's own caching, and ours, as whole commands on the same text."""
  sample = folder / 'sample.tfrecord'
  texts, size = [], 0
  for document in bench_corpus.texts(corpus):
    texts.append(document.encode())
    size += len(texts[-1])
    if size >= SEQIO_BYTES:
      break
  sample.write_bytes(
    records.frame_records(records.encode_examples({'text': texts}))
  )
  environment = os.environ | {
    'BENCH_SAMPLE': str(sample),
    'BENCH_VOCABULARY': vocabulary,
    'PYTHONPATH': str(Path(__file__).parent),
    'TF_CPP_MIN_LOG_LEVEL': '3',
  }
  # Compiled modules are kept, as on any machine but a test's: without them
  # importing would be most of what is measured.
  environment.pop('PYTHONDONTWRITEBYTECODE', None)
  rows = []
  for objective in ('span_corruption', 'ul2'):
    peer = [sys.executable, '-m', 'seqio.scripts.cache_tasks_main']
    peer += [f'--tasks=peer_{objective}', '--module_import=bench_peers']
    peer += [f'--output_cache_dir={folder}/peer', '--min_shards=8']
    peer += ['--pipeline_options=--runner=FnApiRunner']
    ours = [sys.executable, '-m', 'ul2_flan.pipelines.ul2']
    ours += bench_corpus.flags(
      str(sample), vocabulary, folder / 'ours', '--overwrite'
    )
    ours[ours.index('--preset') + 1] = objective
    theirs = _children_cpu(peer, environment)
    mine = _children_cpu(ours, environment)
    rows.append(
      [objective, f'{theirs:.1f}', f'{mine:.1f}', f'{theirs / mine:.1f}']
    )
  title = f'{size / 1e6:.0f} MB, imports included'
  print(table([title, 'seqio, CPU s', 'ours, CPU s', 'ratio'], rows))


def _children_cpu(command: Sequence[str], environment: dict[str, str]) -> float:
  before = resource.getrusage(resource.RUSAGE_CHILDREN)
  done = subprocess.run(
    command, env=environment, capture_output=True, text=True
  )
  if done.returncode:
    raise RuntimeError(f'{command}: {done.stderr[-2000:]}')
  after = resource.getrusage(resource.RUSAGE_CHILDREN)
  return sum(
    getattr(after, f) - getattr(before, f) for f in ('ru_utime', 'ru_stime')
  )
