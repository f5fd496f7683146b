"""Self-consistency: the answer that most samples of a prompt give.

The majority is unweighted, over extracted answers (arXiv 2203.11171). The paper
says nothing of ties, nor of samples without an answer. Here a tie goes to the
answer with the greater summed log-likelihood where that is known, and else to
the one that was seen first; samples without an answer do not vote.
"""

from collections import Counter
from collections.abc import Sequence
import functools
from math import comb


def majority(votes: Sequence[str], likelihoods: Sequence[float] = ()) -> str:
  """Returns the vote that is most frequent; '' if nobody votes.

  >>> majority(['b', 'a', '', 'a', 'b'])
  'b'
  >>> majority(['b', 'a'], [-3.0, -1.0])
  'a'

  Args:
    votes: in the order of the samples; '' for a sample without an answer.
    likelihoods: the logarithm of each sample's, if known.
  """
  counts = Counter(vote for vote in votes if vote)
  sums: dict[str, float] = {}
  for vote, likelihood in zip(votes, likelihoods, strict=False):
    sums[vote] = sums.get(vote, 0.0) + likelihood
  # `max` and Counter keep the first of equals.
  return max(
    counts, key=lambda vote: (counts[vote], sums.get(vote, 0.0)), default=''
  )


def expected_accuracy(
  votes: Sequence[str], right: Sequence[bool], size: int
) -> float:
  """The probability that a majority of fewer samples is right.

  That is exact, over all subsets of the samples in any order, and so has no
  noise from drawing one of them.

  >>> expected_accuracy(['a', 'a', 'b'], [True, True, False], 1)
  0.6666666666666666

  Args:
    votes: all samples of one prompt; '' for one without an answer.
    right: whether the samples are right; samples of one vote agree.
    size: how many samples vote, at most as many as there are.
  """
  counts = Counter(vote for vote in votes if vote)
  is_right = dict(zip(votes, right, strict=True))
  silent = len(votes) - counts.total()
  return sum(
    _wins(
      counts[vote],
      tuple(sorted(n for other, n in counts.items() if other != vote)),
      silent,
      size,
    )
    for vote in counts
    if is_right[vote]
  )


@functools.lru_cache(maxsize=100_000)
def _wins(ours: int, others: tuple[int, ...], silent: int, size: int) -> float:
  """The probability that an answer wins in a random subset.

  Of answers that tie, each wins in the same share of orders.

  Args:
    ours: how many samples vote for it.
    others: how many vote for each other answer.
    silent: how many have no answer.
    size: of the subset.
  """
  won = 0.0
  for votes in range(1, min(ours, size) + 1):
    # (samples of others, answers that tie) -> ways to draw them.
    ways = {(0, 0): 1}
    for count in others:
      more: dict[tuple[int, int], int] = {}
      for (drawn, ties), n in ways.items():
        for k in range(min(count, votes, size - votes - drawn) + 1):
          key = drawn + k, ties + (k == votes)
          more[key] = more.get(key, 0) + n * comb(count, k)
      ways = more
    won += comb(ours, votes) * sum(
      n * comb(silent, size - votes - drawn) / (1 + ties)
      for (drawn, ties), n in ways.items()
    )
  return won / comb(ours + sum(others) + silent, size)
