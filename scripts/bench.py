"""What the pipeline costs, beside bare sentencepiece and seqio's own caching.

    make bench

Everything is measured in one process and one run, as CPU seconds of the process
(user and system), after all imports; what is compared is measured side by side,
and the ratios are of paired measurements. Memory is measured in processes of
its own, and so is seqio. On ../shared/data/text/en and T5's vocabulary if they
are there, else on text that every Python has.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
import contextlib
import io
from pathlib import Path
import shutil
import statistics
import sys
import tempfile
import time

import bench_commands
import bench_corpus
import numpy as np
import sentencepiece
from support.plans import plan_of

from ul2_flan.pipelines import sources, ul2
from ul2_flan.pipelines.run.counts import Counts
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
    corpus, vocabulary = bench_corpus.find(folder)
    print(f'{corpus}, {vocabulary}\n')
    _whole(corpus, vocabulary, folder)
    _stages(corpus, vocabulary, folder)
    _denoising(corpus, vocabulary)
    bench_commands.memory(corpus, vocabulary, folder)
    bench_commands.seqio(corpus, vocabulary, folder)
  return 0


def _cpu(work: Callable[[], object]) -> float:
  start = time.process_time()
  work()
  return time.process_time() - start


def _run(flags: Sequence[str]) -> None:
  output = Path(flags[flags.index('--output') + 1])
  shutil.rmtree(output, ignore_errors=True)
  with contextlib.redirect_stdout(io.StringIO()):
    if ul2.main(flags):
      raise RuntimeError('the run failed')


def _whole(corpus: str, vocabulary: str, folder: Path) -> None:
  """(a) and (b): the whole pipeline beside tokenising alone."""
  flags = bench_corpus.flags(corpus, vocabulary, folder / 'whole')
  flags.append('--local_workers=1')  # in this process, which is measured
  _run(flags)  # once for nothing: caches of files and of code
  header = ['', 'CPU s per million tokens', 'pipeline ÷ this', 'range']
  for title, forget in (
    ('pipeline, all words new', lib._word_cache.cache_clear),
    ('pipeline, words known', lambda: None),
  ):
    rounds = []
    for _ in range(ROUNDS):
      forget()
      rounds.append(_beside(flags, vocabulary))
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


def _beside(flags: Sequence[str], vocabulary: str) -> dict[str, float]:
  """CPU seconds of a run and of bare sentencepiece, and the number of tokens.

  While the pipeline runs, bare sentencepiece tokenises the same texts beside
  it, a thousand at a time, so that what else the machine does weighs on both;
  its time is taken from the pipeline's.
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
      spent[name] += _cpu(
        lambda kind=kind: processor.encode(batch, num_threads=1, **kind)
      )

  def beside(self: Vocabulary, texts: Sequence[str]) -> Ragged:
    nonlocal tokens
    waiting.extend(texts)
    while len(waiting) >= BATCH:
      bare(BATCH)
    found = encode(self, texts)
    tokens += int(found.offsets[-1])
    return found

  Vocabulary.encode_block = beside  # type: ignore[method-assign]
  try:
    total = _cpu(lambda: (_run(flags), bare(BATCH)))
  finally:
    Vocabulary.encode_block = encode  # type: ignore[method-assign]
  return {**spent, 'whole': total - sum(spent.values()), 'tokens': tokens}


def _stages(corpus: str, vocabulary: str, folder: Path) -> None:
  """(c): where the time goes, on the same pure functions without Beam."""
  flags = bench_corpus.flags(corpus, vocabulary, folder / 'stages')
  plan = plan_of('ul2', flags)
  job = Ul2Worker(plan)
  spent: dict[str, float] = {}
  counts = Counts()

  @contextlib.contextmanager
  def timed(stage: str) -> Iterator[None]:
    start = time.process_time()
    yield
    spent[stage] = spent.get(stage, 0.0) + time.process_time() - start

  for item in plan.items:
    for piece in item.pieces:
      blocks = sources.read(piece, job.source_options)
      while True:
        with timed('read: decompress and parse'):
          block = next(blocks, None)
        if block is None:
          break
        with timed('accept: filter and key'):
          documents, _ = accept(block, 0, counts)
        with timed('tokenise'):
          tokens = job.vocabulary.encode_block(documents.texts)
        with timed('cut'):
          segments = job.objective.cut(tokens, documents.keys)
        with timed('denoise'):
          inputs, targets = job.objective.denoise(segments)
        with timed('encode'):
          protos = records.encode_examples(
            {'inputs': inputs, 'targets': targets}
          )
        with timed('frame and write'):
          (folder / 'shard').write_bytes(records.frame_records(protos))
        counts.add('tokens', int(tokens.offsets[-1]))
  total = sum(spent.values())
  rows = [
    [name, f'{s / counts["tokens"] * 1e6:.3f}', f'{s / total:.1%}']
    for name, s in spent.items()
  ]
  print(table(['stage', 'CPU s per million tokens', 'share'], rows), '\n')


def _denoising(corpus: str, vocabulary: str) -> None:
  """Denoising alone, of tokenised documents."""
  texts = bench_corpus.texts(corpus)[:2000]
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
      _cpu(lambda o=objective: o.denoise(o.cut(documents, keys)))
      for _ in range(2 * ROUNDS + 1)
    ]
    speed = documents.offsets[-1] / statistics.median(seconds) / 1e6
    rows.append([preset, f'{speed:.0f}'])
  print(table(['denoising alone', 'million tokens per CPU s'], rows), '\n')


if __name__ == '__main__':
  sys.exit(main())
