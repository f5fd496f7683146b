"""From nothing to verified data sets, killed on the way."""

import json
import os
from pathlib import Path
import shutil
import subprocess
import sys

import pytest
from support.buckets import collection, killed
from support.buckets.archives import archive_of, cot_files
from support.corpora import tree

from ul2_flan.pipelines import flan, verify
from ul2_flan.pipelines.flan import planning
from ul2_flan.tasks import __main__ as tasks
from ul2_flan.tasks import manifest
from ul2_flan.tasks.buckets import retries
from ul2_flan.tasks.catalog import downloads
from ul2_flan.tasks.fetch import git_archive, url_files

FETCH = ['fetch', f'--tasks={",".join(collection.TASKS)}', '--to=data']


@pytest.fixture
def hub(tmp_path, monkeypatch):
  """All servers, and a program that builds what TFDS would."""
  table = collection.known()
  monkeypatch.setattr(downloads, '_table', lambda: table)
  monkeypatch.setattr(retries, 'FIRST_WAIT', 0.001)
  collection.write_prepared(tmp_path / 'prepared')
  script = tmp_path / 'bin/tfds'
  script.parent.mkdir()
  script.write_text(
    f'#!/bin/sh\nmkdir -p "$4" && cp -r {tmp_path}/prepared/. "$4"\n'
  )
  script.chmod(0o755)
  monkeypatch.setenv('PATH', f'{script.parent}{os.pathsep}{os.environ["PATH"]}')
  monkeypatch.setenv('HF_HOME', str(tmp_path / 'home'))
  with collection.servers(tmp_path / 'made').served() as hub:
    for name in ('HF_ENDPOINT', git_archive.HOST, url_files.MIRROR):
      monkeypatch.setenv(name, hub.url)
    yield hub


def flags(vocabulary_path: Path) -> list[str]:
  suites = dict.fromkeys(task.partition(':')[0] for task in collection.TASKS)
  return [
    *(f'--source={suite}=data/{suite}' for suite in suites),
    f'--vocabulary={vocabulary_path}',
    f'--tasks={",".join(collection.TASKS)}',
    '--settings=zs_opt,fs_opt',
    '--local_workers=1',
    '--output=out',
  ]


def test_it_ends_with_the_same_bytes_however_often_it_is_killed(
  hub, tmp_path, vocabulary_path, monkeypatch, capsys
):
  work = tmp_path / 'work'
  work.mkdir()
  monkeypatch.chdir(work)
  monkeypatch.setattr(planning, '_ITEM_BYTES', collection.ITEM_BYTES)
  fetch, run = [*FETCH, '--tfds'], flags(vocabulary_path)
  assert tasks.main(fetch) == 0
  assert flan.main(run) == 0
  assert verify.main(['out']) == 0
  made = manifest.parse(Path('out', manifest.FILE_NAME).read_bytes(), '')
  have = {
    name.removeprefix('flan:').rpartition(':')[0] for name in made.data_sets
  }
  assert have == set(collection.TASKS)
  whole = tree(work)

  shutil.rmtree(work)
  work.mkdir()
  monkeypatch.chdir(work)
  hub.cut, hub.faults = 4, [(503, ''), (429, '0')]
  subprocess.run(
    [sys.executable, killed.__file__, json.dumps([str(work), fetch, run])],
    check=True,
    stdout=subprocess.DEVNULL,
  )
  assert not Path('out', manifest.FILE_NAME).exists()
  assert flan.main(run) == 0
  assert verify.main(['out']) == 0
  assert tree(work) == whole


def test_what_has_changed_on_a_server_is_refused(
  hub, tmp_path, monkeypatch, capsys
):
  monkeypatch.chdir(tmp_path)
  assert tasks.main(FETCH) == 0
  before = tree(tmp_path / 'data')
  # Another machine has the lock, and the servers have other files by now.
  shutil.move('data/fetch.lock.json', 'lock')
  shutil.rmtree('data')
  os.mkdir('data')
  shutil.move('lock', 'data/fetch.lock.json')
  assert tasks.main(FETCH) == 0
  assert tree(tmp_path / 'data') == before
  shutil.rmtree('data/cot')
  shutil.rmtree('data/t0_sf')
  shutil.rmtree('data/flan2021')
  new = dict.fromkeys(cot_files(), b'new')
  for path in hub.others:
    if '/FLAN/' in path:
      hub.others[path] = archive_of(new)
    elif 'CB.zip' in path:
      hub.others[path] = b'new'
  commit = hub.commit('datasets/bigscience/P3')
  branches = hub.repos['datasets/bigscience/P3']
  branches['main'] = dict.fromkeys(branches['main'], b'new')
  assert tasks.main(FETCH) == 2
  told = capsys.readouterr()
  assert '3 of the places failed' in told.err
  assert 'has changed: cot/FLAN' in told.out
  assert 'CB.zip has the SHA-256' in told.out
  # The hub has that commit no longer.
  assert f'bigscience/P3@{commit}' in told.out
