"""Where the examples of a mixture go: exact counts, one global order.

A split of E epochs has E · M places. Of a member with n examples, c go into
each epoch, E · c in all: its examples in passes over all of them, of which the
last may be partial. So none is there k + 1 times before all are k times. Within
an epoch, places are a random permutation of its M examples. Both are worked out
for any example alone: a reader needs to know nothing of others.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from ul2_flan.tasks.permutation import permute
from ul2_flan.tasks.ragged import Int64s


@dataclasses.dataclass(frozen=True, slots=True)
class Placement:
  """A member's part in a split of the mixture.

  Attributes:
    member: its name: other members are placed independently.
    examples: n, how many it has.
    count: c, how many of them each epoch holds.
    first: how many examples of an epoch are of the members before it.
    per_epoch: M, the examples of an epoch, of all members.
    epochs: E.
    seed: the run's.
    split: its name.
  """

  member: str
  examples: int
  count: int
  first: int
  per_epoch: int
  epochs: int
  seed: int
  split: str

  def places(self, start: int, stop: int) -> tuple[Int64s, Int64s]:
    """The places of the member's examples start, ..., stop - 1.

    Returns:
      int64 [k] and int64 [k]: an example's index less `start`, and a place of
      it, within [0, E · M). An example may have none, one or many.
    """
    index, turn = self._turns(start, stop)
    epoch, within = np.divmod(turn, max(self.count, 1))
    places = np.empty(len(turn), np.int64)
    for number in np.unique(epoch).tolist():
      chosen = epoch == number
      places[chosen] = number * self.per_epoch + permute(
        self.first + within[chosen],
        self.per_epoch,
        seed=self.seed,
        purpose=f'{self.split}/epoch {number}',
      )
    return index - start, places

  def _turns(self, start: int, stop: int) -> tuple[Int64s, Int64s]:
    """Examples and their turns, of which there are E · c in a row.

    In a pass that an epoch's end divides, or the end of all, it is drawn which
    examples come before it. In all others their order is of no matter.
    """
    own = np.arange(start, stop)
    total = self.epochs * self.count
    passes = -(-total // max(self.examples, 1))
    drawn = {
      end // self.examples
      for end in range(self.count, total + 1, max(self.count, 1))
      if end % self.examples
    }
    plain = np.array([p for p in range(passes) if p not in drawn], np.int64)
    indices = [np.tile(own, len(plain))]
    turns = [(plain[:, None] * self.examples + own).ravel()]
    for number in sorted(drawn):
      turn = number * self.examples + permute(
        own,
        self.examples,
        seed=self.seed,
        purpose=f'{self.split}/{self.member}/pass {number}',
      )
      indices.append(own[turn < total])
      turns.append(turn[turn < total])
    return np.concatenate(indices), np.concatenate(turns)


def shard_starts(places: int, shards: int) -> Int64s:
  """The first place of each shard, and the end: int64 [shards + 1].

  >>> shard_starts(10, 4).tolist()
  [0, 2, 5, 7, 10]
  """
  return np.arange(shards + 1) * places // shards
