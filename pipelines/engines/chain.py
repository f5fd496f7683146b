"""A run as a chain of functions, which every engine can do.

    start → functions → group by key → functions → group by key → …

Nothing here needs Beam, whose import takes longer than many a run: our own
runner does a chain as it is, and `on_beam` makes a Beam transform of it.
"""

from __future__ import annotations

import abc
from collections.abc import Callable, Collection, Iterable
import dataclasses
import itertools
from typing import Any

from ul2_flan.pipelines.engines.dashboard import Facts


class Function(abc.ABC):
  """What is done with each element of a chain.

  It is pickled and sent to workers, so making one loads nothing.

  Attributes:
    count: adds to a counter of the engine's page, by its name; our own runner
      has no page.
  """

  count: Callable[[str, int], None] = staticmethod(lambda name, amount: None)

  def setup(self) -> None:  # noqa: B027 — most have nothing to do
    """Gets ready, once in each worker."""

  @abc.abstractmethod
  def process(self, element: Any) -> Iterable[Any]:
    """Yields what becomes of an element.

    Args:
      element: `b''` in the first function of a chain; after a grouping, a key
        and its values; else what the function before it yielded.
    """

  def facts(self) -> Facts:
    """Returns what the engine's page shows of the function."""
    return {}


@dataclasses.dataclass(frozen=True, slots=True)
class Share:
  """What a chain does of a run, for the bar that shows how far it is.

  Attributes:
    title: what the sizes of its work items, and what it reads, are.
    items: numbers of the work items that it does; None for all.
    reads: bytes that it reads before the first work item begins. Workers leave
      a mark of what they have read (`paths.read_mark`).
  """

  title: str = 'source bytes'
  items: Collection[int] | None = None
  reads: int = 0


@dataclasses.dataclass(frozen=True, slots=True)
class Chain:
  """Functions, one after the other; between two of them a grouping by key.

  Attributes:
    steps: of each its label and the function; None groups what comes before it.
    share: what these do of the run.
  """

  steps: tuple[tuple[str, Function | None], ...]
  share: Share = Share()

  def stages(self) -> list[list[tuple[str, Function]]]:
    """Cuts the chain where it groups.

    >>> Chain((('Group', None),)).stages()
    []
    """
    cut = itertools.groupby(self.steps, lambda step: step[1] is None)
    return [
      [(label, function) for label, function in steps if function]
      for groups, steps in cut
      if not groups
    ]
