"""Finds the data sets of UL2 runs that hold the denoisers of a table.

Denoisers are the same if they do the same, whatever their names: a user's table
may call them otherwise.
"""

from collections.abc import Iterable, Sequence
import dataclasses
from typing import NamedTuple

from ul2_flan.mixtures.stock import DataSet
from ul2_flan.tasks.denoising.denoiser import Denoiser


class Found(NamedTuple):
  """What runs have of a table of denoisers.

  Attributes:
    groups: rates, as in the table, each with the data sets that have it
      together.
    missing: the names of denoisers that no data set holds.
  """

  groups: list[tuple[float, list[DataSet]]]
  missing: list[str]


def find(table: Sequence[Denoiser], data_sets: Iterable[DataSet]) -> Found:
  """Finds data sets for the denoisers of a table.

  There are two kinds. A data set of one denoiser stands for that one. A data
  set that holds the whole table at its rates is all of it, and is taken if
  there are none of the first kind.
  """
  wanted = _rates(table)
  filled = [d for d in data_sets if d.examples]
  # Runs of another table may have some of these denoisers too. They are used
  # only if there is no run of this table.
  candidates = [d for d in filled if _rates(d.table) == wanted] or filled
  separate = {
    denoiser.name: [d for d in candidates if _holds_only(d, denoiser)]
    for denoiser in table
  }
  mixed = [d for d in candidates if _rates(d.denoisers) == wanted]
  if not any(separate.values()) and mixed:
    return Found([(1.0, mixed)], [])
  return Found(
    [(d.rate, separate[d.name]) for d in table if separate[d.name]],
    [name for name, holding in separate.items() if not holding],
  )


def _rates(denoisers: Iterable[Denoiser]) -> dict[Denoiser, float]:
  """Maps what denoisers do, whatever their names, to their rates."""
  return {
    dataclasses.replace(d, name='any', rate=1.0): d.rate for d in denoisers
  }


def _holds_only(data_set: DataSet, denoiser: Denoiser) -> bool:
  return _rates(data_set.denoisers).keys() == _rates([denoiser]).keys()
