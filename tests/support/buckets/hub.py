"""Hugging Face's hub on loopback: three routes, and what may go wrong."""

from __future__ import annotations

from collections.abc import Iterator
import contextlib
import dataclasses
import hashlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
import json
import threading
from urllib.parse import parse_qs, unquote, urlsplit

PAGE = 3  # entries of a page of a listing


@dataclasses.dataclass
class Hub:
  """What a hub has, and what it was asked.

  Attributes:
    repos: `datasets/org/name` or `org/name` -> branch -> files. A branch with
      other files is at another commit.
    token: that it wants; '' for none.
    faults: statuses that the next answers have, with seconds of Retry-After.
    cut: how many of the next answers with bytes end half way.
    others: files at other paths, as a host of archives has them.
    moved: whether these are at another path, to which an answer leads.
    ranges: whether these come by ranges.
    asked: method and path of all requests.
    tokens: what the Authorization of each request was.
  """

  repos: dict[str, dict[str, dict[str, bytes]]]
  token: str = ''
  faults: list[tuple[int, str]] = dataclasses.field(default_factory=list)
  cut: int = 0
  others: dict[str, bytes] = dataclasses.field(default_factory=dict)
  moved: bool = False
  ranges: bool = True
  asked: list[str] = dataclasses.field(default_factory=list)
  tokens: list[str] = dataclasses.field(default_factory=list)
  url: str = ''

  def commit(self, repo: str, branch: str = 'main') -> str:
    told = repr((repo, sorted(self.repos[repo][branch].items())))
    return hashlib.sha1(told.encode()).hexdigest()

  def files_at(self, repo: str, revision: str) -> dict[str, bytes] | None:
    branches = self.repos.get(repo, {})
    for branch, files in branches.items():
      if revision in (branch, self.commit(repo, branch)):
        return files
    return None

  @contextlib.contextmanager
  def served(self) -> Iterator[Hub]:
    """Serves until the body ends."""

    class Handler(_Handler):
      hub = self

    server = ThreadingHTTPServer(('127.0.0.1', 0), Handler)
    self.url = f'http://127.0.0.1:{server.server_port}'
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
      yield self
    finally:
      server.shutdown()
      server.server_close()
      thread.join()


class _Handler(BaseHTTPRequestHandler):
  hub: Hub

  def log_message(self, *args: object) -> None:
    """Says nothing."""

  def do_HEAD(self) -> None:
    self.do_GET()

  def do_GET(self) -> None:
    hub = self.hub
    hub.asked.append(f'{self.command} {unquote(self.path)}')
    hub.tokens.append(self.headers.get('Authorization', ''))
    if hub.faults:
      status, wait = hub.faults.pop(0)
      return self.answer(status, b'', {'Retry-After': wait} if wait else {})
    if hub.token and hub.tokens[-1] != f'Bearer {hub.token}':
      return self.answer(401, b'')
    address = urlsplit(self.path)
    path = unquote(address.path).lstrip('/')
    if path.removeprefix('moved/') in hub.others:
      return self.other(path)
    for repo in hub.repos:
      api = 'api/' + (
        repo if repo.startswith('datasets/') else f'models/{repo}'
      )
      if path.startswith(f'{api}/revision/'):
        revision = path.removeprefix(f'{api}/revision/')
        if hub.files_at(repo, revision) is None:
          return self.answer(404, b'')
        sha = hub.commit(repo, revision)
        # What `huggingface_hub` wants to know besides.
        names = [{'rfilename': name} for name in hub.files_at(repo, sha) or ()]
        id_ = repo.removeprefix('datasets/')
        told = {'sha': sha, 'id': id_, 'siblings': names}
        return self.answer(200, json.dumps(told).encode())
      if path.startswith(f'{api}/tree/'):
        return self.tree(repo, path.removeprefix(f'{api}/tree/'), address.query)
      if path.startswith(f'{repo}/resolve/'):
        return self.file(repo, path.removeprefix(f'{repo}/resolve/'))
    return self.answer(404, b'')

  def other(self, path: str) -> None:
    if self.hub.moved and not path.startswith('moved/'):
      return self.answer(302, b'', {'Location': f'/moved/{path}'})
    data = self.hub.others[path.removeprefix('moved/')]
    etag = f'"{hashlib.sha256(data).hexdigest()}"'
    asked = self.headers.get('Range')
    if asked and self.hub.ranges and self.headers.get('If-Range') == etag:
      start = int(asked.removeprefix('bytes=').partition('-')[0])
      if start >= len(data):
        return self.answer(416, b'')
      return self.answer(206, data[start:], {'ETag': etag})
    return self.answer(200, data, {'ETag': etag})

  def tree(self, repo: str, rest: str, query: str) -> None:
    commit, _, folder = rest.partition('/')
    files = self.hub.files_at(repo, commit) or {}
    inside = [
      {
        'type': 'file',
        'path': name,
        'size': len(data),
        'oid': hashlib.sha1(data).hexdigest(),
      }
      for name, data in sorted(files.items())
      if not folder or name.startswith(f'{folder}/')
    ]
    if not inside:
      return self.answer(404, b'')
    inside.insert(0, {'type': 'directory', 'path': 'x', 'oid': 'x'})
    start = int(parse_qs(query).get('cursor', ['0'])[0])
    headers = {}
    if start + PAGE < len(inside):
      route = self.path.partition('?')[0]
      url = f'{self.hub.url}{route}?recursive=true&cursor={start + PAGE}'
      headers = {'Link': f'<{url}>; rel="next"'}
    page = json.dumps(inside[start : start + PAGE]).encode()
    self.answer(200, page, headers)

  def file(self, repo: str, rest: str) -> None:
    commit, _, name = rest.partition('/')
    data = (self.hub.files_at(repo, commit) or {}).get(name)
    if data is None:
      return self.answer(404, b'')
    headers = {
      'ETag': f'"{hashlib.sha256(data).hexdigest()}"',
      'X-Repo-Commit': commit,
    }
    if asked := self.headers.get('Range'):
      start, _, stop = asked.removeprefix('bytes=').partition('-')
      data = data[int(start) : int(stop or len(data)) + 1]
      return self.answer(206, data, headers)
    return self.answer(200, data, headers)

  def answer(
    self, status: int, data: bytes, headers: dict[str, str] | None = None
  ) -> None:
    self.send_response(status)
    self.send_header('Content-Length', str(len(data)))
    for name, value in (headers or {}).items():
      self.send_header(name, value)
    self.end_headers()
    if self.command == 'HEAD':
      return
    if self.hub.cut and status in (200, 206) and len(data) > 1:
      self.hub.cut -= 1
      data = data[: len(data) // 2]
      self.close_connection = True
    self.wfile.write(data)
