"""Measures what UL2 data cost, beside bare sentencepiece and seqio's caching.

    make bench

It measures CPU seconds (user and system) of one process in one run, after all
imports. What is compared is measured side by side, and ratios are of paired
measurements. It measures memory, and seqio, in processes of their own. It reads
../shared/data/text/en and T5's vocabulary; if they are not there, text that
every Python has.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
import contextlib
from pathlib import Path
import shutil
import statistics
import sys
import tempfile
import time
from typing import Any

import bench.commands
import bench.corpus
import bench.measure
import numpy as np
import sentencepiece

from ul2_flan.pipelines import sources, ul2
from ul2_flan.pipelines.launch import transform
from ul2_flan.pipelines.run import Counts
from ul2_flan.pipelines.run.tables import table
from ul2_flan.pipelines.ul2.documents import accept
from ul2_flan.pipelines.ul2.worker import Ul2Worker
from ul2_flan.tasks import denoising, records
from ul2_flan.tasks.ragged import Ragged
from ul2_flan.tasks.vocabulary import Vocabulary
from ul2_flan.tasks.vocabulary import vocabulary as lib

ROUNDS = 5
BATCH = 1000  # documents that bare sentencepiece gets in a call


def main() -> int:
  with tempfile.TemporaryDirectory() as name:
    folder = Path(name)
    corpus, vocabulary = bench.corpus.find(folder)
    print(f'{corpus}, {vocabulary}\n')
    _whole(corpus, vocabulary, folder)
    _stages(corpus, vocabulary, folder)
    _denoising(corpus, vocabulary)
    bench.commands.flushing(corpus, vocabulary, folder)
    bench.commands.memory(corpus, vocabulary, folder)
    bench.commands.seqio(corpus, vocabulary, folder)
  return 0


def _whole(corpus: str, vocabulary: str, folder: Path) -> None:
  """Prints what the whole pipeline costs, beside tokenising alone."""
  config = bench.corpus.config(corpus, vocabulary)

  def run() -> None:
    output = folder / 'whole'
    shutil.rmtree(output, ignore_errors=True)
    # In this process, which is measured.
    ul2.run(config, output=str(output), engine=ul2.Engine(local_workers=1))

  run()  # not measured: it fills caches of files and of code
  header = ['', 'CPU s per million tokens', 'pipeline ÷ this', 'range']
  for title, forget in (
    ('pipeline, all words new', _forget),
    ('pipeline, words known', lambda: None),
  ):
    rounds = []
    for _ in range(ROUNDS):
      forget()
      rounds.append(_beside(run, vocabulary))
    rows = []
    for name in ('to lists', 'to arrays', 'whole'):
      ratios = sorted(r['whole'] / r[name] for r in rounds)
      cost = statistics.median(r[name] / r['tokens'] for r in rounds)
      rows.append(
        [
          title if name == 'whole' else f'sentencepiece alone, {name}',
          f'{cost * 1e6:.3f}',
          f'{statistics.median(ratios):.2f}',
          f'{ratios[0]:.2f} to {ratios[-1]:.2f}',
        ]
      )
    print(table(header, rows), '\n', flush=True)


def _forget() -> None:
  """Forgets the words of all runs so far, with all that holds them."""
  lib._load.cache_clear()
  transform.load.cache_clear()


def _beside(run: Callable[[], None], vocabulary: str) -> dict[str, float]:
  """Measures a run and bare sentencepiece, and counts tokens.

  While the pipeline runs, bare sentencepiece tokenises the same texts, a
  thousand at a time, so that whatever else the machine does slows both down
  alike. Its time is subtracted from the pipeline's.

  Returns:
    CPU seconds of the run ('whole') and of each way to call sentencepiece, and
    the number of 'tokens'.
  """
  processor = sentencepiece.SentencePieceProcessor(model_file=vocabulary)
  kinds: dict[str, dict[str, str]] = {
    'to lists': {},
    'to arrays': {'return_type': 'numpy'},
  }
  spent = dict.fromkeys(kinds, 0.0)
  waiting: list[str] = []
  tokens = 0
  encode = Vocabulary.encode_block

  def bare(count: int) -> None:
    batch = waiting[:count]
    del waiting[:count]
    for name, kind in kinds.items():
      spent[name] += bench.measure.cpu(
        lambda kind=kind: processor.encode(batch, num_threads=1, **kind)
      )

  def beside(self: Vocabulary, texts: Sequence[str]) -> Ragged:
    nonlocal tokens
    waiting.extend(texts)
    while len(waiting) >= BATCH:
      bare(BATCH)
    ids = encode(self, texts)
    tokens += int(ids.offsets[-1])
    return ids

  Vocabulary.encode_block = beside  # type: ignore[method-assign]
  try:
    total = bench.measure.cpu(lambda: (run(), bare(BATCH)))
  finally:
    Vocabulary.encode_block = encode  # type: ignore[method-assign]
  return {**spent, 'whole': total - sum(spent.values()), 'tokens': tokens}


def _stages(corpus: str, vocabulary: str, folder: Path) -> None:
  """Prints where the time goes, words known: the same without an engine."""
  config = bench.corpus.config(corpus, vocabulary)
  plan = ul2.plan(config, output=str(folder / 'stages')).plan
  worker = Ul2Worker(plan)
  spent: dict[str, float] = {}

  @contextlib.contextmanager
  def timed(stage: str) -> Iterator[None]:
    start = time.process_time()
    yield
    spent[stage] = spent.get(stage, 0.0) + time.process_time() - start

  tokens = 0
  for item in plan.items:
    for piece in item.pieces:
      blocks = sources.read(piece, worker.source_options)
      while True:
        with timed('read: decompress and parse'):
          block = next(blocks, None)
        if block is None:
          break
        tokens += _staged(block, worker, timed, folder / 'shard')
  total = sum(spent.values())
  rows = [
    [name, f'{s / tokens * 1e6:.3f}', f'{s / total:.1%}']
    for name, s in spent.items()
  ]
  print(
    table(['stage, words known', 'CPU s per million tokens', 'share'], rows),
    '\n',
  )


def _staged(
  block: sources.DocumentBlock, worker: Ul2Worker, timed: Any, shard: Path
) -> int:
  """Does the stages of a block, each timed; returns the number of tokens."""
  with timed('accept: filter and key'):
    documents, _ = accept(block, 0, Counts())
  with timed('tokenise'):
    tokens = worker.vocabulary.encode_block(documents.texts)
  with timed('cut'):
    segments = worker.objective.cut(tokens, documents.keys)
  with timed('denoise'):
    inputs, targets = worker.objective.denoise(segments)
  with timed('encode'):
    protos = records.encode_examples({'inputs': inputs, 'targets': targets})
  with timed('frame and write'):
    shard.write_bytes(records.frame_records(protos))
  return int(tokens.offsets[-1])


def _denoising(corpus: str, vocabulary: str) -> None:
  """Prints how fast tokenised documents are denoised, and nothing else."""
  texts = bench.corpus.texts(corpus)[:2000]
  model = Vocabulary(Path(vocabulary).read_bytes())
  documents = model.encode_block(texts)
  keys = np.arange(len(documents)).astype(np.uint64)
  rows = []
  for preset in ('span_corruption', 'ul2', 'ul2r'):
    preset_table = denoising.load_preset(preset)
    modes = denoising.MODE_TOKENS['nlu_s2s_nlg']
    objective = denoising.solve(
      preset_table,
      denoising.FeatureLengths(512, 512),
      [model.encode(modes[d.mode]) for d in preset_table.denoisers],
      model.sentinels,
      seed=0,
      min_tokens=16,
    )
    seconds = [
      bench.measure.cpu(lambda o=objective: o.denoise(o.cut(documents, keys)))
      for _ in range(2 * ROUNDS + 1)
    ]
    speed = documents.offsets[-1] / statistics.median(seconds) / 1e6
    rows.append([preset, f'{speed:.0f}'])
  print(table(['denoising alone', 'million tokens per CPU s'], rows), '\n')


if __name__ == '__main__':
  sys.exit(main())
