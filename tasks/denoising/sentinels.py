"""From tokens and a noise mask to inputs and targets, and exactly back.

As in T5, each noise span in the inputs is replaced by a sentinel of its own,
and the targets are the complement: each non-noise span replaced by one. The
k-th sentinel is `first - k` on both sides. The prefix LM has no sentinels.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from ul2_flan.tasks.ragged import Bools, Int64s, Ragged, offsets_of


@dataclasses.dataclass(frozen=True, slots=True)
class Sentinels:
  """The ids `first, first - 1, ..., first - count + 1`."""

  first: int
  count: int

  def among(self, ids: np.typing.NDArray[np.integer]) -> Bools:
    """Which ids are sentinels."""
    return (ids <= self.first) & (ids > self.first - self.count)


def corrupt(
  tokens: Ragged, noise: Bools, with_sentinels: Bools, sentinels: Sentinels
) -> tuple[Ragged, Ragged]:
  """Splits segments into what the model sees and what it must write.

  Args:
    tokens: n segments.
    noise: bool [total tokens], true at the tokens to be predicted.
    with_sentinels: bool [n]; false for a prefix LM, whose inputs are the
      non-noise tokens and whose targets are the noise tokens, as they are.
    sentinels: enough of them for the runs of every segment.

  Returns:
    inputs and targets, n sequences each, without mode token and EOS.

  >>> tokens = Ragged.of([[11, 12, 13, 14, 15]])
  >>> noise = np.array([0, 1, 1, 0, 1]) > 0
  >>> inputs, targets = corrupt(
  ...     tokens, noise, np.array([True]), Sentinels(99, 10))
  >>> inputs[0].tolist(), targets[0].tolist()
  ([11, 99, 14, 98], [99, 12, 13, 98, 15])
  """
  before = np.empty_like(noise)
  before[1:] = noise[:-1]
  # A segment's first token begins a run, whatever the segment before ended in.
  first = tokens.offsets[:-1][tokens.lengths > 0]
  before[first] = ~noise[first]
  starts = np.flatnonzero(before != noise)
  first_runs = np.searchsorted(starts, tokens.offsets)
  marked = np.repeat(with_sentinels, np.diff(first_runs))
  runs = _Runs(starts, noise[starts], marked, first_runs)
  return (
    _replace(tokens, ~noise, runs, runs.is_noise, sentinels),
    _replace(tokens, noise, runs, ~runs.is_noise, sentinels),
  )


@dataclasses.dataclass(frozen=True, slots=True)
class _Runs:
  """The runs of noise and of text, of all segments.

  Attributes:
    starts: int64 [r], each run's first token.
    is_noise: bool [r].
    marked: bool [r], whether a sentinel stands for the run where it is left
      out.
    of_segment: int64 [n + 1]: those of segment i are of_segment[i] <= j <
      of_segment[i + 1].
  """

  starts: Int64s
  is_noise: Bools
  marked: Bools
  of_segment: Int64s


def _replace(
  tokens: Ragged,
  keep: Bools,
  runs: _Runs,
  left_out: Bools,
  sentinels: Sentinels,
) -> Ragged:
  """Keeps some runs, and puts a sentinel, or nothing, for each other run."""
  replaced = left_out & runs.marked
  rank = np.cumsum(replaced)
  rank = rank - np.repeat(
    np.concatenate([[0], rank])[runs.of_segment[:-1]],
    np.diff(runs.of_segment),
  )
  if rank.max(initial=0) > sentinels.count:
    raise ValueError(
      f'{rank.max()} spans in a segment, {sentinels.count} sentinels: solve '
      'the raw length with the sentinels as its budget'
    )
  # Where each run begins in the result: long arrays are only copied from.
  lengths = np.diff(runs.starts, append=len(keep))
  ends = offsets_of(np.where(left_out, replaced, lengths))
  keep = keep.copy()
  keep[runs.starts[replaced]] = True
  values = tokens.values[np.flatnonzero(keep)]
  values[ends[:-1][replaced]] = sentinels.first + 1 - rank[replaced]
  return Ragged(values, ends[runs.of_segment])


def restore(inputs: Ragged, targets: Ragged, sentinels: Sentinels) -> Ragged:
  """The exact inverse of `corrupt`: the tokens that both sides were made from.

  Runs alternate, so run j of a segment lies in the inputs when j is even and in
  the targets when it is odd, or the other way round where the noise comes
  first; then, and only then, the inputs begin with a sentinel. A segment with
  no sentinel is a prefix LM's.

  >>> inputs, targets = Ragged.of([[11, 99, 14, 98]]), Ragged.of(
  ...     [[99, 12, 13, 98, 15]])
  >>> restore(inputs, targets, Sentinels(99, 10))[0].tolist()
  [11, 12, 13, 14, 15]
  """
  n = len(inputs)
  sides = []
  noise_first = np.zeros(n, np.bool_)
  full = np.flatnonzero(inputs.lengths)
  noise_first[full] = sentinels.among(inputs.values[inputs.offsets[full]])
  for side, at_start in ((inputs, ~noise_first), (targets, noise_first)):
    is_sentinel = sentinels.among(side.values)
    seen = np.zeros(len(is_sentinel) + 1, np.int64)
    np.cumsum(is_sentinel, out=seen[1:])
    example = np.repeat(np.arange(n), side.lengths)
    rank = seen[1:] - seen[side.offsets[:-1]][example]
    # Before the first sentinel of a side comes run 0 if that side starts the
    # segment; after its k-th comes run 2k on that side, 2k - 1 on the other.
    run = 2 * rank - ~at_start[example]
    sides.append((example, run, is_sentinel, side.values))
  example, run, is_sentinel, values = (
    np.concatenate(parts) for parts in zip(*sides, strict=True)
  )
  # A prefix LM's targets have run -1 by the rule above: they come last.
  run[run < 0] = 1
  text = ~is_sentinel
  example, run, values = example[text], run[text], values[text]
  order = np.lexsort((run, example))  # stable: tokens of a run keep their order
  lengths = np.bincount(example, minlength=n).astype(np.int64)
  return Ragged(values[order], offsets_of(lengths))
