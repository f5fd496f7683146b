"""A Spark cluster on this machine: a master, and two workers with one core."""

from pathlib import Path

from support.clusters.cluster import Cluster, free_ports, get

_WORKERS = 2


class SparkCluster(Cluster):
  """A cluster that runs until the end of a `with`."""

  engine = 'spark'

  def __init__(self, folder: Path):
    super().__init__(folder)
    self._port, self._page = free_ports(2)

  def start(self) -> None:
    # The home of Spark: workers start executors with the jars that lie there.
    home = self.folder / 'jars'
    home.mkdir()
    (home / 'spark.jar').symlink_to(self.jar)
    here = ('--host', '127.0.0.1')
    ports = ('--port', str(self._port), '--webui-port', str(self._page))
    self._part('master', 'master.Master', *here, *ports)
    for i in range(_WORKERS):
      size = ('--cores', '1', '--memory', '1g', '--webui-port', '0')
      work = ('--work-dir', str(self.temporary / f'worker_{i}'))
      self._part(f'worker_{i}', 'worker.Worker', *here, *size, *work, self.url)
    self.wait(self.is_whole, 90)

  @property
  def url(self) -> str:
    return f'spark://127.0.0.1:{self._port}'

  def is_whole(self) -> bool:
    """Whether all workers are there."""
    try:
      page = get(f'http://127.0.0.1:{self._page}/json/')
    except OSError:  # it does not listen yet
      return False
    return bool(page['aliveworkers'] == _WORKERS)

  def flags(self) -> list[str]:
    return [
      *('--runner', 'SparkRunner', '--spark_master_url', self.url),
      *('--spark_job_server_jar', str(self.jar), *super().flags()),
    ]

  def environment(self) -> dict[str, str]:
    given = super().environment()
    # Spark reads settings from properties of Java, also those of the driver.
    settings = {
      'driver.host': '127.0.0.1',
      'driver.bindAddress': '127.0.0.1',
      'ui.enabled': 'false',
      'executor.memory': '512m',
      'local.dir': str(self.temporary),
    }
    given['JAVA_TOOL_OPTIONS'] += ''.join(
      f' -Dspark.{name}={value}' for name, value in settings.items()
    )
    return given | {
      'SPARK_HOME': str(self.folder),
      'SPARK_LOCAL_IP': '127.0.0.1',
      # Else Spark looks for the folders of a build, to see which Scala it has.
      'SPARK_SCALA_VERSION': '2.12',
    }

  def _part(self, name: str, main: str, *arguments: str) -> None:
    self.java(name, f'org.apache.spark.deploy.{main}', *arguments)
