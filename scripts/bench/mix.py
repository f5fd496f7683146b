"""Measures what mixing costs, and what it saves a trainer.

    PYTHONPATH=scripts .venv/bin/python -m bench.mix

It mixes records as long as Flan's few-shot examples, and measures beside it
what Beam alone takes for the same blocks. It measures memory and start-up in
processes of their own. Members are copies of one small data set. It packs real
instructions if ../shared/data is there, and otherwise lengths like theirs.
"""

from __future__ import annotations

from collections.abc import Sequence
import functools
import json
from pathlib import Path
import shutil
import statistics
import sys
import tempfile

import bench.corpus
import bench.engine
import bench.measure
import bench.members
import numpy as np

from ul2_flan.pipelines import mix
from ul2_flan.pipelines.mix.frames import FrameBlock
from ul2_flan.pipelines.mix.packing import PackedShape, pack
from ul2_flan.pipelines.mix.worker import MixWorker
from ul2_flan.pipelines.mix.write_shard import write_shard
from ul2_flan.pipelines.run.tables import table
from ul2_flan.tasks.ragged import Ragged
from ul2_flan.tasks.records.varints import Varints
from ul2_flan.tasks.vocabulary import Vocabulary

ROUNDS = 3
MEMBERS = 40
RECORDS = 150_000
LARGE = (150_000, 600_000, 2_000_000, 7_000_000)  # up to 10 GB
LENGTHS = (640, 180)  # tokens: records of 1.5 KB


def main() -> int:
  with tempfile.TemporaryDirectory() as name:
    folder = Path(name)
    _, vocabulary = bench.corpus.find(folder)
    run = bench.members.write(
      folder / 'large', vocabulary, MEMBERS, 5000, LENGTHS
    )
    _throughput(run, folder)
    _memory(run, folder)
    _on_disks(run, folder)
    _packing(vocabulary)
    _scale(vocabulary, folder)
  return 0


def _throughput(run: Path, folder: Path) -> None:
  """Prints what a whole run costs; of it, our part and the engine's."""
  rows = []
  for title, architecture in (('mixed', ''), ('mixed and packed', 'enc_dec')):
    config = bench.members.config(str(run), RECORDS, architecture)
    # The first round fills caches of files and of code.
    rounds = [_round(config, folder / title) for _ in range(ROUNDS + 1)][1:]
    megabytes = RECORDS * _record_bytes(run) / 1e6
    medians = {
      name: statistics.median(spent[name] for spent in rounds)
      for name in rounds[0]
    }
    for name, seconds in medians.items():
      rows.append(
        [
          f'{title}: {name}',
          f'{RECORDS / seconds:,.0f}',
          f'{megabytes / seconds:,.0f}',
          f'{seconds / medians["the whole run"]:.0%}',
        ]
      )
  title = f'records of {_record_bytes(run):,.0f} bytes'
  header = [title, 'records per CPU s', 'MB per CPU s', 'share']
  print(table(header, rows), '\n', flush=True)


def _round(config: mix.Config, folder: Path) -> dict[str, float]:
  """Mixes once without an engine, and once with; returns CPU seconds."""
  alone = str(folder / 'alone')
  shutil.rmtree(folder, ignore_errors=True)
  plan = mix.plan(config, output=alone).plan
  worker = MixWorker(plan)
  items = frozenset(range(len(plan.items)))
  by_item: dict[int, list[FrameBlock]] = {}

  def read() -> None:
    bench.engine.BLOCKS.extend(
      list(worker.blocks(reads, items)) for reads in worker.reads
    )

  def write() -> None:
    for item, blocks in by_item.items():
      write_shard(alone, plan, worker, item, blocks)

  spent = {'read and route': bench.measure.cpu(read)}
  for blocks in bench.engine.BLOCKS:
    for item, block in blocks:
      by_item.setdefault(item, []).append(block)
  spent['write'] = bench.measure.cpu(write)
  spent['both, without the engine'] = sum(spent.values())
  spent['the engine alone'] = bench.measure.cpu(bench.engine.run)
  bench.engine.BLOCKS.clear()
  for title, engine in (
    ('the whole run', mix.Engine(local_workers=1)),
    ("the whole run, Beam's FnApiRunner", None),
  ):
    output = str(folder / 'whole')
    spent[title] = bench.measure.cpu(
      functools.partial(bench.members.run_mix, config, output, engine=engine)
    )
  return spent


def _record_bytes(run: Path) -> float:
  """Returns the mean bytes of a record of a run."""
  manifest = json.loads((run / 'manifest.json').read_text())
  splits = next(iter(manifest['data_sets'].values()))
  (shard,) = splits['train']['shards']
  return shard['bytes'] / shard['records']


def _memory(run: Path, folder: Path) -> None:
  """Prints the peak memory of mixes of two sizes, in one pass and more."""
  rows = []
  for count in (75_000, 225_000):
    for passes in (1, 2, 4):
      output = str(folder / 'memory')
      measured = _apart('mix', str(run), output, str(count), str(passes))
      megabytes = count * _record_bytes(run) / 1e6
      above = measured['peak_mb'] - measured['before_mb']
      rows.append(
        [
          f'{megabytes:.0f} MB',
          passes,
          f'{above:.0f}',
          f'{above / megabytes * passes:.1f}',
        ]
      )
  header = ['shuffled', 'passes', 'MB above imports at the peak', '÷ a pass']
  print(table(header, rows), '\n', flush=True)


def _on_disks(run: Path, folder: Path) -> None:
  """Prints the memory of larger and larger mixes with the default engine."""
  rows = []
  output = folder / 'on_disks'
  for count in LARGE:
    size = count * _record_bytes(run)
    # What is shuffled and what is written lie there together for a while.
    if shutil.disk_usage(folder).free < 4 * size:
      print(f'mixes from {size / 1e9:.1f} GB on: left out, no disk for them')
      break
    flags = ['--manifest', str(run), '--mixture', bench.members.MIXTURE]
    flags += ['--definitions', str(bench.members.definitions(run))]
    flags += ['--num_examples', str(count), '--output', str(output)]
    largest, most = bench.measure.held(['-m', 'ul2_flan.pipelines.mix', *flags])
    shards = len(list(output.rglob('*train.tfrecord*')))
    rows.append(
      [f'{size / 1e9:.1f} GB', shards, f'{largest:.0f}', f'{most:.0f}']
    )
    shutil.rmtree(output)
  header = ['default engine', 'shards', 'MB of the largest process', 'of all']
  print(table(header, rows), '\n', flush=True)


def _apart(*arguments: str) -> dict[str, float]:
  """Runs `members` in a process of its own; returns what it measured."""
  _, printed = bench.measure.command([bench.members.__file__, *arguments])
  measured: dict[str, float] = json.loads(printed.splitlines()[-1])
  return measured


def _packing(vocabulary: str) -> None:
  """Prints how full sequences are: ours, and by seqio's rule."""
  inputs, targets, what = _instructions(vocabulary)
  packed = pack(
    Varints.of(inputs), Varints.of(targets), PackedShape('enc_dec', 2048, 512)
  )
  fits = packed.sequence >= 0
  lengths = np.stack([inputs.lengths, targets.lengths], axis=1)[fits] + 1
  rows = []
  for name, count in (
    ('ours', len(packed)),
    ('seqio, while training', _next_fit(lengths.tolist(), (2048, 512))),
  ):
    share = [packed.tokens['inputs'] / (2048 * count)]
    share += [packed.tokens['targets'] / (512 * count)]
    rows.append([name, f'{count:,}', *(f'{s:.1%}' for s in share)])
  header = [what, 'sequences', 'inputs full', 'targets full']
  print(table(header, rows), '\n', flush=True)


def _next_fit(lengths: Sequence[Sequence[int]], room: Sequence[int]) -> int:
  """Counts sequences if each example that does not fit begins a new one.

  So seqio packs; the order of examples is the same as ours.
  """
  count, left = 1, list(room)
  for need in lengths:
    if any(n > m for n, m in zip(need, left, strict=True)):
      count, left = count + 1, list(room)
    left = [m - n for n, m in zip(need, left, strict=True)]
  return count


def _instructions(vocabulary: str) -> tuple[Ragged, Ragged, str]:
  """Returns instructions, or random ids about as long; and what they are."""
  rng = np.random.default_rng(0)
  count = 4096
  paths = sorted(bench.corpus.SHARED.glob('niv2/tasks/*.json'))
  if not paths:
    sides = []
    for middle, spread, most in ((5.3, 0.9, 2000), (3.0, 1.2, 500)):
      drawn = rng.lognormal(middle, spread, count).astype(int)
      lengths = np.clip(drawn, 2, most)
      ids = np.full(int(lengths.sum()), 7, np.int32)
      sides.append(Ragged(ids, np.concatenate([[0], np.cumsum(lengths)])))
    return sides[0], sides[1], 'random lengths'
  texts = []
  for path in paths:
    task = json.loads(path.read_text())
    for row in task['Instances']:
      text = f'{task["Definition"][0]} {row["input"]}'
      texts.append((text, row['output'][0]))
  chosen = rng.permutation(len(texts))[:count]
  model = Vocabulary(Path(vocabulary).read_bytes())
  inputs, targets = (
    model.encode_block([texts[i][side] for i in chosen]) for side in (0, 1)
  )
  return inputs, targets, f'{len(chosen):,} instructions of NIv2'


def _scale(vocabulary: str, folder: Path) -> None:
  """Prints what it costs to mix many members, and to start training on them."""
  rows: list[list[object]] = []
  starts: list[list[object]] = []
  for count in (50, 200, 7352):
    run = bench.members.write(folder / f'of{count}', vocabulary, count, 20)
    output = folder / f'mixed{count}'
    measured = _apart('mix', str(run), str(output), '20000', '1')
    rows.append(
      [
        f'{count:,}',
        f'{measured["plan_s"]:.1f}',
        f'{measured["mix_s"]:.1f}',
        f'{measured["peak_mb"] - measured["before_mb"]:.0f}',
        int(measured['files']),
      ]
    )
    kinds = {'mixed': output}
    if count <= 200:
      kinds['live'] = run
    for kind, path in kinds.items():
      measured = _apart('read', kind, str(path))
      starts.append(
        [
          f'{count:,} {kind}',
          f'{measured["first_s"]:.1f}',
          f'{measured["cpu_s"]:.1f}',
          int(measured['threads']),
          f'{measured["peak_mb"] - measured["before_mb"]:.0f}',
        ]
      )
  header = ['members', 'CPU s to plan', 'CPU s to mix', 'MB', 'open files']
  print(table(header, rows), '\n', flush=True)
  header = ['members', 's to first batch', 'CPU s', 'threads', 'MB']
  print(table(header, starts), '\n', flush=True)


if __name__ == '__main__':
  sys.exit(main())
