"""Where each example of a mixture goes: exact counts, and one global order.

A split of a mixture is E epochs of M places each. A member with n examples
fills c places of every epoch, E · c in all. That takes two steps, which can be
done for any example alone: a worker that reads one shard needs to know nothing
of others.

1. *How often each example is used.* The member goes through its examples in
   passes. In pass p, its example i has the turn

       t = p · n + σ_p(i),    which it gets if t < E · c,

   where σ_p permutes {0, …, n - 1}. So no example gets its (k+1)th use before
   all have had k.

2. *Where each use stands.* Turn t is of epoch e = ⌊t / c⌋. There it stands at

       e · M + π_e(f + t mod c),

   where f counts the examples of an epoch that members before this one have,
   and π_e permutes {0, …, M - 1}. The ranges [f, f + c) of all members cover
   {0, …, M - 1} once, so each place is filled, and just once.

σ_p and π_e are the pseudo-random permutations of `tasks.permutation`: the order
of an epoch is random as a whole, and where an epoch or the end cuts a pass in
two, it is random which examples come before the cut. A pass that lies within
one epoch needs no such order, since all its examples are used there, and π_e
shuffles them.

seqio, in contrast, draws a member for every example and shuffles in a buffer:
its counts are right on average, and its order is as good as the buffer is
large.
"""

import dataclasses

import numpy as np

from ul2_flan.tasks.permutation import permute
from ul2_flan.tasks.ragged import Int64s


@dataclasses.dataclass(frozen=True, slots=True)
class Placement:
  """A member's part in a split of the mixture.

  Attributes:
    member: its name. Passes of other members are cut independently.
    examples: n, how many it has.
    count: c, how many places of each epoch it fills.
    first: f, how many places of an epoch members before it fill.
    per_epoch: M, the places of an epoch.
    epochs: E.
    seed: the run's.
    split: the split's name.

  Three examples fill all of two epochs of two places: one is used twice.

  >>> placement = Placement('a', 3, 2, 0, 2, 2, seed=0, split='train')
  >>> examples, places = placement.places(0, 3)
  >>> sorted(places.tolist())
  [0, 1, 2, 3]
  >>> sorted(np.bincount(examples).tolist())
  [1, 1, 2]
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
    """Finds the places of the member's examples start, …, stop - 1.

    It takes O(k) time and memory, for k places.

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
    """Returns examples and the turns that they get, of E · c."""
    indices = np.arange(start, stop)
    total = self.epochs * self.count
    # Division that rounds up.
    passes = -(-total // max(self.examples, 1))
    # The passes in which an epoch ends, but not with the pass.
    drawn = {
      end // self.examples
      for end in range(self.count, total + 1, max(self.count, 1))
      if end % self.examples
    }
    plain = np.array([p for p in range(passes) if p not in drawn], np.int64)
    examples = [np.tile(indices, len(plain))]
    turns = [(plain[:, None] * self.examples + indices).ravel()]
    for number in sorted(drawn):
      turn = number * self.examples + permute(
        indices,
        self.examples,
        seed=self.seed,
        purpose=f'{self.split}/{self.member}/pass {number}',
      )
      # Only the last pass may have turns beyond the end.
      examples.append(indices[turn < total])
      turns.append(turn[turn < total])
    return np.concatenate(examples), np.concatenate(turns)


def shard_starts(places: int, shards: int) -> Int64s:
  """Divides places evenly among shards.

  Returns:
    int64 [shards + 1], the first place of each shard, and the end.

  >>> shard_starts(10, 4).tolist()
  [0, 2, 5, 7, 10]
  """
  return np.arange(shards + 1) * places // shards
