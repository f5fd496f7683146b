"""Sentinels: from tokens and a noise mask to inputs and targets, and back.

As in T5 (arXiv 1910.10683, section 3.1.4), a sentinel of its own replaces each
noise span in the inputs; the targets are the complement: there, sentinels
replace the spans of text. On either side they count down: with s_k = first - k,

    tokens   text_1 noise_1 text_2 noise_2
    inputs   text_1 s_0     text_2 s_1
    targets  s_0    noise_1 s_1    noise_2

A prefix LM has none, as in the code of UL2's appendix 9.2: its inputs are the
prefix and its targets the rest. Nor has a causal LM, whose targets are all.
"""

import dataclasses

import numpy as np

from ul2_flan.tasks.ragged import Bools, Int64s, Ragged, offsets_of


@dataclasses.dataclass(frozen=True, slots=True)
class Sentinels:
  """The ids `first, first - 1, ..., first - count + 1`, in order of use.

  With a `step` of 1 they rise, as in models whose trainers listed
  `<extra_id_0>,<extra_id_1>,...` as symbols of their own.
  """

  first: int
  count: int
  step: int = -1

  def among(self, ids: np.typing.NDArray[np.integer]) -> Bools:
    """Tells which ids are sentinels: bool, of the shape of `ids`.

    >>> Sentinels(99, 10).among(np.array([89, 90, 99, 100])).tolist()
    [False, True, True, False]
    """
    place = (ids - self.first) * self.step
    return (place >= 0) & (place < self.count)


def corrupt(
  tokens: Ragged, noise: Bools, with_sentinels: Bools, sentinels: Sentinels
) -> tuple[Ragged, Ragged]:
  """Splits segments into what the model sees and what it must write.

  Args:
    tokens: n segments.
    noise: bool [total tokens], true at the tokens to predict.
    with_sentinels: bool [n]; false for an LM, whose inputs are the other tokens
      and whose targets are the noise tokens, just as they are.
    sentinels: the vocabulary's.

  Returns:
    inputs and targets, n sequences each, without mode token and EOS.

  Raises:
    ValueError: a segment has more spans than there are sentinels.

  >>> tokens = Ragged.of([[11, 12, 13, 14, 15]])
  >>> noise = np.array([0, 1, 1, 0, 1]) > 0
  >>> inputs, targets = corrupt(
  ...     tokens, noise, np.array([True]), Sentinels(99, 10))
  >>> inputs[0].tolist(), targets[0].tolist()
  ([11, 99, 14, 98], [99, 12, 13, 98, 15])
  """
  before = np.empty_like(noise)
  before[1:] = noise[:-1]
  # A segment's first token begins a run, whatever the segment before it ends
  # in: give it a neighbour of the other kind.
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
  """All runs of noise and of text, segment after segment.

  Attributes:
    starts: int64 [r], the index of each run's first token.
    is_noise: bool [r].
    marked: bool [r], whether a sentinel stands for the run where it is left
      out.
    of_segment: int64 [n + 1]: segment i has the runs of_segment[i] <= j <
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
  """Makes one side: keeps some runs, and puts sentinels for the others.

  Args:
    tokens: n segments.
    keep: bool [total tokens], true at the tokens of the runs to keep.
    runs: of the segments.
    left_out: bool [r], true for the other runs.
    sentinels: the vocabulary's.
  """
  replaced = left_out & runs.marked
  # Count sentinels from 1 within each segment.
  rank = np.cumsum(replaced)
  rank = rank - np.repeat(
    np.concatenate([[0], rank])[runs.of_segment[:-1]], np.diff(runs.of_segment)
  )
  if rank.max(initial=0) > sentinels.count:
    raise ValueError(
      f'{rank.max()} spans in a segment, {sentinels.count} sentinels: solve '
      'the raw length with the sentinels as its budget'
    )
  # Each run's end in the result. Only arrays of the length of runs are computed
  # with; those of the length of tokens are copied, once.
  lengths = np.diff(runs.starts, append=len(keep))
  ends = offsets_of(np.where(left_out, replaced, lengths))
  # Keep one token of each replaced run and overwrite it with the sentinel.
  keep = keep.copy()
  keep[runs.starts[replaced]] = True
  values = tokens.values.take(np.flatnonzero(keep))
  values[ends[:-1][replaced]] = sentinels.first + sentinels.step * (
    rank[replaced] - 1
  )
  return Ragged(values, ends[runs.of_segment])


def restore(inputs: Ragged, targets: Ragged, sentinels: Sentinels) -> Ragged:
  """Inverts `corrupt`: returns the tokens that both sides were made from.

  This is exact for every segment whose own tokens are no sentinels. Runs
  alternate, so run j of a segment lies in the inputs when j is even and in the
  targets when j is odd; or the other way round if the noise comes first, which
  shows: then, and only then, the inputs begin with a sentinel. A segment
  without sentinels is an LM's.

  Args:
    inputs: n sequences, without mode token and EOS.
    targets: n sequences, without EOS.
    sentinels: the vocabulary's.

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
    seen = offsets_of(is_sentinel.view(np.uint8))
    example = np.repeat(np.arange(n), side.lengths)
    rank = seen[1:] - seen[side.offsets[:-1]][example]
    # The side that starts the segment has run 0 before its first sentinel and
    # run 2k after its k-th; the other side has run 2k - 1 after its k-th.
    run = 2 * rank - ~at_start[example]
    sides.append((example, run, is_sentinel, side.values))
  example, run, is_sentinel, values = (
    np.concatenate(parts) for parts in zip(*sides, strict=True)
  )
  # By that rule an LM's targets, with no sentinel before them, are run
  # -1. They come after its inputs, which are run 0.
  run[run < 0] = 1
  text = ~is_sentinel
  example, run, values = example[text], run[text], values[text]
  order = np.lexsort((run, example))  # stable: tokens of a run keep their order
  lengths = np.bincount(example, minlength=n).astype(np.int64)
  return Ragged(values[order], offsets_of(lengths))
