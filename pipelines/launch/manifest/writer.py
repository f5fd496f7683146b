"""Writes a manifest data set by data set, so that it is never held whole.

A run of the whole collection has seven thousand data sets. Each is a line of
the file, and so are its counts; these wait in a file of their own until all
data sets are written.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
import tempfile
from typing import IO, Any

import orjson

from ul2_flan.pipelines.run import Counts
from ul2_flan.pipelines.storage import files
from ul2_flan.tasks.manifest import FORMAT, Split, last_member

# How many bytes are copied at once.
_BYTES = 1 << 16


class ManifestWriter:
  """A manifest that is being written; a context manager."""

  def __init__(self, file: files.WholeFile):
    """Writes the beginning.

    Args:
      file: the manifest's; the caller commits it.
    """
    self._file = file
    file.write(b'{\n"data_sets": ')
    self._data_sets = _Members(file.write)
    self._waiting = {name: _Waiting() for name in ('counts', 'maxima')}

  def __enter__(self) -> ManifestWriter:
    return self

  def __exit__(self, *error: object) -> None:
    for waiting in self._waiting.values():
      waiting.file.close()

  def add(
    self, made: Mapping[str, Mapping[str, Split]], counts: Counts
  ) -> None:
    """Writes data sets, and counts of which none has been added yet."""
    for name, splits in made.items():
      self._data_sets.add(name, splits)
    for name, numbers in (('counts', counts.sums), ('maxima', counts.maxima)):
      for owner, of_owner in sorted(numbers.items()):
        self._waiting[name].members.add(owner, of_owner)

  def end(self, run: Mapping[str, Any], fields: Mapping[str, Any]) -> None:
    """Writes all else.

    Args:
      run: what `Manifest.run` has, but for counts and maxima.
      fields: of `Manifest`, but for its data sets and run.
    """
    write = self._file.write
    self._data_sets.end()
    write(b',\n"run": {')
    separator = b'\n'
    for name, waiting in self._waiting.items():
      write(separator + orjson.dumps(name) + b': ')
      waiting.copy(write)
      separator = b',\n'
    write(_lines(run) + b'\n}' + _lines({'format': FORMAT, **fields}))
    write(last_member(int(self._file.crc32c, 16)))


def _lines(fields: Mapping[str, Any]) -> bytes:
  """Formats members that follow others, indented for people to read."""
  return b''.join(
    b',\n' + orjson.dumps(name) + b': ' + files.to_json(value).rstrip()
    for name, value in sorted(fields.items())
  )


class _Members:
  """The members of a JSON object, a line each."""

  def __init__(self, write: Callable[[bytes], object]):
    self._write = write
    self._before = b'{\n'

  def add(self, name: str, value: object) -> None:
    member = orjson.dumps({name: value}, option=orjson.OPT_SORT_KEYS)[1:-1]
    self._write(self._before + member)
    self._before = b',\n'

  def end(self) -> None:
    self._write(b'{}' if self._before == b'{\n' else b'\n}')


class _Waiting:
  """An object that is collected in a file until the manifest has room for it.

  JSON has one object after the other, and data sets come with their counts.
  """

  def __init__(self) -> None:
    self.file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115
    self.members = _Members(self.file.write)

  def copy(self, write: Callable[[bytes], object]) -> None:
    self.members.end()
    self.file.seek(0)
    while data := self.file.read(_BYTES):
      write(data)
