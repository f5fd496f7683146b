"""The kind `export`: a run may come first on its command line."""

from ul2_flan.pipelines import export
from ul2_flan.pipelines.export.kind import KIND
from ul2_flan.pipelines.launch import command
from ul2_flan.pipelines.launch.kind import kind_of


def test_it_is_found_by_its_name():
  assert kind_of('export') is KIND
  assert KIND.variant({'format': 'parquet'}) == 'parquet'


def test_the_run_needs_no_flag(monkeypatch):
  seen = []
  monkeypatch.setattr(command, 'main', lambda *args: seen.append(args[1]) or 0)
  rest = ['--format=parquet', '--output=o']
  assert export.main(['out', *rest]) == 0
  assert export.main([*rest, '--manifest', 'out']) == 0
  first, second = (
    command.make_parser(KIND).parse_args(argv).manifest for argv in seen
  )
  assert first == second == 'out'
