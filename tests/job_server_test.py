"""Beam's job servers are made once, or there is a reason why not.

`tests/support/clusters/job_server.py` makes them. Here a script stands for
Maven; `.ci/run` makes the real ones.
"""

from collections.abc import Callable
import os
from pathlib import Path
import zipfile

import pytest
from support.clusters import jars, job_server


def write_jar(path: Path, files: dict[str, str]) -> Path:
  with zipfile.ZipFile(path, 'w') as jar:
    for name, text in files.items():
      jar.writestr(name, text)
  return path


@pytest.fixture
def parts(tmp_path: Path) -> list[Path]:
  """Two jars that have some names in common."""
  one = {
    'META-INF/MANIFEST.MF': 'Manifest-Version: 1.0\n',
    'META-INF/KEY.SF': 'signature',
    'META-INF/services/a.Service': 'one.Provider',
    'pages/': '',
    'both.class': 'first',
  }
  two = {
    'META-INF/services/a.Service': 'two.Provider\n',
    'META-INF/services/b.Service': 'two.Other',
    'both.class': 'second',
    'two.class': 'two',
  }
  return [
    write_jar(tmp_path / 'one.jar', one),
    write_jar(tmp_path / 'two.jar', two),
  ]


def test_jars_are_joined_as_a_class_path_has_them(parts, tmp_path):
  jars.join(parts, tmp_path / 'joined.jar', {'Main-Class': 'a.Main'})
  with zipfile.ZipFile(tmp_path / 'joined.jar') as jar:
    assert len(jar.namelist()) == len({*jar.namelist()})
    found = {name: jar.read(name).decode() for name in jar.namelist()}
  manifest = found.pop('META-INF/MANIFEST.MF')
  assert manifest == 'Manifest-Version: 1.0\nMain-Class: a.Main\n\n'
  providers = found.pop('META-INF/services/a.Service').split()
  assert providers == ['one.Provider', 'two.Provider']
  assert found == {
    'META-INF/services/b.Service': 'two.Other',
    'pages/': '',
    'both.class': 'first',
    'two.class': 'two',
  }


@pytest.mark.parametrize('length', [50, 72, 73, 500])
def test_a_long_attribute_goes_on_in_the_next_line(tmp_path, length):
  opens = ('java.base/java.nio ' * 50)[:length].strip()
  jars.join([], tmp_path / 'joined.jar', {'Add-Opens': opens})
  with zipfile.ZipFile(tmp_path / 'joined.jar') as jar:
    text = jar.read('META-INF/MANIFEST.MF').decode()
  assert max(map(len, text.splitlines())) <= 72
  assert f'\nAdd-Opens: {opens}\n' in text.replace('\n ', '')


@pytest.fixture
def maven(tmp_path, monkeypatch) -> Callable[[str], None]:
  """Makes a machine with Java and an empty cache, and a script for Maven."""
  tools = tmp_path / 'tools'
  tools.mkdir()

  def install(script: str, name: str = 'mvn') -> None:
    (tools / name).write_text(f'#!/bin/sh\n{script}\n')
    (tools / name).chmod(0o755)

  install('', 'java')
  monkeypatch.setenv('PATH', str(tools))
  monkeypatch.setenv('XDG_CACHE_HOME', str(tmp_path / 'cache'))
  monkeypatch.delenv('BEAM_FLINK_JOB_SERVER_JAR', raising=False)
  return install


def test_a_job_server_is_made_once(maven, parts, tmp_path):
  listed = os.pathsep.join(map(str, parts))
  maven(f'for last; do :; done; printf %s "{listed}" > "${{last#*=}}"')
  assert '`make job-servers`' in job_server.missing('flink')
  made = job_server.make('flink')
  assert job_server.missing('flink') == ''
  # Nothing else stays in the cache.
  assert [*(tmp_path / 'cache').rglob('*.*')] == [made]
  with zipfile.ZipFile(made) as jar:
    manifest = jar.read('META-INF/MANIFEST.MF').decode()
    assert jar.read('two.class') == b'two'
  assert 'org.apache.beam.runners.flink.FlinkJobServerDriver' in manifest
  maven('exit 1')
  assert job_server.make('flink') == made


def test_no_index_is_a_reason_to_go_on(maven, monkeypatch, capsys):
  maven('echo "[ERROR] Could not transfer artifact a:b: unknown host"; exit 1')
  monkeypatch.setattr('sys.argv', ['', 'flink'])
  job_server.main()
  out = capsys.readouterr().out
  assert 'no tests on a Flink cluster' in out
  assert 'unknown host' in out


def test_neither_java_nor_maven(maven, tmp_path):
  with pytest.raises(job_server.UnavailableError, match='needs Maven'):
    job_server.make('flink')
  (tmp_path / 'tools' / 'java').unlink()
  assert job_server.missing('flink') == 'needs Java'
  with pytest.raises(job_server.UnavailableError, match='needs Java'):
    job_server.make('flink')


def test_a_pom_that_is_wrong_is_an_error(maven, tmp_path):
  maven('echo "[ERROR] Could not find artifact a:b"; exit 1')
  with pytest.raises(RuntimeError, match=r'flink.xml names: .* artifact a:b'):
    job_server.make('flink')
  assert [*(tmp_path / 'cache').rglob('*.*')] == []


def test_a_jar_of_your_own(maven, parts, monkeypatch):
  monkeypatch.setenv('BEAM_FLINK_JOB_SERVER_JAR', str(parts[0]))
  assert job_server.make('flink') == parts[0]
  parts[0].unlink()
  with pytest.raises(RuntimeError, match=r'names .*one.jar, which is no file'):
    job_server.missing('flink')
