"""Repositories of Hugging Face's hub, read through its three routes.

    /api/datasets/REPO/revision/REV            which commit a branch is at
    /api/datasets/REPO/tree/COMMIT/FOLDER      what is there, page by page
    /datasets/REPO/resolve/COMMIT/FILE         bytes, by ranges

A path is `hf://datasets/ORG/NAME[@REV]/FILE`, or `hf://ORG/NAME/FILE` of a
model. `HF_ENDPOINT` names another hub, `HF_TOKEN` or the file that
`hf auth login` writes has the token. It goes to the hub alone, not where the
hub sends us for the bytes, and stands in no message.
"""

from __future__ import annotations

import dataclasses
import functools
import os
from pathlib import Path
import re
from typing import Any, NoReturn
from urllib.parse import quote, urljoin, urlsplit

import requests

from ul2_flan.tasks.buckets import retries, web
from ul2_flan.tasks.buckets.bucket import Bucket
from ul2_flan.tasks.buckets.client import Fault, Upload
from ul2_flan.tasks.buckets.hub_path import HubPath
from ul2_flan.tasks.buckets.web import WebError
from ul2_flan.tasks.errors import UserError

_ENDPOINT = 'https://huggingface.co'
_COMMIT = re.compile(r'[0-9a-f]{40}')
_REDIRECTS = 5


class HfClient:
  """A `client.Client` for `hf://`; safe to share between threads."""

  @staticmethod
  def settings(options: Any = None) -> tuple[str, str]:
    """Takes the endpoint and the token from the environment."""
    del options  # Beam has none for the hub
    endpoint = os.environ.get('HF_ENDPOINT') or _ENDPOINT
    return endpoint.rstrip('/'), _token()

  def __init__(self, settings: tuple[str, str]):
    """Makes the client; calls nothing yet."""
    self._endpoint, self._token = settings
    # Per process: all of a run's reads of a branch see the same commit.
    self.commit = functools.cache(self._commit)

  def fault(self, error: Exception) -> Fault | None:
    return web.fault(error)

  def size(self, path: str) -> int:
    headers = self._head(path)
    # Of a large file the answer itself is only where it lies.
    return int(headers.get('X-Linked-Size') or headers['Content-Length'])

  def version(self, path: str) -> str:
    headers = self._head(path)
    return headers.get('X-Linked-Etag') or headers.get('ETag', '')

  def page(
    self, prefix: str, token: str | None
  ) -> tuple[list[tuple[str, int]], str | None]:
    given = HubPath.parse(prefix)
    folder = given.name.rpartition('/')[0]
    commit = self.commit(given.kind, given.repo, given.revision)
    url = token or (
      f'{self._endpoint}/api/{given.kind or "models/"}{given.repo}/tree/'
      f'{commit}/{quote(folder)}'.rstrip('/')
      + '?recursive=true'
    )
    try:
      answer = self._get(url)
    except WebError as e:
      if e.status == 404:  # no such folder
        return [], None
      raise
    beginning = prefix if f'@{commit}/' in prefix else given.at(commit)
    listed = (
      (dataclasses.replace(given, name=entry['path']).at(commit), entry)
      for entry in answer.json()
      if entry['type'] == 'file'
    )
    objects = [
      (path, int(entry['size']))
      for path, entry in listed
      if path.startswith(beginning)
    ]
    return objects, self._next(answer)

  def _next(self, answer: requests.Response) -> str | None:
    url = answer.links.get('next', {}).get('url')
    if url and urlsplit(url).netloc != urlsplit(self._endpoint).netloc:
      raise WebError(0, 'the next page of a listing is on another host')
    return url

  def read(self, path: str, start: int, end: int) -> bytes:
    answer = self._get(
      self._resolve(path), {'Range': f'bytes={start}-{end - 1}'}
    )
    data: bytes = answer.content
    # Some proxies know no ranges, and send all.
    return data if answer.status_code == 206 else data[start:end]

  def put(self, path: str, data: bytes) -> None:
    _refuse(path)

  def put_first(self, path: str, data: bytes) -> bool:
    _refuse(path)

  def begin(self, path: str) -> Upload:
    _refuse(path)

  def delete(self, path: str) -> None:
    _refuse(path)

  def _commit(self, kind: str, repo: str, revision: str) -> str:
    if _COMMIT.fullmatch(revision):
      return revision
    url = (
      f'{self._endpoint}/api/{kind or "models/"}{repo}/revision/'
      f'{quote(revision, safe="")}'
    )
    return str(self._get(url).json()['sha'])

  def _resolve(self, path: str) -> str:
    given = HubPath.parse(path)
    commit = self.commit(given.kind, given.repo, given.revision)
    return (
      f'{self._endpoint}/{given.kind}{given.repo}/resolve/{commit}/'
      f'{quote(given.name)}'
    )

  def _head(self, path: str) -> Any:
    url = self._resolve(path)
    for _ in range(_REDIRECTS):
      answer = self._call('HEAD', url, {}, redirects=False)
      # Of a large file the first answer tells all; of a repository with a new
      # name it tells where that is.
      if 'X-Linked-Size' in answer.headers or not answer.is_redirect:
        return answer.headers
      url = urljoin(url, answer.headers['Location'])
    raise WebError(0, 'the hub redirects without end')

  def _get(self, url: str, headers: Any = None) -> requests.Response:
    return self._call('GET', url, headers or {}, redirects=True)

  def _call(
    self, method: str, url: str, headers: dict[str, str], *, redirects: bool
  ) -> requests.Response:
    """Makes a call with the token, if there is one."""
    if self._token:
      headers = {'Authorization': f'Bearer {self._token}', **headers}
    return web.call(method, url, headers, redirects=redirects)


class HfBucket(Bucket):
  """The hub's repositories; what is listed is pinned to a commit."""

  def match(self, pattern: str) -> list[tuple[str, int]]:
    return super().match(self.pinned(pattern))

  def below(self, folder: str) -> list[tuple[str, int]]:
    return super().below(self.pinned(folder))

  def pinned(self, path: str) -> str:
    """Returns a path with the commit that its branch is at."""
    given = HubPath.parse(path)
    commit = retries.attempt(
      'find the commit of',
      path,
      lambda: self._client.commit(given.kind, given.repo, given.revision),  # type: ignore[attr-defined]
      self._client.fault,
    )
    return given.at(commit)


def _token() -> str:
  """Returns the token, from where the hub's own tools look; '' for none."""
  for name in ('HF_TOKEN', 'HUGGING_FACE_HUB_TOKEN'):
    if os.environ.get(name):
      return os.environ[name].strip()
  cache = os.environ.get('XDG_CACHE_HOME') or '~/.cache'
  home = os.environ.get('HF_HOME') or f'{cache}/huggingface'
  path = os.environ.get('HF_TOKEN_PATH') or f'{home}/token'
  try:
    return Path(path).expanduser().read_text().strip()
  except (OSError, UnicodeDecodeError):
    return ''


def _refuse(path: str) -> NoReturn:
  raise UserError(
    f"'{path}': hf:// is read only. Write to a disk, to gs:// or s3://, and "
    "upload the output with 'hf upload-large-folder'"
  )
