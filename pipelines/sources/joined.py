"""Files that somebody cut into chunks, read as one without joining them."""

from collections.abc import Sequence
import io
from typing import BinaryIO

from ul2_flan.pipelines.storage import files


class JoinedFiles(io.RawIOBase):
  """Files one after the other, of which one is open at a time."""

  def __init__(self, paths: Sequence[str]):
    """Opens nothing yet; `paths` are in order."""
    super().__init__()
    self._paths = paths
    self._next = 0
    self._file: BinaryIO | None = None

  def readable(self) -> bool:
    return True

  def seek(self, offset: int, whence: int = 0) -> int:
    """Goes back to the start; it goes nowhere else."""
    if offset or whence:
      raise io.UnsupportedOperation('joined files have only a start')
    self.close_file()
    self._next = 0
    return 0

  def read(self, size: int = -1) -> bytes:
    """Reads up to so many bytes of the file that is its turn."""
    while True:
      if self._file is None:
        if self._next == len(self._paths):
          return b''
        self._file = files.open_read(self._paths[self._next])
        self._next += 1
      if data := self._file.read(size):
        return data
      self.close_file()

  def close_file(self) -> None:
    """Closes the file that is open, if there is one."""
    if self._file is not None:
      self._file.close()
      self._file = None

  def close(self) -> None:
    self.close_file()
    super().close()
