"""What the format of an export implements."""

from typing import Protocol

from ul2_flan.pipelines.export.columns import Columns
from ul2_flan.pipelines.storage.whole_files import WholeFile


class Writer(Protocol):
  """Writes one shard."""

  def __init__(self, file: WholeFile, columns: Columns):
    """Begins a file.

    Args:
      file: which the caller commits.
      columns: makes columns of examples, for formats that have them.
    """

  def write(self, frames: list[bytes], where: str) -> None:
    """Appends examples.

    Args:
      frames: TFRecord frames, each with one example.
      where: what they are from, for messages.

    Raises:
      CorruptRecordError: one is not as its run writes it.
    """

  def close(self) -> None:
    """Writes what comes last; a file without examples is whole too."""
