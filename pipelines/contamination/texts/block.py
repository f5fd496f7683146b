"""Texts that a search reads together, whatever they are."""

from collections.abc import Iterator
import dataclasses
from typing import Protocol

from ul2_flan.pipelines.sources import Reject
from ul2_flan.tasks.contamination import Hits, Scanner


@dataclasses.dataclass(frozen=True, slots=True)
class Place:
  """Where a text stands.

  Attributes:
    key: by which `--without_keys` leaves it out, as sixteen hexadecimal digits;
      '' if it has none.
    where: a file, and a place in it.
  """

  key: str
  where: str


class Block(Protocol):
  """Texts that are read together."""

  @property
  def rejects(self) -> list[Reject]:
    """Records of the same stretch that hold no text."""

  @property
  def source_bytes(self) -> int:
    """How far the reader has come in its piece."""

  def __len__(self) -> int:
    """Counts the texts."""

  def scan(self, scanner: Scanner, start: int) -> Iterator[Hits]:
    """Looks through the texts, which are numbered from `start`."""

  def place(self, index: int) -> Place:
    """Says where a text stands, by its index in the block."""
