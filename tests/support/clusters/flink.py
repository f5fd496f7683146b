"""A Flink cluster on this machine: one job manager and some task managers."""

from pathlib import Path
import subprocess
from typing import Any

from support.clusters.cluster import Cluster, free_ports, get

_TASK_MANAGERS = 2

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


class FlinkCluster(Cluster):
  """A cluster that runs until the end of a `with`.

  Attributes:
    url: the address of the REST interface.
    task_managers: their processes.
  """

  engine = 'flink'

  def __init__(self, folder: Path):
    super().__init__(folder)
    self.task_managers: list[subprocess.Popen[bytes]] = []
    self.url = ''

  def start(self) -> None:
    rpc, rest = free_ports(2)
    self.url = f'http://127.0.0.1:{rest}'
    own = {'jobmanager.rpc.port': rpc, 'rest.port': rest}
    own['io.tmp.dirs'] = str(self.temporary)
    text = [f'{k}: {v}' for k, v in (_SETTINGS | own).items()]
    (self.folder / 'config.yaml').write_text('\n'.join(text) + '\n')
    self._part('job_manager', 'entrypoint.StandaloneSessionClusterEntrypoint')
    for _ in range(_TASK_MANAGERS):
      self.add_task_manager()
    self.wait(self.is_whole, 90)

  def add_task_manager(self) -> None:
    """Starts one more; it is part of the cluster some seconds later."""
    name = f'task_manager_{len(self.task_managers)}'
    self.task_managers.append(
      self._part(name, 'taskexecutor.TaskManagerRunner')
    )

  def is_whole(self) -> bool:
    """Whether as many task managers are there as there should be."""
    try:
      return bool(self.get('/overview')['taskmanagers'] == _TASK_MANAGERS)
    except OSError:  # it does not listen yet
      return False

  def get(self, path: str) -> Any:
    """Asks the REST interface."""
    return get(self.url + path)

  def flags(self) -> list[str]:
    return [
      *('--runner', 'FlinkRunner', '--flink_master', self.url),
      *('--flink_job_server_jar', str(self.jar), '--parallelism', '2'),
      *super().flags(),
    ]

  def _part(self, name: str, main: str) -> subprocess.Popen[bytes]:
    main = f'org.apache.flink.runtime.{main}'
    return self.java(name, main, '--configDir', str(self.folder))
