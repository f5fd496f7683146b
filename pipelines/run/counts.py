"""Numbers that work items count: they add up over items, whatever the order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
import dataclasses

# Numbers by what they are of, and then by name.
Numbers = dict[str, dict[str, int]]


@dataclasses.dataclass(slots=True)
class Counts:
  """Numbers that add up, and numbers of which the largest counts.

  Names are paths. Their first part says what a number is of: documents, tokens,
  a task, a data set. There may be ten thousand of these with the same names, so
  the two are kept apart.

  >>> counts = Counts()
  >>> counts.add('documents/dropped/empty')
  >>> counts.sums
  {'documents': {'dropped/empty': 1}}
  """

  sums: Numbers = dataclasses.field(default_factory=dict)
  maxima: Numbers = dataclasses.field(default_factory=dict)

  def add(self, name: str, amount: int = 1) -> None:
    """Adds to a sum; what is never more than zero has no name."""
    if amount:
      owner, _, what = name.partition('/')
      own = self.sums.setdefault(owner, {})
      own[what] = own.get(what, 0) + int(amount)

  def see(self, name: str, value: int) -> None:
    """Raises a maximum."""
    owner, _, what = name.partition('/')
    own = self.maxima.setdefault(owner, {})
    own[what] = max(own.get(what, 0), int(value))

  def merge(self, other: Counts) -> None:
    """Takes another's counts in."""
    for owner, numbers in other.sums.items():
      own = self.sums.setdefault(owner, {})
      for what, n in numbers.items():
        own[what] = own.get(what, 0) + n
    for owner, numbers in other.maxima.items():
      own = self.maxima.setdefault(owner, {})
      for what, n in numbers.items():
        own[what] = max(own.get(what, 0), n)

  def take(self, owners: Iterable[str]) -> Counts:
    """Takes out all that is of some owners."""
    taken = Counts()
    for owner in owners:
      for numbers, own in (
        (self.sums, taken.sums),
        (self.maxima, taken.maxima),
      ):
        if owner in numbers:
          own[owner] = numbers.pop(owner)
    return taken

  def __getitem__(self, name: str) -> int:
    owner, _, what = name.partition('/')
    return self.sums.get(owner, {}).get(what, 0)

  def below(self, prefix: str) -> dict[str, int]:
    """The sums under a path: 'documents/dropped' -> {'empty': 3}."""
    owner, slash, head = prefix.partition('/')
    return under(self.sums.get(owner, {}), head + slash)


def under(numbers: Mapping[str, int], head: str) -> dict[str, int]:
  """Those whose names begin so, by the rest of their names.

  >>> under({'dropped/empty': 3, 'used': 1}, 'dropped/')
  {'empty': 3}
  """
  return {
    name.removeprefix(head): n
    for name, n in sorted(numbers.items())
    if name.startswith(head)
  }
