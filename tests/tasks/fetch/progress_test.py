"""Where no bar can be drawn, there is a line now and then."""

import re

from ul2_flan.tasks.fetch import progress as progress_lib
from ul2_flan.tasks.fetch.progress import Progress


def test_lines_tell_the_time_left(monkeypatch, capsys):
  monkeypatch.setattr(progress_lib, '_LOG_SECONDS', 0)
  monkeypatch.setattr(progress_lib, 'draws_bars', lambda: False)
  with Progress('P3') as progress:
    progress(1_000_000)
    progress.expect(2_000_000)
    progress(1_000_000)
  first, second = capsys.readouterr().err.splitlines()
  assert re.fullmatch(r'P3: 1\.0 MB, [\d.]+ MB/s', first)
  assert re.fullmatch(r'P3: 2\.0 of 2\.0 MB, [\d.]+ MB/s, 0 s left', second)


def test_a_bar_knows_the_whole(monkeypatch, capsys):
  monkeypatch.setattr(progress_lib, 'draws_bars', lambda: True)
  with Progress('P3') as progress:
    progress.expect(2_000_000)
    progress(1_000_000)
  assert '1.00M/2.00M' in capsys.readouterr().err
