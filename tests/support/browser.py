"""A real browser without a window: Chromium, by its DevTools protocol.

Commands and answers are JSON objects, each ended by a zero byte, in two pipes.
The protocol's own pages say what they hold.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
import contextlib
import json
import os
from pathlib import Path
import shutil
import subprocess
import tempfile
from typing import Any, BinaryIO

PROGRAMS = ('chromium', 'chromium-browser', 'google-chrome')


def program() -> str | None:
  """The path of a browser; None if this machine has none."""
  return next(filter(None, map(shutil.which, PROGRAMS)), None)


class Browser:
  """A browser with one page.

  Attributes:
    console: what the page and the browser's log have said: level and text.
  """

  def __init__(self, read: BinaryIO, write: BinaryIO):
    self.console: list[tuple[str, str]] = []
    self._read, self._write = read, write
    self._rest = b''
    self._number = 0
    self._events: list[str] = []
    self._session = ''
    target = self.call('Target.createTarget', url='about:blank')
    attached = self.call(
      'Target.attachToTarget', targetId=target['targetId'], flatten=True
    )
    self._session = attached['sessionId']
    for domain in ('Page', 'Runtime', 'Log', 'DOM'):
      self.call(f'{domain}.enable')

  def call(self, method: str, **params: Any) -> dict[str, Any]:
    """Gives a command, and waits for its result."""
    self._number += 1
    command = {'id': self._number, 'method': method, 'params': params}
    if self._session:
      command['sessionId'] = self._session
    self._write.write(json.dumps(command).encode() + b'\0')
    while True:
      message = self._next()
      if message.get('id') == self._number:
        if 'error' in message:
          raise RuntimeError(f'{method}: {message["error"]}')
        result: dict[str, Any] = message['result']
        return result

  def open(self, path: Path, width: int, height: int = 900) -> None:
    """Opens a file in a window of this size, and waits until it is loaded."""
    self.call(
      'Emulation.setDeviceMetricsOverride',
      width=width,
      height=height,
      deviceScaleFactor=1,
      mobile=False,
    )
    self._events.clear()
    self.call('Page.navigate', url=path.as_uri())
    while 'Page.loadEventFired' not in self._events:
      self._next()

  def value(self, expression: str) -> Any:
    """Evaluates JavaScript on the page."""
    result = self.call(
      'Runtime.evaluate', expression=expression, returnByValue=True
    )
    if 'exceptionDetails' in result:
      raise RuntimeError(result['exceptionDetails'])
    return result['result'].get('value')

  def hover(self, selector: str) -> None:
    """Moves the mouse to the middle of an element."""
    x, y = self.value(
      f'(() => {{ const e = document.querySelector({json.dumps(selector)});'
      'e.scrollIntoView({block: "center"});'
      'const r = e.getBoundingClientRect();'
      'return [r.x + r.width / 2, r.y + r.height / 2]; })()'
    )
    self.call('Input.dispatchMouseEvent', type='mouseMoved', x=x, y=y)

  def _next(self) -> Mapping[str, Any]:
    while b'\0' not in self._rest:
      data = self._read.read(1 << 16)
      if not data:
        raise RuntimeError('the browser has ended')
      self._rest += data
    line, _, self._rest = self._rest.partition(b'\0')
    message: Mapping[str, Any] = json.loads(line)
    method, params = message.get('method', ''), message.get('params', {})
    self._events.append(method)
    if method == 'Log.entryAdded':
      entry = params['entry']
      self.console.append((entry['level'], entry['text']))
    elif method == 'Runtime.consoleAPICalled':
      self.console.append((params['type'], str(params['args'])))
    elif method == 'Runtime.exceptionThrown':
      self.console.append(('error', str(params['exceptionDetails'])))
    return message


@contextlib.contextmanager
def browser(name: str, folder: Path) -> Iterator[Browser]:
  """Runs a browser, whose own files go to a folder."""
  # Its socket lies in its temporary folder, and a socket's path may have 107
  # bytes: one below pytest's is too long.
  with tempfile.TemporaryDirectory(prefix='c', dir='/tmp') as short:
    yield from _browser(name, folder, short)


def _browser(name: str, folder: Path, short: str) -> Iterator[Browser]:
  (ours, its_out), (its_in, theirs) = os.pipe(), os.pipe()
  flags = ['--headless=new', '--remote-debugging-pipe', '--disable-gpu']
  # Root may not use the sandbox. The page is ours, and nothing else is opened.
  flags += ['--no-sandbox', '--no-first-run', f'--user-data-dir={folder}/data']
  folder.mkdir(exist_ok=True)
  # The browser reads from descriptor 3 and writes to 4.
  script = f'exec "$@" 3<&{its_in} 4>&{its_out}'
  process = subprocess.Popen(
    ['bash', '-c', script, 'bash', name, *flags],
    pass_fds=(its_in, its_out),
    env={**os.environ, 'HOME': str(folder), 'TMPDIR': short},
    stdout=subprocess.DEVNULL,
    stderr=subprocess.DEVNULL,
  )
  os.close(its_in)
  os.close(its_out)
  try:
    with open(ours, 'rb', 0) as read, open(theirs, 'wb', 0) as write:
      page = Browser(read, write)
      yield page
      page._session = ''
      page.call('Browser.close')
  finally:
    with contextlib.suppress(subprocess.TimeoutExpired):
      process.wait(5)
    process.kill()
    process.wait()
