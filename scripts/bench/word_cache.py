"""Measures runs with the word cache, beside the same runs without it.

    PYTHONPATH=scripts .venv/bin/python -m bench.word_cache

It measures CPU seconds of whole `ul2` commands, and reads ../shared/data: the
cache has least to give where the vocabulary is large, the text short and in
many languages.
"""

from __future__ import annotations

from collections.abc import Sequence
import glob
import statistics
import sys
import tempfile

import bench.corpus
import bench.measure

from ul2_flan.pipelines.run.tables import table

ROUNDS = 7

# What the command does, and the same where no block is large enough to be
# looked up.
# Both begin alike, with one thread; only a command asks for that itself.
_START = """
import os
os.environ['OPENBLAS_NUM_THREADS'] = '1'
"""
_RUN = """
from ul2_flan.pipelines import ul2
from ul2_flan.pipelines.launch import command
command.run_main(ul2.main)
"""
_WITHOUT = """
import math
from ul2_flan.tasks.vocabulary import sentencepiece_model
sentencepiece_model.MIN_CACHED_CHARS = math.inf
"""


def main() -> int:
  if not bench.corpus.SHARED.is_dir():
    print('word cache: left out, there is no real data in ../shared/data')
    return 0
  text = bench.corpus.SHARED / 'text'
  english = sorted(glob.glob(f'{text}/en/*.jsonl.gz'))
  corpora = {
    'English, 9 MB': english[:1],
    'English, 38 MB': english[:4],
    'many languages, 19 MB': sorted(glob.glob(f'{text}/multilingual/*.gz')),
    'code, 5 MB': sorted(glob.glob(f'{text}/code/*.gz')),
  }
  rows = [
    _row(title, vocabulary, files)
    for vocabulary in ('t5', 'mt5')
    for title, files in corpora.items()
  ]
  header = ['text', 'vocabulary', 'CPU s', '÷ without the cache', 'range']
  print(table(header, rows), '\n')
  return 0


def _row(title: str, vocabulary: str, files: Sequence[str]) -> list[str]:
  rounds = [
    [_spent(vocabulary, files, before) for before in ('', _WITHOUT)]
    for _ in range(ROUNDS)
  ]
  ratios = sorted(cached / without for cached, without in rounds)
  return [
    title,
    vocabulary,
    f'{statistics.median(cached for cached, _ in rounds):.2f}',
    f'{statistics.median(ratios):.2f}',
    f'{ratios[0]:.2f} to {ratios[-1]:.2f}',
  ]


def _spent(vocabulary: str, files: Sequence[str], before: str) -> float:
  with tempfile.TemporaryDirectory() as output:
    model = bench.corpus.SHARED / 'vocab' / f'{vocabulary}.spiece.model'
    flags = ['--input', *files, '--output', f'{output}/out']
    flags += ['--vocabulary', str(model), '--preset', 'ul2r']
    script = _START + before + _RUN
    return bench.measure.command(['-c', script, *flags])[0]


if __name__ == '__main__':
  sys.exit(main())
