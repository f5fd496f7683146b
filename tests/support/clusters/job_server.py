"""Beam's job servers for Flink and Spark: a jar each, with all that they need.

    python -m support.clusters.job_server flink spark

makes them of what the poms beside this file name, and keeps them in the user's
cache. Flink and Spark themselves are among it, so a cluster needs nothing else.
BEAM_FLINK_JOB_SERVER_JAR and BEAM_SPARK_JOB_SERVER_JAR may name other jars.
"""

import hashlib
import os
from pathlib import Path
import shutil
import subprocess
import sys
import tempfile

from support.clusters import jars

_HERE = Path(__file__).parent

# Packages of Java that Flink, Spark and Beam look into.
_OPENED = (
  *('java.io', 'java.lang', 'java.lang.invoke', 'java.lang.reflect'),
  *('java.net', 'java.nio', 'java.text', 'java.time', 'java.util'),
  *('java.util.concurrent', 'java.util.concurrent.atomic'),
  *('java.util.concurrent.locks', 'sun.nio.ch', 'sun.nio.cs'),
  *('sun.security.action', 'sun.util.calendar'),
)

# By its full name: without an index, Maven cannot tell what a short one means.
_PLUGIN = 'org.apache.maven.plugins:maven-dependency-plugin:3.6.1'

# Maven says so where it reaches no index. Where an index lacks a jar that the
# pom names, it says "Could not find artifact".
_NO_INDEX = 'Could not transfer'

_SECONDS = 600


class UnavailableError(Exception):
  """This machine lacks Java or Maven, or reaches no index of packages."""


def opened() -> list[str]:
  """Flags of `java` that open these packages."""
  return [f'--add-opens=java.base/{name}=ALL-UNNAMED' for name in _OPENED]


def missing(engine: str) -> str:
  """Says why no cluster of an engine can start here; empty if one can."""
  if not shutil.which('java'):
    return 'needs Java'
  if not jar(engine).is_file():
    return f'needs {jar(engine)}: `make job-servers` makes it where it can'
  return ''


def jar(engine: str) -> Path:
  """Returns where an engine's job server is, or will be.

  Raises:
    RuntimeError: the environment names a file that is not there.
  """
  variable = f'BEAM_{engine.upper()}_JOB_SERVER_JAR'
  if given := os.environ.get(variable):
    if not Path(given).is_file():
      raise RuntimeError(f'{variable} names {given}, which is no file')
    return Path(given)
  cache = os.environ.get('XDG_CACHE_HOME') or Path.home() / '.cache'
  # Whoever changes what it is made of, or how, gets another.
  made_of = [path.read_bytes() for path in (_pom(engine), Path(jars.__file__))]
  made_of.append(repr(_attributes(engine)).encode())
  digest = hashlib.sha256(b''.join(made_of)).hexdigest()
  return Path(cache, 'ul2-flan', f'{engine}-job-server-{digest[:8]}.jar')


def make(engine: str) -> Path:
  """Makes an engine's job server, unless it is there; returns its path.

  Raises:
    UnavailableError: it cannot be made on this machine.
    RuntimeError: Maven fails for another reason.
  """
  made = jar(engine)
  if not shutil.which('java'):
    raise UnavailableError('it needs Java')
  if made.is_file():
    return made
  made.parent.mkdir(parents=True, exist_ok=True)
  # Beside the jar, so that a whole one takes its name at once.
  with tempfile.TemporaryDirectory(dir=made.parent) as folder:
    joined = Path(folder, made.name)
    jars.join(_class_path(engine, Path(folder)), joined, _attributes(engine))
    joined.replace(made)
  return made


def _attributes(engine: str) -> dict[str, str]:
  """What the manifest of a job server's jar says."""
  driver = f'{engine}.{engine.title()}JobServerDriver'
  return {
    'Main-Class': f'org.apache.beam.runners.{driver}',
    'Multi-Release': 'true',
    'Add-Opens': ' '.join(f'java.base/{name}' for name in _OPENED),
  }


def _pom(engine: str) -> Path:
  return _HERE / f'{engine}.xml'


def _class_path(engine: str, folder: Path) -> list[Path]:
  """Lets Maven fetch what the pom names; returns the paths of the jars."""
  if not (maven := shutil.which('mvn')):
    raise UnavailableError('it needs Maven')
  listed = folder / 'class_path'
  # -U asks again for what an index did not have the last time.
  command = [maven, '-q', '-B', '-U', '-f', str(_pom(engine))]
  command += [f'{_PLUGIN}:build-classpath', f'-Dmdep.outputFile={listed}']
  # Else Java would keep figures of itself in /tmp.
  environment = os.environ | {'JAVA_TOOL_OPTIONS': '-XX:-UsePerfData'}
  try:
    done = subprocess.run(
      command, capture_output=True, text=True, env=environment, timeout=_SECONDS
    )
  except subprocess.TimeoutExpired as e:
    raise UnavailableError(f'Maven takes longer than {_SECONDS} s') from e
  if done.returncode:
    said = done.stdout + done.stderr
    first = next((s for s in said.splitlines() if 'ERROR' in s), said)
    kind = UnavailableError if _NO_INDEX in said else RuntimeError
    raise kind(f'Maven cannot fetch what {_pom(engine)} names: {first}')
  return [Path(path) for path in listed.read_text().split(os.pathsep)]


def main() -> None:
  for engine in sys.argv[1:]:
    try:
      print(make(engine))
    except UnavailableError as e:
      name = engine.title()
      print(f"no tests on a {name} cluster, for want of Beam's job server: {e}")


if __name__ == '__main__':
  main()
