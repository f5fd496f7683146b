"""Passes over the same text, each with other masks, denoisers and cuts.

A materialised corpus shows a model the same corruption in every epoch. With
`--epochs N`, a run goes over the text N times. Each pass has work items and
shards of its own: those of the first pass, then those of the second, and so on,
so that a reader in order meets a document again only when it has seen all.

A pass draws from keys of its own, and begins to cut each document, or group of
joined documents, somewhere else. The same documents are held out in all passes,
but each of these is in one pass alone: nobody validates on it twice.
"""

from collections.abc import Sequence
import dataclasses

import numpy as np

from ul2_flan.pipelines.run import Part
from ul2_flan.tasks import seeding
from ul2_flan.tasks.ragged import Bools, UInt64s


def repeated(parts: Sequence[Part], epochs: int) -> list[Part]:
  """Returns the parts of all passes; those given are of the first one."""
  shards = sum(part.num_shards for part in parts)
  return [
    dataclasses.replace(
      part,
      index=part.index + number * len(parts),
      first_shard=part.first_shard + number * shards,
    )
    for number in range(epochs)
    for part in parts
  ]


def number_of(part: Part, parts: int, epochs: int) -> int:
  """Returns the pass that a part belongs to, from 0; `parts` counts all."""
  return part.index * epochs // parts


def keys_in(number: int, keys: UInt64s) -> UInt64s:
  """Returns the keys of documents in a pass; in the first, their own."""
  return seeding.stream(number, 'pass', keys) if number else keys


def elsewhere(
  is_validation: Bools, keys: UInt64s, number: int, epochs: int, seed: int
) -> Bools:
  """Tells which documents are held out and in another pass: bool [n].

  Args:
    is_validation: bool [n], which are held out.
    keys: uint64 [n], their own.
    number: of the pass.
    epochs: how many passes there are.
    seed: of the run.
  """
  bits = seeding.draw(seeding.stream(seed, 'validation', keys), 1)
  others: Bools = seeding.below(bits, epochs) != number
  return np.logical_and(is_validation, others)
