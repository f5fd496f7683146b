"""What a kind of bucket must be able to do: single calls, without retries."""

from __future__ import annotations

import dataclasses
import re
from typing import Any, Protocol

from ul2_flan.tasks.errors import UserError

# An object of up to this many bytes is written by one call, and a larger one in
# parts of this size. S3 wants at least 5 MiB, and at most 10,000 parts; Google
# wants multiples of 256 KiB.
PART_BYTES = 8 << 20

# Objects of one answer to a listing.
PAGE = 1000

# Calls that wait at a time, from as many threads.
CONNECTIONS = 64

# Seconds without a byte after which a call has failed.
TIMEOUT = 60.0
CONNECT_TIMEOUT = 10.0

# Of HTTP; 404 and 403 have errors of their own.
TRANSIENT = {408, 429, 500, 502, 503, 504}


@dataclasses.dataclass(frozen=True, slots=True)
class Fault:
  """What an error of a call means.

  Attributes:
    status: of HTTP, 0 if there was no answer.
    is_transient: whether the same call may succeed later.
  """

  status: int
  is_transient: bool


class Upload(Protocol):
  """An object that is written in parts, and appears when it is complete.

  Attributes:
    tries: how often its calls may be made; None for as often as others.
  """

  tries: int | None

  def part(self, data: bytes) -> None:
    """Adds `PART_BYTES` bytes."""

  def complete(self, data: bytes) -> None:
    """Adds the last bytes, at most so many, and makes the object appear."""

  def abort(self) -> None:
    """Gives up: there will be no object."""


class Client(Protocol):
  """Calls of a bucket. Paths are of objects, with scheme and bucket."""

  @staticmethod
  def settings(options: Any) -> Any:
    """What matters of Beam's options, which may be None; can be compared."""

  def __init__(self, settings: Any):
    """Makes no call yet."""

  def fault(self, error: Exception) -> Fault | None:
    """What an error of a call means; None if it is no error of a call."""

  def size(self, path: str) -> int:
    """Bytes of an object."""

  def page(
    self, prefix: str, token: str | None
  ) -> tuple[list[tuple[str, int]], str | None]:
    """Some objects with their sizes, and the token of the next page."""

  def read(self, path: str, start: int, end: int) -> bytes:
    """Some bytes of an object, of which there are at least `end` > `start`."""

  def put(self, path: str, data: bytes) -> None:
    """Writes an object by one call, replacing any other."""

  def begin(self, path: str) -> Upload:
    """Begins to write an object in parts."""

  def delete(self, path: str) -> None:
    """Deletes an object, if there is one."""


def split(path: str) -> tuple[str, str]:
  """The bucket, and the name of an object in it.

  >>> split('gs://bucket/folder/name')
  ('bucket', 'folder/name')
  """
  match = re.fullmatch(r'\w+://([^/]+)(?:/(.*))?', path, re.DOTALL)
  if not match:
    raise UserError(f"'{path}' names no bucket: gs://BUCKET/NAME")
  return match[1], match[2] or ''


def view(options: Any, kind: Any) -> Any:
  """Beam's options of a kind, from what a launcher or a worker has of them."""
  from apache_beam.options.pipeline_options import PipelineOptions

  if not isinstance(options, PipelineOptions):
    options = PipelineOptions.from_dictionary(options or {})
  return options.view_as(kind)
