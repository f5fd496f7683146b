"""A cluster on this machine, whose parts are processes that a `with` ends.

All of them talk over loopback only. So do Beam's workers, which they start.
"""

from collections.abc import Callable, Sequence
import contextlib
import json
import os
from pathlib import Path
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from typing import Any, Self
import urllib.request

from support.clusters import job_server

_WORKER = Path(__file__).with_name('beam_worker.py')

_JAVA = (
  # Else every Java process would keep figures of itself in /tmp.
  '-XX:-UsePerfData',
  # For processes that live for a minute, on few cores.
  *('-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC'),
)


class Cluster:
  """What clusters of all engines have in common.

  Attributes:
    engine: its name, as Beam's job server has it.
    folder: holds logs and settings.
    temporary: holds temporary files of the cluster and of its clients.
    jar: Beam's job server, which has the engine too.
  """

  engine: str

  def __init__(self, folder: Path):
    self.folder = folder
    # Java and Beam leave files here when they are killed.
    self.temporary = folder / 'tmp'
    self.jar = job_server.jar(self.engine)

  def __enter__(self) -> Self:
    self._stack = contextlib.ExitStack()
    with self._stack:
      self.temporary.mkdir()
      # Up to a gigabyte, removed last of all, when no process is left.
      self._stack.callback(shutil.rmtree, self.temporary)
      self.start()
      self._stack = self._stack.pop_all()
    return self

  def __exit__(self, *_: object) -> None:
    self._stack.close()

  def start(self) -> None:
    """Starts the parts of the cluster, and waits for them."""
    raise NotImplementedError

  def flags(self) -> list[str]:
    """Flags of a pipeline that is to run here, in processes of its own."""
    boot = self.folder / 'boot'
    worker = shlex.join([sys.executable, str(_WORKER)])
    boot.write_text(f'#!/bin/sh\nexec {worker} "$@"\n')
    boot.chmod(0o755)
    return [
      *('--environment_type', 'PROCESS'),
      *('--environment_config', json.dumps({'command': str(boot)})),
    ]

  def environment(self) -> dict[str, str]:
    """Variables for the parts, and for the commands that use the cluster."""
    return {
      **os.environ,
      'TMPDIR': str(self.temporary),
      # The job server, which Beam starts, takes these too.
      'JAVA_TOOL_OPTIONS': shlex.join(
        [f'-Djava.io.tmpdir={self.temporary}', *_JAVA]
      ),
    }

  def run(self, command: Sequence[str], **more: Any) -> subprocess.Popen[bytes]:
    """Starts a command; the end of the cluster stops it and its children."""
    process = subprocess.Popen(
      command, start_new_session=True, env=self.environment(), **more
    )
    self._stack.callback(_stop, process)
    return process

  def java(self, name: str, main: str, *arguments: str) -> Any:
    """Starts a class of the jar, and logs what it says."""
    command = ['java', '-Xmx400m', *job_server.opened()]
    command += ['-cp', str(self.jar), main, *arguments]
    with (self.folder / f'{name}.log').open('wb') as log:
      return self.run(command, stdout=log, stderr=subprocess.STDOUT)

  def wait(self, condition: Callable[[], bool], seconds: float) -> None:
    """Waits until a condition holds.

    Raises:
      TimeoutError: it takes longer than this many seconds.
    """
    end = time.monotonic() + seconds
    while not condition():
      if time.monotonic() > end:
        raise TimeoutError(f'waited {seconds} s; see the logs in {self.folder}')
      time.sleep(0.1)


def _stop(process: subprocess.Popen[bytes]) -> None:
  """Ends a process and its children, after ten seconds by force."""
  for number in (signal.SIGTERM, signal.SIGKILL):
    with contextlib.suppress(ProcessLookupError):
      os.killpg(process.pid, number)
    end = time.monotonic() + 10
    while is_alive(process) and time.monotonic() < end:
      time.sleep(0.1)
  if is_alive(process):
    raise RuntimeError(f'process group {process.pid} cannot be ended')


def is_alive(process: subprocess.Popen[bytes]) -> bool:
  """Whether a process, or a child of it, still runs."""
  process.poll()
  try:
    os.killpg(process.pid, 0)
  except ProcessLookupError:
    return False
  return True


def get(url: str) -> Any:
  """Asks an interface of a cluster."""
  with urllib.request.urlopen(url, timeout=10) as response:
    return json.load(response)


def free_ports(count: int) -> list[int]:
  with contextlib.ExitStack() as stack:
    found = [stack.enter_context(socket.socket()) for _ in range(count)]
    for each in found:
      each.bind(('127.0.0.1', 0))
    return [each.getsockname()[1] for each in found]
