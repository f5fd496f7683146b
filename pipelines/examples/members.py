"""Finds which member of a mixture each example of a packed sequence is from.

A packed sequence does not say it. But where each example of a member goes, and
how a window of them is packed, follows from the plan and from the lengths of
the examples. So this reads those of the first window from the runs that were
mixed, if they are still there and the window lies in few bytes.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from ul2_flan.pipelines.examples.runs import Run
from ul2_flan.pipelines.mix import worker
from ul2_flan.pipelines.mix.packing import sequence_of
from ul2_flan.pipelines.mix.packing.shape import shape_of
from ul2_flan.pipelines.mix.write_shard import WINDOW
from ul2_flan.pipelines.run import Plan
from ul2_flan.pipelines.sources import own_shards
from ul2_flan.pipelines.storage import manifest_of
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.records import blocks

# More would take seconds to read, or to permute.
MAX_BYTES = 64 << 20
MAX_EXAMPLES = 2_000_000


def of_first_sequences(run: Run, split: str = 'train') -> list[list[str]]:
  """Names the members of the sequences of a split's first shard.

  Returns:
    for each sequence of the first window the member of each of its examples;
    nothing if the runs that were mixed are not there, or are too large.
  """
  config: Mapping[str, Any] = run.manifest.run['config']
  if not config.get('pack') or split not in config.get('members', {}):
    return []
  members = config['members'][split].values()
  if sum(examples for _, examples, _ in members) > MAX_EXAMPLES:
    return []
  try:
    mixing = worker.MixWorker(Plan('mix', config, (), {}, {}, {}))
    found = list(_window(mixing, config, split))
  except (ArithmeticError, LookupError, OSError, UserError):
    return []  # or a manifest that was changed does not fit its members
  if not found:
    return []
  places, names, *sides = map(np.concatenate, zip(*found, strict=True))
  order = np.argsort(places)
  inputs, targets = (lengths[order] for lengths in sides)
  sequence = sequence_of(inputs, targets, shape_of(config['pack']))
  sequences: list[list[str]] = [[] for _ in range(int(sequence.max()) + 1)]
  for name, number in zip(names[order].tolist(), sequence, strict=True):
    sequences[number].append(name)
  return sequences


def _window(
  mixing: worker.MixWorker, config: Mapping[str, Any], split: str
) -> Iterator[tuple[Any, ...]]:
  """Yields places, members and lengths of examples of the first window."""
  first_shard = mixing.splits[split]['places'] // mixing.splits[split]['shards']
  stop = min(WINDOW, first_shard)
  manifests = [manifest_of(known['output']) for known in config['manifests']]
  size = 0
  for read in (read for group in mixing.reads for read in group):
    if read.placement.split != split:
      continue
    end = read.start + read.shard.records
    index, places = read.placement.places(read.start, end)
    chosen = places < stop
    if not chosen.any():
      continue
    size += read.shard.bytes
    if size > MAX_BYTES:
      raise UserError('the window is too large to read')
    frames = own_shards.load_frames(read.path, read.shard)
    examples = frames.take(index[chosen])
    features = {
      name: feature.dtype == 'int32'
      for name, feature in sorted(manifests[read.run].features.items())
    }
    tokens = blocks.count_tokens(examples, features, read.path)
    names = np.full(len(examples), read.placement.member, object)
    yield places[chosen], names, tokens['inputs'], tokens['targets']
