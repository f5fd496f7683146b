"""Histograms of lengths: how many tokens inputs and targets have."""

from collections.abc import Iterator, Mapping, Sequence
import dataclasses
import re

import numpy as np

from ul2_flan.pipelines.examples.kinds import held
from ul2_flan.pipelines.examples.sample import main_split
from ul2_flan.pipelines.run.counts import under
from ul2_flan.tasks.manifest import Manifest
from ul2_flan.tasks.records import Feature

# The features of an example.
Example = Mapping[str, Feature]

# Bars of a histogram.
_BINS = 24


@dataclasses.dataclass(frozen=True, slots=True)
class Histogram:
  """How long one side of examples is.

  Attributes:
    feature: the side.
    bars: the height of each bar, from 0 to 1; the first begins at 0 tokens, and
      all are as wide.
    most: tokens where the last bar ends: the length of the feature.
    mean: tokens of all examples, not only of the sample.
    longest: likewise.
  """

  feature: str
  bars: tuple[float, ...]
  most: int
  mean: float
  longest: int


@dataclasses.dataclass(frozen=True, slots=True)
class Lengths:
  """The lengths of a group of examples.

  Attributes:
    group: what they are of.
    examples: how many there are.
    sampled: how many of these the bars are of.
    histograms: one for each side.
  """

  group: str
  examples: int
  sampled: int
  histograms: tuple[Histogram, ...]


def of(
  manifest: Manifest,
  sample: Mapping[str, Sequence[Example]],
  *,
  by_denoiser: bool = False,
) -> Iterator[Lengths]:
  """Yields the lengths of each group of which there is a sample.

  Args:
    manifest: the run's; it has the exact sums.
    sample: examples by group.
    by_denoiser: whether the groups are denoisers, which may share a data set.
  """
  features = [
    name
    for name, feature in manifest.features.items()
    if feature.length and not name.endswith(('_positions', '_segment_ids'))
    and name in ('inputs', 'targets', 'decoder_target_tokens')
  ]  # fmt: skip
  stats = (_by_denoiser if by_denoiser else _by_group)(manifest, features)
  for group, examples in sample.items():
    if group not in stats or not examples:
      continue
    histograms = []
    for feature in features:
      lengths = [
        int(np.count_nonzero(e[feature])) for e in examples if feature in e
      ]
      total, longest = stats[group][feature]
      most = manifest.features[feature].length
      mean = total / max(stats[group]['examples'][0], 1)
      histograms.append(
        Histogram(feature, _bars(lengths, most), most, mean, longest)
      )
    count = stats[group]['examples'][0]
    yield Lengths(group, count, len(examples), tuple(histograms))


# For each group examples, and tokens of a side: the sum and the most.
_Stats = dict[str, dict[str, tuple[int, int]]]


def _by_group(manifest: Manifest, features: Sequence[str]) -> _Stats:
  """Adds up the statistics of the data sets of each group."""
  stats: _Stats = {}
  split = main_split(manifest)
  for data_set, splits in manifest.data_sets.items():
    if split not in splits:
      continue
    known = splits[split].stats
    ours = stats.setdefault(
      held(data_set).group, dict.fromkeys([*features, 'examples'], (0, 0))
    )
    ours['examples'] = (ours['examples'][0] + known['examples'], 0)
    for feature in features:
      total, longest = ours[feature]
      more = known.get(f'{feature}_tokens', 0)
      longest = max(longest, known.get(f'{feature}_max_tokens', 0))
      ours[feature] = (total + more, longest)
  return stats


def _by_denoiser(manifest: Manifest, features: Sequence[str]) -> _Stats:
  """Adds up what the run counted for each denoiser."""
  stats: _Stats = {}
  for kind in ('counts', 'maxima'):
    for numbers in manifest.run.get(kind, {}).values():
      for name, n in under(numbers, 'data/train/').items():
        denoiser, _, what = name.rpartition('/')
        ours = stats.setdefault(
          denoiser, dict.fromkeys([*features, 'examples'], (0, 0))
        )
        feature = re.sub('(_max)?_tokens$', '', what)
        if feature in ours:
          total, most = ours[feature]
          is_sum = kind == 'counts'
          ours[feature] = (total + n, most) if is_sum else (total, max(most, n))
  return stats


def _bars(lengths: Sequence[int], most: int) -> tuple[float, ...]:
  """Returns the heights of bars; the highest is 1.

  >>> _bars([1, 1, 23], 24)[:2], _bars([1, 1, 23], 24)[-1]
  ((0.0, 1.0), 0.5)
  """
  counts, _ = np.histogram(lengths, _BINS, (0, max(most, 1)))
  return tuple((counts / max(counts.max(), 1)).tolist())
