"""What the format of an export implements."""

from typing import Protocol, Self

from ul2_flan.pipelines.export.columns import Columns
from ul2_flan.pipelines.storage.whole_files import WholeFile
from ul2_flan.tasks.records import Frames


class Writer(Protocol):
  """Writes one shard; a context manager, whose end writes what comes last.

  A file without examples is whole too. After an error nothing more is written.
  """

  def __init__(self, file: WholeFile, columns: Columns):
    """Begins a file.

    Args:
      file: which the caller commits.
      columns: makes columns of examples, for formats that have them.
    """

  def write(self, frames: Frames, where: str) -> None:
    """Appends examples.

    Args:
      frames: each with one example.
      where: what they are from, for messages.

    Raises:
      CorruptRecordError: one is not as its run writes it.
    """

  def __enter__(self) -> Self:
    """Does nothing."""

  def __exit__(self, error: type[BaseException] | None, *more: object) -> None:
    """Ends the file."""
