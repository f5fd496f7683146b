"""A bucket in memory, which records the calls that are made to it."""

from __future__ import annotations

import hashlib
from typing import Any

from ul2_flan.tasks.buckets import client
from ul2_flan.tasks.buckets.client import Fault


class MissingError(Exception):
  """There is no such object."""


class FakeClient:
  """A `client.Client` whose objects are in a dictionary.

  Attributes:
    objects: by path.
    calls: names of the calls, in order.
    failures: what the next calls raise instead of doing what they should.
  """

  @staticmethod
  def settings(options: Any) -> Any:
    return options

  def __init__(self, settings: Any = None):
    self.objects: dict[str, bytes] = {}
    self.calls: list[str] = []
    self.failures: list[Exception] = []

  def call(self, name: str) -> None:
    self.calls.append(name)
    if self.failures:
      raise self.failures.pop(0)

  def fault(self, error: Exception) -> Fault | None:
    if isinstance(error, MissingError):
      return Fault(404, is_transient=False)
    if isinstance(error, ConnectionError):
      return Fault(0, is_transient=True)
    return None

  def size(self, path: str) -> int:
    self.call('size')
    if path not in self.objects:
      raise MissingError(path)
    return len(self.objects[path])

  def version(self, path: str) -> str:
    self.call('version')
    if path not in self.objects:
      raise MissingError(path)
    return hashlib.sha256(self.objects[path]).hexdigest()

  def page(
    self, prefix: str, token: str | None
  ) -> tuple[list[tuple[str, int]], str | None]:
    self.call('page')
    below = sorted(p for p in self.objects if p.startswith(prefix))
    start = int(token or 0)
    stop = start + client.PAGE
    found = [(p, len(self.objects[p])) for p in below[start:stop]]
    return found, str(stop) if stop < len(below) else None

  def read(self, path: str, start: int, end: int) -> bytes:
    self.call('read')
    return self.objects[path][start:end]

  def put(self, path: str, data: bytes) -> None:
    self.call('put')
    self.objects[path] = data

  def put_first(self, path: str, data: bytes) -> bool:
    self.call('put_first')
    return self.objects.setdefault(path, data) is data

  def begin(self, path: str) -> FakeUpload:
    self.call('begin')
    return FakeUpload(self, path)

  def delete(self, path: str) -> None:
    self.call('delete')
    self.objects.pop(path, None)


class FakeUpload:
  """An upload to a `FakeClient`."""

  tries: int | None = None

  def __init__(self, client: FakeClient, path: str):
    self._client = client
    self._path = path
    self.parts: list[bytes] = []

  def part(self, data: bytes) -> None:
    self._client.call('part')
    self.parts.append(data)

  def complete(self, data: bytes) -> None:
    self._client.call('complete')
    self._client.objects[self._path] = b''.join([*self.parts, data])

  def abort(self) -> None:
    self._client.call('abort')
