"""Whole runs on this machine: stopped, short of memory, and with a bad file."""

import os
from pathlib import Path
import signal
import subprocess
import sys
import time

import pytest
from support.corpora import SMALL, documents, shards_of, write
from support.plans import plan_of

from ul2_flan.pipelines import ul2
from ul2_flan.pipelines.launch import resume
from ul2_flan.tasks.errors import UserError

FLAGS = ['--min_shards=8']


def flags(corpus: Path, vocabulary: str, output: Path) -> list[str]:
  return [
    *('--input', str(corpus), '--vocabulary', vocabulary),
    *('--output', str(output), *SMALL, *FLAGS),
  ]


def test_a_bound_below_what_idle_workers_take_is_refused(
  tmp_path, vocabulary_path
):
  corpus = tmp_path / 'text'
  write(corpus / 'a.jsonl', documents(40))
  arguments = flags(corpus, vocabulary_path, tmp_path / 'out')
  more = ['--local_workers=2', '--local_memory_mb=100']
  with pytest.raises(UserError, match=r'100: 2 workers take at least \d+\.'):
    ul2.main([*arguments, *more])


def test_a_work_item_that_fails_is_named_by_its_file(
  tmp_path, vocabulary_path, capsys
):
  corpus = tmp_path / 'text'
  for i in range(4):
    write(corpus / f'{i}.jsonl', documents(40))
  arguments = flags(corpus, vocabulary_path, tmp_path / 'out')
  assert ul2.main(flags(corpus, vocabulary_path, tmp_path / 'whole')) == 0
  plan = [*arguments, '--local_workers=2']
  # A folder in the place of a shard: it cannot be given its name.
  there = sorted(shards_of(tmp_path / 'whole'))
  blocked = tmp_path / 'out' / next(p for p in there if 'train' in p)
  (tmp_path / 'out' / '_progress').mkdir(parents=True)
  made = plan_of('ul2', arguments)
  resume.begin(str(tmp_path / 'out'), made)
  (blocked / 'in the way').mkdir(parents=True)
  assert ul2.main(plan) == 1
  said = capsys.readouterr().err
  assert f'error: work item 0 ({corpus}/0.jsonl): ' in said
  reports = list((tmp_path / 'out' / '_progress').glob('item-*.json'))
  assert len(reports) == len(made.items) - 1
  (blocked / 'in the way').rmdir()
  blocked.rmdir()
  assert ul2.main(plan) == 0
  assert shards_of(tmp_path / 'out') == shards_of(tmp_path / 'whole')


@pytest.fixture(scope='module')
def long_corpus(tmp_path_factory) -> Path:
  """Text for a run that lasts long enough to be disturbed."""
  corpus = tmp_path_factory.mktemp('text')
  for i in range(8):
    write(corpus / f'{i}.jsonl', documents(40) * 300)
  return corpus


@pytest.fixture(scope='module')
def whole(long_corpus, tmp_path_factory, vocabulary_path) -> dict[str, bytes]:
  """The shards of an undisturbed run."""
  out = tmp_path_factory.mktemp('whole') / 'out'
  arguments = flags(long_corpus, vocabulary_path, out)
  assert ul2.main([*arguments, '--local_workers=1']) == 0
  return shards_of(out)


@pytest.fixture
def begun(long_corpus, tmp_path, vocabulary_path):
  """A run with two workers, in a session of its own, with an item done."""
  out = tmp_path / 'out'
  arguments = [*flags(long_corpus, vocabulary_path, out), '--local_workers=2']
  launcher = subprocess.Popen(
    [sys.executable, '-m', 'ul2_flan.pipelines.ul2', *arguments],
    stdout=subprocess.DEVNULL,
    stderr=subprocess.PIPE,
    text=True,
    start_new_session=True,
    # Whoever is started in the background ignores it, and so would this.
    preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
  )
  deadline = time.monotonic() + 60
  while not list((out / '_progress').glob('item-*.json')):
    assert launcher.poll() is None, 'it ended before it could be disturbed'
    assert time.monotonic() < deadline
    time.sleep(0.01)
  yield launcher, arguments, out
  launcher.stderr.close()
  for pid in _processes_of(launcher.pid):
    os.kill(pid, signal.SIGKILL)
  launcher.wait()


@pytest.mark.parametrize('how', [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_stopped_run_leaves_no_process_and_goes_on(
  begun, whole, how: signal.Signals
):
  launcher, arguments, out = begun
  start = time.monotonic()
  launcher.send_signal(how)
  launcher.wait(timeout=10)
  if how != signal.SIGKILL:
    assert time.monotonic() - start < 2
    assert launcher.returncode == 130
    assert 'the same command goes on' in launcher.stderr.read()
  while _processes_of(launcher.pid):
    assert time.monotonic() - start < 10, 'processes are left'
    time.sleep(0.05)
  done = {p.name for p in (out / '_progress').glob('item-*.json')}
  assert done
  assert not (out / 'manifest.json').exists()
  assert ul2.main(arguments) == 0
  assert shards_of(out) == whole


def test_a_run_survives_all_its_workers(begun, whole):
  launcher, _, out = begun
  workers = [p for p in _processes_of(launcher.pid) if p != launcher.pid]
  # Forks of the launcher, and no server of forks, nor what tracks it.
  assert len(workers) == 2
  for worker in workers:
    os.kill(worker, signal.SIGKILL)
  assert launcher.wait(timeout=60) == 0
  assert shards_of(out) == whole


def _processes_of(session: int) -> list[int]:
  """Processes of a session, by Linux's table of them; zombies are gone."""
  found = []
  for path in Path('/proc').glob('[0-9]*/stat'):
    try:
      fields = path.read_text().rsplit(')', 1)[1].split()
    except OSError:
      continue
    if int(fields[3]) == session and fields[0] != 'Z':
      found.append(int(path.parent.name))
  return found
