"""The single calls that a kind of bucket offers, without retries.

A new kind of bucket is a class with the methods of `Client`, made in
`buckets._maker`.
"""

import dataclasses
import re
from typing import Any, Protocol

from ul2_flan.tasks.errors import UserError

# Bytes of a part. Objects of up to this size are written by one call, larger
# ones in parts. S3 wants parts of at least 5 MiB and at most 10,000 of them, so
# an object has 78 GiB at most; Google wants multiples of 256 KiB.
PART_BYTES = 8 << 20

PAGE = 1000  # objects of one answer to a listing; S3 allows no more

# Calls that may be under way at a time, from as many threads.
CONNECTIONS = 64

# Seconds without a byte, or without a connection, after which a call fails.
TIMEOUT = 60.0
CONNECT_TIMEOUT = 10.0

# HTTP's statuses of faults that pass: too slow, too many, or the server's own.
TRANSIENT = {408, 429, 500, 502, 503, 504}


@dataclasses.dataclass(frozen=True, slots=True)
class Fault:
  """The meaning of an error of a call.

  Attributes:
    status: of HTTP; 0 if there was no answer.
    is_transient: whether the same call may succeed later.
    retry_after: seconds that the service asks to wait; 0 if it says nothing.
  """

  status: int
  is_transient: bool
  retry_after: float = 0.0


class Upload(Protocol):
  """An object that is written in parts, and appears when it is complete.

  Attributes:
    tries: how often to try its calls; None for `retries.TRIES`.
  """

  tries: int | None

  def part(self, data: bytes) -> None:
    """Adds `PART_BYTES` bytes."""

  def complete(self, data: bytes) -> None:
    """Adds the last bytes, at most `PART_BYTES`; the object then appears."""

  def abort(self) -> None:
    """Gives up, so that there is no object."""


class Client(Protocol):
  """The calls of a kind of bucket. Paths have the scheme and the bucket."""

  @staticmethod
  def settings(options: Any) -> Any:
    """Takes the client's settings from Beam's options, which may be None.

    Settings are compared, and a client with other settings is made anew.
    """

  def __init__(self, settings: Any):
    """Makes the client; calls nothing yet."""

  def fault(self, error: Exception) -> Fault | None:
    """Interprets an error; None if it is not the error of a call."""

  def size(self, path: str) -> int:
    """Returns the size of an object, in bytes."""

  def version(self, path: str) -> str:
    """Returns what changes whenever the bytes of an object do."""

  def page(
    self, prefix: str, token: str | None
  ) -> tuple[list[tuple[str, int]], str | None]:
    """Lists up to `PAGE` objects whose paths begin with a prefix.

    Args:
      prefix: with scheme and bucket.
      token: None for the first page, else what the page before gave.

    Returns:
      paths and sizes, and the token of the next page, or None after the last.
    """

  def read(self, path: str, start: int, end: int) -> bytes:
    """Reads the bytes `start <= i < end` of an object; fewer may come."""

  def put(self, path: str, data: bytes) -> None:
    """Writes an object by one call, in place of any other."""

  def put_first(self, path: str, data: bytes) -> bool:
    """Writes an object unless there is one; returns whether it did."""

  def begin(self, path: str) -> Upload:
    """Begins to write an object in parts."""

  def delete(self, path: str) -> None:
    """Deletes an object, if there is one."""


def split(path: str) -> tuple[str, str]:
  """Splits a path into the bucket and the name of an object in it.

  Raises:
    UserError: the path has no bucket.

  >>> split('gs://bucket/folder/name')
  ('bucket', 'folder/name')
  """
  match = re.fullmatch(r'\w+://([^/]+)(?:/(.*))?', path, re.DOTALL)
  if not match:
    raise UserError(f"'{path}' names no bucket: gs://BUCKET/NAME")
  return match[1], match[2] or ''


def view(options: Any, kind: Any) -> Any:
  """Returns Beam's options of a kind.

  Args:
    options: a launcher's `PipelineOptions`, a worker's dictionary, or None.
    kind: a subclass of `PipelineOptions`.
  """
  from apache_beam.options.pipeline_options import PipelineOptions

  if not isinstance(options, PipelineOptions):
    options = PipelineOptions.from_dictionary(options or {})
  return options.view_as(kind)
