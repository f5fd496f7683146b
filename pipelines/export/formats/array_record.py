"""ArrayRecord: the same record bytes, each at hand by its number.

https://github.com/google/array_record. Grain reads it with a global shuffle,
which wants one record a group. Snappy, since the ids are packed already: zstd
would save a twelfth, and take three times as long.
"""

from pathlib import Path
import tempfile
from typing import Self

from ul2_flan.pipelines.export.columns import Columns
from ul2_flan.pipelines.storage.whole_files import WholeFile
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.records import FRAME_HEAD, FRAME_TAIL, Frames

_OPTIONS = 'group_size:1,snappy'

# Bytes that are copied at a time.
_BYTES = 8 << 20


def check() -> None:
  """Refuses to begin without the library.

  Raises:
    UserError: it is not installed.
  """
  try:
    import array_record.python.array_record_module  # noqa: F401
  except ImportError as e:
    raise UserError(
      f'--format array_record needs a library that is not installed ({e}): '
      "pip install 'ul2-flan[array_record]'"
    ) from e


class ArrayRecordWriter:
  """Writes a shard, by way of a local file: the library takes a path alone.

  See `Writer`.
  """

  def __init__(self, file: WholeFile, columns: Columns):
    from array_record.python import array_record_module

    del columns  # records stay as they are
    self._file = file
    self._folder = tempfile.TemporaryDirectory(prefix='array-record-')
    self._path = Path(self._folder.name, 'shard')
    self._writer = array_record_module.ArrayRecordWriter(
      str(self._path), _OPTIONS
    )

  def write(self, frames: Frames, where: str) -> None:
    del where  # nothing can be wrong with what is not looked at
    for frame in frames:
      self._writer.write(frame[FRAME_HEAD:-FRAME_TAIL])

  def __enter__(self) -> Self:
    return self

  def __exit__(self, error: type[BaseException] | None, *more: object) -> None:
    self._writer.close()
    with self._folder, self._path.open('rb') as file:
      while not error and (data := file.read(_BYTES)):
        self._file.write(data)
