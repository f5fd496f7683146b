"""Numbers that work items count, and that add up in any order of the items."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
import dataclasses

# Numbers by what they are of, and then by name.
Numbers = dict[str, dict[str, int]]


@dataclasses.dataclass(slots=True)
class Counts:
  """Numbers of which the sum counts, and numbers of which the largest counts.

  Names are paths. Their first part is the owner: documents, tokens, a task, a
  data set. Up to ten thousand owners have numbers of the same names, so owners
  and names are kept apart.

  >>> counts = Counts()
  >>> counts.add('documents/dropped/empty')
  >>> counts.sums
  {'documents': {'dropped/empty': 1}}
  """

  sums: Numbers = dataclasses.field(default_factory=dict)
  maxima: Numbers = dataclasses.field(default_factory=dict)

  def add(self, name: str, amount: int = 1) -> None:
    """Adds to a sum. A sum that stays 0 has no name in `sums`."""
    if amount:
      owner, _, what = name.partition('/')
      numbers = self.sums.setdefault(owner, {})
      # Not a NumPy integer, which JSON does not take.
      numbers[what] = numbers.get(what, 0) + int(amount)

  def see(self, name: str, value: int) -> None:
    """Raises a maximum to a value, if it is lower."""
    owner, _, what = name.partition('/')
    numbers = self.maxima.setdefault(owner, {})
    numbers[what] = max(numbers.get(what, 0), int(value))

  def merge(self, other: Counts) -> None:
    """Adds the sums of other counts, and raises maxima to theirs."""
    for owner, numbers in other.sums.items():
      ours = self.sums.setdefault(owner, {})
      for what, n in numbers.items():
        ours[what] = ours.get(what, 0) + n
    for owner, numbers in other.maxima.items():
      ours = self.maxima.setdefault(owner, {})
      for what, n in numbers.items():
        ours[what] = max(ours.get(what, 0), n)

  def take(self, owners: Iterable[str]) -> Counts:
    """Removes the numbers of some owners, and returns them."""
    taken = Counts()
    for owner in owners:
      if owner in self.sums:
        taken.sums[owner] = self.sums.pop(owner)
      if owner in self.maxima:
        taken.maxima[owner] = self.maxima.pop(owner)
    return taken

  def __getitem__(self, name: str) -> int:
    """Returns a sum; 0 if nothing was added to it."""
    owner, _, what = name.partition('/')
    return self.sums.get(owner, {}).get(what, 0)

  def below(self, prefix: str) -> dict[str, int]:
    """Returns the sums under a path: 'documents/dropped' -> {'empty': 3}."""
    owner, slash, head = prefix.partition('/')
    return under(self.sums.get(owner, {}), head + slash)


def example_tokens(counts: Counts) -> int:
  """Adds up the tokens of all examples, inputs and targets; without EOS."""
  # Only data sets have names under 'data/'.
  return sum(
    n
    for numbers in counts.sums.values()
    for name, n in under(numbers, 'data/').items()
    if name.endswith(('/inputs_tokens', '/targets_tokens'))
  )


def under(numbers: Mapping[str, int], head: str) -> dict[str, int]:
  """Returns the numbers whose names begin with `head`, by the rest of these.

  >>> under({'dropped/empty': 3, 'used': 1}, 'dropped/')
  {'empty': 3}
  """
  names = sorted(name for name in numbers if name.startswith(head))
  return {name.removeprefix(head): numbers[name] for name in names}
