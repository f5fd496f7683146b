"""A proxy in front of a server on loopback, which makes calls go wrong.

A test asks for a fault: what the request does, to which object, how often. The
proxy also remembers all calls.
"""

from __future__ import annotations

from collections.abc import Callable
import dataclasses
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
import threading
import time
from urllib.parse import unquote


@dataclasses.dataclass
class Fault:
  """Something that goes wrong with calls.

  Attributes:
    kind: what the call does: 'read', 'write', 'delete', 'list', 'stat',
      'abort', or 'finish' for the last call of an object in parts.
    name: the object's name, or a part of it.
    times: how many calls go wrong; those after them go well.
    after: how many calls go well first.
    status: the proxy answers with it and does not ask the server; or
    delay: the proxy holds the answer for so many seconds; or
    cut: 'open' ends the connection half way, 'silent' sends half as if it were
      all, 'late' does the call and loses the answer.
    hits: how many calls have gone wrong.
  """

  kind: str
  name: str
  times: int = 1
  after: int = 0
  status: int = 0
  delay: float = 0.0
  cut: str = ''
  hits: int = 0


@dataclasses.dataclass
class Call:
  """A request that came: what it does, and a text that names its object."""

  kind: str
  method: str
  where: str
  status: int = 0


class Proxy:
  """Forwards calls to a server, except those that are to go wrong."""

  def __init__(self, host: str, port: int, kind_of: Callable[[str, str], str]):
    self.server = host, port
    self.kind_of = kind_of
    self.faults: list[Fault] = []
    self.calls: list[Call] = []
    self.uploads: dict[str, str] = {}
    self.wipe: Callable[[], None] | None = None  # of the server, if it can
    self.lock = threading.Lock()
    handler = type('Handler', (Handler,), {'proxy': self})
    self._http = ThreadingHTTPServer(('127.0.0.1', 0), handler)
    self._http.daemon_threads = True
    threading.Thread(target=self._http.serve_forever, daemon=True).start()
    self.url = f'http://127.0.0.1:{self._http.server_address[1]}'

  def close(self) -> None:
    self._http.shutdown()
    self._http.server_close()

  def fail(self, kind: str, name: str, **what) -> Fault:
    fault = Fault(kind, name, **what)
    self.faults.append(fault)
    return fault

  def reset(self) -> None:
    self.faults.clear()
    self.calls.clear()

  def count(self, kind: str, name: str = '') -> int:
    return sum(c.kind == kind and name in c.where for c in self.calls)

  def rewrite(self, call: Call, target: str, data: bytes) -> bytes:
    """Returns an answer as it should be, where a server falls short."""
    del call, target
    return data

  def took(
    self, method: str, target: str, body: bytes
  ) -> tuple[Call, Fault | None]:
    """Remembers a call, and finds the fault that it meets, if any."""
    # Google's calls name new objects in their bodies, and uploads by an id.
    where = unquote(target) + body[:400].decode(errors='replace')
    for upload, name in self.uploads.items():
      where += name if upload in target else ''
    call = Call(self.kind_of(method, target), method, where)
    with self.lock:
      self.calls.append(call)
      for fault in self.faults:
        fits = fault.kind == call.kind and fault.name in where
        if fits and fault.after:
          fault.after -= 1
        elif fits and fault.hits < fault.times:
          fault.hits += 1
          return call, fault
    return call, None


class Handler(BaseHTTPRequestHandler):
  proxy: Proxy
  protocol_version = 'HTTP/1.1'
  # Else each answer waits 40 ms until the client has its headers.
  disable_nagle_algorithm = True
  wbufsize = -1

  def handle_expect_100(self) -> bool:
    expected = super().handle_expect_100()
    self.wfile.flush()
    return expected

  def _serve(self) -> None:
    size = int(self.headers.get('Content-Length') or 0)
    if self.headers.get('Transfer-Encoding') == 'chunked':
      body = self._chunks()
    else:
      body = self.rfile.read(size)
    call, fault = self.proxy.took(self.command, self.path, body)
    if fault and fault.status:
      call.status = fault.status
      return self._answer(fault.status, [], b'a fault of the test')
    if fault:
      time.sleep(fault.delay)
    try:
      status, headers, data = self._ask(body)
    except (HTTPException, OSError):
      # A server gives up now and then when many ask at once.
      self.close_connection = True
      return None
    call.status = status
    data = self.proxy.rewrite(call, self.path, data)
    for key, value in headers:
      if 'upload_id=' in value and key.lower() == 'location':
        self.proxy.uploads[value.rpartition('upload_id=')[2]] = call.where
    if fault and fault.cut:
      self.close_connection = True
      if fault.cut == 'late':
        return None
      half = data[: len(data) // 2]
      if fault.cut == 'silent':
        return self._answer(status, headers, half)
      return self._answer(status, headers, half, said=len(data))
    return self._answer(status, headers, data)

  def _chunks(self) -> bytes:
    data = b''
    while size := int(self.rfile.readline().split(b';')[0], 16):
      data += self.rfile.read(size)
      self.rfile.readline()
    while self.rfile.readline().strip():
      pass
    return data

  def _ask(self, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
    connection = HTTPConnection(*self.proxy.server, timeout=30)
    kept = {
      k: v
      for k, v in self.headers.items()
      if k.lower() not in ('connection', 'transfer-encoding', 'expect')
    }
    kept['Content-Length'] = str(len(body))
    connection.request(self.command, self.path, body, kept)
    answer = connection.getresponse()
    data = answer.read()
    connection.close()
    return answer.status, answer.getheaders(), data

  def _answer(
    self,
    status: int,
    headers: list[tuple[str, str]],
    data: bytes,
    said: int | None = None,
  ) -> None:
    self.send_response_only(status)
    own = {'connection', 'transfer-encoding', 'date', 'server'}
    for key, value in headers:
      if key.lower() == 'content-length':
        if self.command == 'HEAD':
          self.send_header(key, value)
      elif key.lower() not in own:
        self.send_header(key, value)
    if self.command != 'HEAD':
      self.send_header(
        'Content-Length', str(len(data) if said is None else said)
      )
    self.end_headers()
    self.wfile.write(data)

  do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = do_PATCH = _serve  # noqa: N815

  def log_message(self, *args: object) -> None:
    pass
