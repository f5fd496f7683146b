"""Downloads one file: goes on where it was cut, backs off, checks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import requests
import urllib3

from ul2_flan.tasks.buckets import retries, web
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.fetch.lock import sha256_of

_BYTES = 1 << 20

# What breaks while bytes come.
_CUT = (requests.RequestException, urllib3.exceptions.HTTPError, OSError)


def download(
  url: str,
  path: Path,
  *,
  sha256: str = '',
  progress: Callable[[int], None] = lambda count: None,
) -> None:
  """Downloads a file to a path, in whose place there may be a part of it.

  A server that gives ranges goes on after the part, if the file is the same;
  another gives all again. As long as bytes come, it is tried again without end.

  Args:
    url: of the file.
    path: where it goes; beside it lies its version, until it is complete.
    sha256: that it must have; '' if nobody knows.
    progress: is told how many bytes have come.

  Raises:
    OSError: no byte came at any of `retries.TRIES` tries, or it is not there.
    UserError: its checksum is another. The file is removed.
  """
  path.parent.mkdir(parents=True, exist_ok=True)
  while not retries.attempt(
    'fetch', url, lambda: _some(url, path, progress), web.fault
  ):
    pass
  _version_of(path).unlink(missing_ok=True)
  check(path, sha256, url)


def check(path: Path, sha256: str, where: str) -> None:
  """Checks what was got, and removes what is another.

  Args:
    path: of the file.
    sha256: that it must have; '' if nobody knows.
    where: it is from, for the message.

  Raises:
    UserError: its checksum is another.
  """
  if sha256 and (got := sha256_of(path)) != sha256:
    path.unlink()
    raise UserError(
      f'{where} has the SHA-256 {got}, and must have {sha256}: it has changed, '
      'or something on the way changes it'
    )


def _some(url: str, path: Path, progress: Callable[[int], None]) -> bool:
  """Gets what it can of a file; returns whether that is all.

  Raises:
    WebError: nothing came.
  """
  have = path.stat().st_size if path.exists() else 0
  version = _version_of(path)
  headers = {}
  if have and version.exists():
    # If the file is another by now, all of it comes.
    headers = {'Range': f'bytes={have}-', 'If-Range': version.read_text()}
  try:
    answer = web.call('GET', url, headers, stream=True)
  except web.WebError as e:
    if e.status == 416:  # there is nothing after what we have
      return True
    raise
  goes_on = answer.status_code == 206
  wanted = answer.headers.get('Content-Length')
  if etag := answer.headers.get('ETag', ''):
    version.write_text(etag)
  came = 0
  with answer, path.open('ab' if goes_on else 'wb') as file:
    try:
      # Else what came before a cut would be lost; we look at the length below.
      answer.raw.enforce_content_length = False
      while data := answer.raw.read(_BYTES):
        file.write(data)
        came += len(data)
        progress(len(data))
    except _CUT as e:
      if not came:
        raise web.broken(e, url) from None
      return False
  if wanted is not None and came < int(wanted):
    if not came:
      raise web.WebError(0, 'the connection ended before any byte')
    return False
  return True


def _version_of(path: Path) -> Path:
  return path.with_name(f'{path.name}.etag')
