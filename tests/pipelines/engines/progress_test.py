"""Progress is read from what work items leave, and shown to people."""

import io
import sys
import time

import pytest

from ul2_flan.pipelines.engines import progress
from ul2_flan.pipelines.engines.chain import Share
from ul2_flan.pipelines.run import (
  Counts,
  Group,
  Plan,
  Report,
  division,
  paths,
  reports,
)
from ul2_flan.pipelines.sources import Piece
from ul2_flan.pipelines.storage import files, folders


@pytest.fixture
def plan() -> Plan:
  pieces = [Piece(f'{i}.jsonl', 'jsonl', 0, 100, 100) for i in range(4)]
  items = division.items_of(division.divide('ul2', pieces, 100, 0), 100)
  return Plan('ul2', {}, items, {'ul2': Group(('ul2',), 4, 4, 0)}, {}, {})


def finish_item(plan: Plan, output: str, item: int) -> None:
  reports.write(Report(item, plan.fingerprint, (), Counts()), output)


def beat(output: str, item: int, data: bytes) -> None:
  scratch = paths.progress_folder(output)
  files.write_bytes(paths.beat_path(output, item), data, scratch)


def test_reports_and_heartbeats_add_up(plan, tmp_path):
  output = str(tmp_path)
  assert progress.state(plan, output, Share()) == (0, 0)
  finish_item(plan, output, 0)
  finish_item(plan, output, 2)
  beat(output, 1, b'{"bytes": 30}')
  beat(output, 3, b'{"byt')  # being written
  assert progress.state(plan, output, Share()) == (230, 2)


def test_a_pass_counts_its_own_reads_and_items(plan, tmp_path, monkeypatch):
  output = str(tmp_path)
  share = Share('bytes of pass 2 of 2', {2, 3}, reads=50)
  scratch = paths.progress_folder(output)
  for first, number, size in [(0, 0, 50), (2, 0, 20), (2, 1, 30)]:
    path = paths.read_mark(output, first, number, size)
    files.write_bytes(path, b'', scratch)
  finish_item(plan, output, 1)
  assert progress.state(plan, output, share) == (50, 0)
  finish_item(plan, output, 2)
  assert progress.state(plan, output, share) == (150, 1)
  monkeypatch.setattr(progress, '_LOG_SECONDS', 0.01)
  monkeypatch.setattr(sys, 'stderr', stream := io.StringIO())
  with progress.shown(plan, output, share):
    time.sleep(0.05)
  assert set(stream.getvalue().splitlines()) == {
    '1 of 2 work items, 60% of the bytes of pass 2 of 2, 0.0 MB/s'
  }


class Terminal(io.StringIO):
  def isatty(self) -> bool:
    return True


def shown(plan, output, monkeypatch, stream) -> str:
  monkeypatch.setattr(sys, 'stderr', stream)
  with progress.shown(plan, output, Share()):
    for item in range(4):
      finish_item(plan, output, item)
      time.sleep(0.05)
  return stream.getvalue()


def test_a_terminal_gets_a_bar_that_fills(plan, tmp_path, monkeypatch):
  monkeypatch.setattr(progress, '_TERMINAL_SECONDS', 0.01)
  monkeypatch.setenv('TERM', 'xterm')
  out = shown(plan, str(tmp_path), monkeypatch, Terminal())
  assert '\r' in out
  assert '100%' in out
  assert '4 of 4 work items' in out


def test_what_was_done_before_is_no_throughput(plan, tmp_path, monkeypatch):
  monkeypatch.setattr(progress, '_LOG_SECONDS', 0.01)
  output = str(tmp_path)
  finish_item(plan, output, 0)
  stream = io.StringIO()
  monkeypatch.setattr(sys, 'stderr', stream)
  with progress.shown(plan, output, Share()):
    time.sleep(0.05)
    # The last step removes the reports.
    folders.delete(paths.progress_folder(output))
    time.sleep(0.05)
  lines = set(stream.getvalue().splitlines())
  assert lines == {'1 of 4 work items, 25% of the source bytes, 0.0 MB/s'}


def test_the_first_line_has_a_rate(plan, tmp_path, monkeypatch):
  monkeypatch.setattr(progress, '_LOG_SECONDS', 0.2)
  stream = io.StringIO()
  monkeypatch.setattr(sys, 'stderr', stream)
  with progress.shown(plan, str(tmp_path), Share()):
    time.sleep(0.05)
    finish_item(plan, str(tmp_path), 0)
    time.sleep(0.25)
  assert ' s left' in stream.getvalue().splitlines()[0]


def test_a_log_gets_lines(plan, tmp_path, monkeypatch):
  monkeypatch.setattr(progress, '_LOG_SECONDS', 0.01)
  out = shown(plan, str(tmp_path), monkeypatch, io.StringIO())
  assert '\r' not in out
  lines = out.splitlines()
  assert lines
  assert all('work items' in line and 'MB/s' in line for line in lines)


@pytest.mark.parametrize('is_terminal', [True, False])
def test_what_is_counted_is_shown_as_a_bar_or_as_lines(
  monkeypatch, is_terminal: bool
):
  stream = io.StringIO()
  monkeypatch.setattr(stream, 'isatty', lambda: is_terminal, raising=False)
  monkeypatch.setattr(sys, 'stderr', stream)
  monkeypatch.setenv('TERM', 'xterm')
  monkeypatch.setattr(progress, '_LOG_SECONDS', 0)
  assert [*progress.counted(iter('abc'), 3, 'shard')] == [*'abc']
  shown = stream.getvalue()
  if is_terminal:
    assert '3/3' in shown
    assert 'shards/s' in shown
  else:
    first, *_, last = shown.splitlines()
    assert first.startswith('1 of 3 shards, ')
    assert last.startswith('3 of 3 shards, ')
    assert last.endswith(' a second, 0 s left')
    assert '\r' not in shown


def test_a_dumb_terminal_gets_lines(monkeypatch):
  stream = io.StringIO()
  monkeypatch.setattr(stream, 'isatty', lambda: True, raising=False)
  monkeypatch.setattr(sys, 'stderr', stream)
  monkeypatch.setenv('TERM', 'dumb')
  assert [*progress.counted('ab', 2, 'run')] == ['a', 'b']
  assert stream.getvalue() == ''  # nothing, before half a minute
