"""What a person reads of a finished mix run."""

from __future__ import annotations

from ul2_flan.pipelines.reports import Counts
from ul2_flan.pipelines.summary import of_data_sets, table
from ul2_flan.tasks.manifest import Manifest


def of_manifest(manifest: Manifest, output: str) -> str:
  """What was made, what of it repeats, and how full packed sequences are."""
  del output
  counts = Counts(manifest.run['counts'])
  parts = [of_data_sets(manifest), _members(manifest)]
  if 'packing' in counts.sums:
    parts.append(_packing(counts))
  return '\n\n'.join(parts)


def _members(manifest: Manifest) -> str:
  """Members and examples, by how often an example is there."""
  config = manifest.run['config']
  rows: list[list[object]] = []
  for split, members in config['members'].items():
    epochs = config['splits'][split]['epochs']
    for label, low, high in (
      ('not at all', 0, 0),
      ('once at most', 1, 1),
      ('twice at most', 2, 2),
      ('up to ten times', 3, 10),
      ('more often', 11, float('inf')),
    ):
      own = [
        (n, epochs * count)
        for _, n, count in members.values()
        if low <= -(-epochs * count // n) <= high
      ]
      if own:
        total = sum(count for _, count in own)
        rows.append([split, label, len(own), total])
  return table(['split', 'an example is there', 'members', 'examples'], rows)


def _packing(counts: Counts) -> str:
  rows: list[list[object]] = []
  for split in ('train', 'validation'):
    for side in ('inputs', 'targets'):
      where = f'packing/{split}/{side}'
      if room := counts[f'{where}/room']:
        full = counts[f'{where}/tokens'] / room
        rows.append([split, side, counts[f'{where}/tokens'], f'{full:.1%}'])
  return table(['split', 'packed', 'tokens', 'full'], rows)
