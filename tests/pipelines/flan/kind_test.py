"""The kind `flan` is found by its name and has what a command needs."""

from ul2_flan.pipelines.flan.kind import KIND
from ul2_flan.pipelines.launch import command
from ul2_flan.pipelines.launch.kind import kind_of
from ul2_flan.tasks import catalog


def test_it_is_found_by_its_name():
  assert kind_of('flan') is KIND


def test_a_run_has_no_variant():
  assert KIND.variant({'name': 'flan'}) == ''


def test_the_help_names_every_flag_and_suite():
  told = command.make_parser(KIND).format_help()
  for group in KIND.flags:
    assert group.title in told
    for flag in group.flags:
      assert f'--{flag.name}' in told
  assert all(f'  {suite}: ' in told for suite in catalog.suites())
