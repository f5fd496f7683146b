"""A Flink cluster on this machine: one job manager and some task managers.

Each is a process, and so are Beam's workers, which the task managers start. All
of them talk over loopback only.
"""

from collections.abc import Callable
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
from typing import Any
import urllib.request

from support.flink.files import FLINK, ROOT, job_server_jar, version

# Flink looks into these packages of Java; its conf/config.yaml lists the same.
_OPENED = (
  *('lang', 'lang.reflect', 'net', 'io', 'nio', 'text', 'time', 'util'),
  *('util.concurrent', 'util.concurrent.atomic', 'util.concurrent.locks'),
)

_LOGGING = """
rootLogger.level = INFO
rootLogger.appenderRef.console.ref = console
appender.console.name = console
appender.console.type = CONSOLE
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d{HH:mm:ss} %p %c{1} %m%n
"""

# A task manager takes some 700 MB. After ten seconds the job manager misses one
# that was killed, and begins the job again on the others, whose slots suffice.
_SETTINGS = {
  'jobmanager.rpc.address': '127.0.0.1',
  'jobmanager.bind-host': '127.0.0.1',
  'jobmanager.memory.process.size': '1g',
  'rest.address': '127.0.0.1',
  'rest.bind-address': '127.0.0.1',
  'taskmanager.host': '127.0.0.1',
  'taskmanager.bind-host': '127.0.0.1',
  'taskmanager.numberOfTaskSlots': 2,
  'taskmanager.load-balance.mode': 'SLOTS',
  'taskmanager.cpu.cores': 1,
  'taskmanager.memory.framework.heap.size': '128m',
  'taskmanager.memory.framework.off-heap.size': '128m',
  'taskmanager.memory.task.heap.size': '256m',
  'taskmanager.memory.task.off-heap.size': '64m',
  'taskmanager.memory.network.min': '64m',
  'taskmanager.memory.network.max': '64m',
  'taskmanager.memory.managed.size': '128m',
  'taskmanager.memory.jvm-metaspace.size': '256m',
  'taskmanager.memory.jvm-overhead.min': '192m',
  'taskmanager.memory.jvm-overhead.max': '192m',
  'heartbeat.interval': 1000,
  'heartbeat.timeout': 10000,
  'restart-strategy.type': 'fixed-delay',
  'restart-strategy.fixed-delay.attempts': 3,
  'restart-strategy.fixed-delay.delay': '3 s',
}


class FlinkCluster:
  """A cluster that runs until the end of a `with`.

  Attributes:
    folder: holds the logs and the settings.
    temporary: holds temporary files of the cluster and of its clients.
    url: the address of the REST interface.
    task_managers: their processes.
  """

  def __init__(self, folder: Path, task_managers: int = 2):
    self.folder = folder
    # Java and Beam leave files here when they are killed.
    self.temporary = folder / 'tmp'
    self._wanted = task_managers
    self.task_managers: list[subprocess.Popen[bytes]] = []
    self.url = ''

  def __enter__(self) -> 'FlinkCluster':
    self._stack = contextlib.ExitStack()
    with self._stack:
      rpc, rest = _free_ports(2)
      self.url = f'http://127.0.0.1:{rest}'
      self.temporary.mkdir()
      # Some 200 MB, removed last of all, when no process is left.
      self._stack.callback(shutil.rmtree, self.temporary)
      own = {'jobmanager.rpc.port': rpc, 'rest.port': rest}
      own['io.tmp.dirs'] = str(self.temporary)
      text = [f'{k}: {v}' for k, v in (_SETTINGS | own).items()]
      (self.folder / 'config.yaml').write_text('\n'.join(text) + '\n')
      (self.folder / 'log4j.properties').write_text(_LOGGING)
      self._start(
        'job_manager', 'entrypoint.StandaloneSessionClusterEntrypoint'
      )
      for _ in range(self._wanted):
        self.add_task_manager()
      self.wait(self.is_whole, 90)
      self._stack = self._stack.pop_all()
    return self

  def __exit__(self, *_: object) -> None:
    self._stack.close()

  def add_task_manager(self) -> None:
    """Starts one more; it is part of the cluster some seconds later."""
    name = f'task_manager_{len(self.task_managers)}'
    self.task_managers.append(
      self._start(name, 'taskexecutor.TaskManagerRunner')
    )

  def is_whole(self) -> bool:
    """Whether as many task managers are there as there should be."""
    return self._registered() == self._wanted

  def get(self, path: str) -> Any:
    """Asks the REST interface."""
    with urllib.request.urlopen(self.url + path, timeout=10) as response:
      return json.load(response)

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

  def flags(self) -> list[str]:
    """Flags of a pipeline that is to run here, in two workers."""
    boot = self.folder / 'boot'
    worker = [
      sys.executable,
      str(ROOT / 'tests' / 'support' / 'flink' / 'beam_worker.py'),
    ]
    boot.write_text(f'#!/bin/sh\nexec {shlex.join(worker)} "$@"\n')
    boot.chmod(0o755)
    return [
      *('--runner', 'FlinkRunner', '--flink_master', self.url),
      *('--flink_version', version()),
      *('--flink_job_server_jar', job_server_jar(version())),
      *('--environment_type', 'PROCESS'),
      *('--environment_config', json.dumps({'command': str(boot)})),
      *('--parallelism', '2'),
    ]

  def run(self, command: list[str], **more: Any) -> subprocess.Popen[bytes]:
    """Starts a command; the end of the cluster stops it and its children."""
    environment = {
      **os.environ,
      'FLINK_PLUGINS_DIR': str(FLINK / 'plugins'),
      'TMPDIR': str(self.temporary),
      # The job server, which Beam starts, takes these too. Without the second,
      # every Java process would keep figures of itself in /tmp.
      'JAVA_TOOL_OPTIONS': (
        f'-Djava.io.tmpdir={self.temporary} -XX:-UsePerfData'
      ),
    }
    process = subprocess.Popen(
      command, start_new_session=True, env=environment, **more
    )
    self._stack.callback(_stop, process)
    return process

  def _start(self, name: str, main: str) -> subprocess.Popen[bytes]:
    command = ['java', '-Xmx400m']
    for package in (*(f'java.{p}' for p in _OPENED), 'sun.nio.ch'):
      command += ['--add-opens', f'java.base/{package}=ALL-UNNAMED']
    command.append(
      f'-Dlog4j.configurationFile={self.folder / "log4j.properties"}'
    )
    command += ['-cp', f'{FLINK / "lib"}/*', f'org.apache.flink.runtime.{main}']
    command += ['--configDir', str(self.folder)]
    with (self.folder / f'{name}.log').open('wb') as log:
      return self.run(command, stdout=log, stderr=subprocess.STDOUT)

  def _registered(self) -> int:
    try:
      return self.get('/overview')['taskmanagers']
    except OSError:  # it does not listen yet
      return 0


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


def _free_ports(count: int) -> list[int]:
  with contextlib.ExitStack() as stack:
    found = [stack.enter_context(socket.socket()) for _ in range(count)]
    for each in found:
      each.bind(('127.0.0.1', 0))
    return [each.getsockname()[1] for each in found]
