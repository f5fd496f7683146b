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
import glob
import io
import json
import os
from pathlib import Path
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np
import orjson
import prose
import sentencepiece

from ul2_flan.pipelines import text, ul2
from ul2_flan.pipelines.denoise import DenoiseJob
from ul2_flan.pipelines.reports import Counts
from ul2_flan.pipelines.sources.lines import open_stream
from ul2_flan.pipelines.summary import table
from ul2_flan.pipelines.ul2_config import make_plan
from ul2_flan.tasks import denoising, records
from ul2_flan.tasks.ragged import Ragged
from ul2_flan.tasks.vocabulary import Vocabulary

SHARED = Path(__file__).parents[2] / 'shared' / 'data'
ROUNDS = 5
BATCH = 1000  # documents that bare sentencepiece gets in a call
SEQIO_BYTES = 20_000_000


def main() -> int:
  with tempfile.TemporaryDirectory() as name:
    folder = Path(name)
    corpus, vocabulary = _data(folder)
    print(f'{corpus}, {vocabulary}\n')
    _whole(corpus, vocabulary, folder)
    _stages(corpus, vocabulary, folder)
    _denoising(corpus, vocabulary)
    _memory(corpus, vocabulary, folder)
    _seqio(corpus, vocabulary, folder)
  return 0


def _data(folder: Path) -> tuple[str, str]:
  if SHARED.is_dir():
    return (
      f'{SHARED}/text/en/*.jsonl.gz',
      f'{SHARED}/vocab/t5.spiece.model',
    )
  prose.write_corpus(folder / 'text', shards=4)
  prose.train_vocabulary(folder / 'vocabulary.model', size=4000)
  return f'{folder}/text/*.jsonl.gz', f'{folder}/vocabulary.model'


def _texts(corpus: str) -> list[str]:
  found = []
  for path in sorted(glob.glob(corpus)):
    with open_stream(path) as stream:
      data = stream.read_decompressed(1 << 40)
    found += [orjson.loads(line)['text'] for line in data.splitlines()]
  return found


def _cpu(work: Callable[[], object]) -> float:
  start = time.process_time()
  work()
  return time.process_time() - start


def _ul2(corpus: str, vocabulary: str, output: Path, *more: str) -> list[str]:
  flags = ['--input', *sorted(glob.glob(corpus)), '--output', str(output)]
  return [*flags, '--vocabulary', vocabulary, '--preset', 'ul2r', *more]


def _run(flags: Sequence[str]) -> None:
  output = Path(flags[flags.index('--output') + 1])
  shutil.rmtree(output, ignore_errors=True)
  with contextlib.redirect_stdout(io.StringIO()):
    if ul2.main(flags):
      raise RuntimeError('the run failed')


def _whole(corpus: str, vocabulary: str, folder: Path) -> None:
  """(a) and (b): the whole pipeline beside tokenising alone.

  While the pipeline runs, bare sentencepiece tokenises the same texts beside
  it, a thousand at a time, so that what else the machine does weighs on both;
  its time is taken from the pipeline's.
  """
  processor = sentencepiece.SentencePieceProcessor(model_file=vocabulary)
  flags = _ul2(corpus, vocabulary, folder / 'whole')
  encode = Vocabulary.encode_block
  kinds: dict[str, dict[str, str]] = {
    'to lists': {},
    'to arrays': {'return_type': 'numpy'},
  }
  alone = dict.fromkeys(kinds, 0.0)
  waiting: list[str] = []
  tokens = 0

  def bare(count: int) -> None:
    batch = waiting[:count]
    del waiting[:count]
    for name, kind in kinds.items():
      alone[name] += _cpu(
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

  _run(flags)  # once for nothing: caches of files and of code
  rounds = []
  for _ in range(ROUNDS):
    alone.update(dict.fromkeys(kinds, 0.0))
    tokens = 0
    Vocabulary.encode_block = beside  # type: ignore[method-assign]
    try:
      total = _cpu(lambda: (_run(flags), bare(BATCH)))
    finally:
      Vocabulary.encode_block = encode  # type: ignore[method-assign]
    rounds.append({**alone, 'whole': total - sum(alone.values())})
  rows = []
  for name in [*kinds, 'whole']:
    ratios = sorted(r['whole'] / r[name] for r in rounds)
    seconds = statistics.median(r[name] for r in rounds)
    title = f'sentencepiece alone, {name}' if name in kinds else 'pipeline'
    rows.append(
      [
        title,
        f'{seconds / tokens * 1e6:.3f}',
        f'{statistics.median(ratios):.2f}',
        f'{ratios[0]:.2f} to {ratios[-1]:.2f}',
      ]
    )
  print(f'{tokens:,} tokens, {ROUNDS} rounds\n')
  header = ['', 'CPU s per million tokens', 'pipeline ÷ this', 'range']
  print(table(header, rows), '\n', flush=True)


def _stages(corpus: str, vocabulary: str, folder: Path) -> None:
  """(c): where the time goes, on the same pure functions without Beam."""
  flags = _ul2(corpus, vocabulary, folder / 'stages')
  plan = make_plan(ul2.config_of(ul2.make_parser().parse_args(flags)))
  job = DenoiseJob(plan.config, plan.data_sets)
  spent: dict[str, float] = {}
  counts = Counts()

  @contextlib.contextmanager
  def timed(stage: str) -> Iterator[None]:
    start = time.process_time()
    yield
    spent[stage] = spent.get(stage, 0.0) + time.process_time() - start

  for item in plan.items:
    for piece in item.pieces:
      blocks = job.read(piece)
      while True:
        with timed('read: decompress and parse'):
          block = next(blocks, None)
        if block is None:
          break
        with timed('accept: filter and key'):
          documents, _ = text.accept(block, 0, counts)
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
  texts = _texts(corpus)[:2000]
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


def _memory(corpus: str, vocabulary: str, folder: Path) -> None:
  """Peak memory of a run above that of its imports, for more and more text."""
  rows = []
  texts = _texts(corpus)
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
    flags = _ul2(str(path), vocabulary, folder / 'memory', '--id_field', 'id')
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


def _seqio(corpus: str, vocabulary: str, folder: Path) -> None:
  """(d): seqio's own caching, and ours, as whole commands on the same text."""
  sample = folder / 'sample.tfrecord'
  texts, size = [], 0
  for document in _texts(corpus):
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
    ours += _ul2(str(sample), vocabulary, folder / 'ours', '--overwrite')
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


if __name__ == '__main__':
  sys.exit(main())
