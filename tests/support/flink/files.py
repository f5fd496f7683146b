"""Finds Flink, and Beam's job server for it.

Flink is PyPI's `apache-flink-libraries`, which `make .flink` puts below
`.flink`. The job server is the jar that BEAM_FLINK_JOB_SERVER_JAR names, or the
one that Beam fetches for its version.
"""

import logging
import os
from pathlib import Path
import re
import shutil
import sys

from apache_beam.runners.portability.job_server import JavaJarJobServer

ROOT = Path(__file__).parents[3]
FLINK = ROOT / '.flink' / 'pyflink'
JAR = 'BEAM_FLINK_JOB_SERVER_JAR'


def version() -> str:
  """The version of the Flink below `.flink`, as --flink_version takes it."""
  (jar,) = (FLINK / 'lib').glob('flink-dist-*.jar')
  return '.'.join(jar.stem.split('-')[2].split('.')[:2])


def job_server_jar(flink_version: str) -> str:
  """Returns the path of the jar; the first time, Beam may fetch it.

  Raises:
    RuntimeError: there is no jar, and none can be fetched.
  """
  if path := os.environ.get(JAR):
    if not Path(path).is_file():
      raise RuntimeError(f'{JAR} names {path}, which is no file')
    return path
  target = f':runners:flink:{flink_version}:job-server:shadowJar'
  try:
    return JavaJarJobServer.local_jar(JavaJarJobServer.path_to_beam_jar(target))
  except RuntimeError as e:
    # Beam's message also lists every place that it has tried.
    why = re.search(r'HTTP Error \d+|urlopen error [^>]*', str(e))
    raise RuntimeError(
      f"Beam's job server for Flink {flink_version} cannot be fetched here "
      f'({why[0] if why else e}); {JAR} may name one'
    ) from e


def missing() -> str:
  """Says why no cluster can start here; empty if one can."""
  if not shutil.which('java'):
    return 'needs Java'
  if not FLINK.with_name('installed').exists():
    return 'needs Flink: `make flink-test` fetches it'
  try:
    job_server_jar(version())
  except RuntimeError as e:
    return str(e)
  return ''


if __name__ == '__main__':
  logging.disable()  # Beam has much to say about a download
  # The Makefile asks this before it fetches Flink: can its jobs run at all?
  if not shutil.which('java'):
    sys.exit('error: Flink needs Java')
  try:
    print(job_server_jar(sys.argv[1]))
  except RuntimeError as e:
    sys.exit(f'error: {e}')
