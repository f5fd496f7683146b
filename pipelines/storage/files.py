"""Opens, writes and deletes files: local ones, buckets', and Beam's.

`folders` and `local_files` list them; nothing else calls a file system.
`schemes` says which one has a path, and `whole_files` how files are written.
"""

import os
from typing import Any, BinaryIO

import orjson

from ul2_flan.pipelines.storage import local_files
from ul2_flan.pipelines.storage.schemes import (
  AS_IT_IS,
  beam_files,
  known_scheme,
)
from ul2_flan.pipelines.storage.schemes import is_local as is_local
from ul2_flan.pipelines.storage.schemes import join as join
from ul2_flan.pipelines.storage.whole_files import WholeFile as WholeFile
from ul2_flan.pipelines.storage.whole_files import flush_below as flush_below
from ul2_flan.pipelines.storage.whole_files import (
  flush_folders as flush_folders,
)
from ul2_flan.pipelines.storage.whole_files import whole_file as whole_file
from ul2_flan.pipelines.storage.whole_files import write_bytes as write_bytes
from ul2_flan.pipelines.storage.whole_files import write_empty as write_empty
from ul2_flan.pipelines.storage.whole_files import write_first as write_first
from ul2_flan.tasks import buckets


def open_read(path: str) -> BinaryIO:
  """Opens a seekable file; its bytes come as stored, never decompressed."""
  if buckets.is_bucket(path):
    return buckets.bucket_of(path).open_read(path)
  if is_local(path):
    return open(path, 'rb')
  with known_scheme(path):
    return beam_files().open(path, compression_type=AS_IT_IS)


def read_bytes(path: str) -> bytes:
  """Reads a whole file; its bytes come as stored, never decompressed."""
  if buckets.is_bucket(path):
    return buckets.bucket_of(path).read_bytes(path)
  with open_read(path) as f:
    return f.read()


def version(path: str) -> str:
  """Returns what changes whenever a file's bytes do, without reading these.

  On a local disk it is when the file was last changed, which nobody can set; it
  differs in copies. A bucket, and Beam's other file systems, tell a checksum.
  '' if there is none.

  Raises:
    FileNotFoundError: there is no such file.
  """
  if is_local(path):
    return str(os.stat(path).st_ctime_ns)
  if buckets.is_bucket(path):
    return buckets.bucket_of(path).version(path)
  with known_scheme(path):
    try:
      return str(beam_files().checksum(path))
    except (NotImplementedError, OSError):  # it knows no checksums
      return ''


def why(error: Exception) -> str:
  """Says what went wrong with a file, without the path that Python appends.

  >>> why(FileNotFoundError(2, 'No such file or directory', '/x'))
  'No such file or directory'
  """
  return getattr(error, 'strerror', None) or str(error)


def exists(path: str) -> bool:
  """Whether there is a file, or a local folder, of this path."""
  if is_local(path):
    return os.path.exists(path)
  if buckets.is_bucket(path):
    return buckets.bucket_of(path).exists(path)
  with known_scheme(path):
    return bool(beam_files().exists(path))


def delete(paths: list[str]) -> None:
  """Deletes files, never folders; it skips those that are gone already.

  Of a link on a local disk, only the link is deleted. All paths must lie in the
  same file system, and none is a pattern.
  """
  if not paths:
    return
  if is_local(paths[0]):
    for path in paths:
      local_files.remove(path)
  elif buckets.is_bucket(paths[0]):
    buckets.bucket_of(paths[0]).delete(paths)
  elif present := [path for path in paths if exists(path)]:
    beam_files().delete(present)


def to_json(value: Any) -> bytes:
  """Writes JSON for people: keys sorted, indented, one newline at the end.

  Equal dicts give equal bytes, whatever the order of their keys. Dataclasses
  are written directly, fields in their order: `dataclasses.asdict` would copy
  everything in them first.

  >>> print(to_json({'b': 1, 'a': [2]}).decode(), end='')
  {
    "a": [
      2
    ],
    "b": 1
  }
  """
  form = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE
  return orjson.dumps(value, option=form)
