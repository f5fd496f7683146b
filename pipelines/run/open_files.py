"""Files that a work item is writing: it commits them all, or they vanish."""

import contextlib
from typing import Self

from ul2_flan.pipelines.run import paths
from ul2_flan.pipelines.storage import files
from ul2_flan.pipelines.storage.whole_files import WholeFile


class OpenFiles:
  """A context manager that discards the files that nobody committed."""

  def __init__(self, output: str):
    """Opens nothing yet.

    Args:
      output: the run's output folder.
    """
    self._output = output
    self._files: list[WholeFile] = []

  def open(self, path: str) -> WholeFile:
    """Opens a file under a temporary name; `path` is relative to the output."""
    scratch = paths.progress_folder(self._output)
    file = WholeFile(files.join(self._output, path), scratch)
    self._files.append(file)
    return file

  def commit(self, *, flush_names: bool = True) -> None:
    """Gives all files their names, in the order in which they were opened.

    When it returns, bytes and names are on the disk. The order is the cheapest
    that is right: each file once before its rename, so that no name stands for
    bytes that a loss of power took; then each folder once for all names in it.

    Args:
      flush_names: False if the caller calls `flush_below` for these files,
        later and for others with them.
    """
    for file in self._files:
      file.commit(flush_folders=flush_names)
    if flush_names:
      files.flush_folders(file.path for file in self._files)
    self._files.clear()

  def __enter__(self) -> Self:
    return self

  def __exit__(self, *error: object) -> None:
    # One that cannot be discarded keeps none of the others.
    with contextlib.ExitStack() as stack:
      for file in self._files:
        stack.callback(file.discard)
