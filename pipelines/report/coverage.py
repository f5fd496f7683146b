"""How much of its vocabulary a run uses, and what the vocabulary cannot say."""

from collections.abc import Iterable, Mapping, Sequence
import dataclasses

import numpy as np

from ul2_flan.pipelines.examples.kinds import held
from ul2_flan.pipelines.examples.sample import Sampled
from ul2_flan.pipelines.run.counts import under
from ul2_flan.tasks.manifest import Manifest

_LISTED = 12


@dataclasses.dataclass(frozen=True, slots=True)
class Coverage:
  """The use of a vocabulary.

  Attributes:
    size: how many ids there are.
    seen: how many of them the sample has.
    tokens: of the sample.
    unknown: unknown tokens of the whole run; None if it did not count them.
    total: tokens that these are among.
    worst: tasks of which much is unknown, and the share, the highest first.
  """

  size: int
  seen: int
  tokens: int
  unknown: int | None
  total: int
  worst: tuple[tuple[str, float], ...]


def of(
  manifest: Manifest, sample: Mapping[str, Sequence[Sampled]]
) -> Coverage | None:
  """Returns the coverage of a run; None if nothing could be read."""
  ids = [
    np.asarray(example[feature])
    for sampled in sample.values()
    for found in sampled
    for example in found.examples
    for feature in ('inputs', 'targets', 'decoder_target_tokens')
    if feature in example
  ]
  if not ids:
    return None
  flat = np.concatenate(ids)
  unknown, total, shares = _unknown(manifest)
  size = manifest.vocabulary.get('size', 0)
  worst = sorted(shares, key=lambda s: -s[1])[:_LISTED]
  return Coverage(
    size, len(np.unique(flat)), len(flat), unknown, total, tuple(worst)
  )


def _unknown(
  manifest: Manifest,
) -> tuple[int | None, int, Iterable[tuple[str, float]]]:
  """Counts unknown tokens, of how many, and their share by task."""
  counts = manifest.run.get('counts', {})
  if 'tokens' in counts:
    known = counts['tokens']
    return known.get('unknown', 0), known.get('read', 0), ()
  unknown: dict[str, int] = {}
  total: dict[str, int] = {}
  for data_set, splits in manifest.data_sets.items():
    task = held(data_set).task
    if not task:
      return None, 0, ()
    numbers = under(counts.get(data_set, {}), 'unknown/')
    unknown[task] = unknown.get(task, 0) + sum(numbers.values())
    for split in splits.values():
      for side in ('inputs', 'targets'):
        more = split.stats.get(f'{side}_tokens', 0)
        total[task] = total.get(task, 0) + more
  shares = ((t, n / max(total[t], 1)) for t, n in unknown.items() if n)
  return sum(unknown.values()), sum(total.values()), shares
