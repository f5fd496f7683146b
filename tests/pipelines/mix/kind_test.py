"""The kind `mix` is found by its name and has what a command needs."""

from ul2_flan.pipelines.launch import command
from ul2_flan.pipelines.launch.kind import kind_of
from ul2_flan.pipelines.mix.kind import KIND


def test_it_is_found_by_its_name():
  assert kind_of('mix') is KIND


def test_a_run_is_known_by_its_mixture():
  assert KIND.variant({'mixture': 'flan2022_b'}) == 'flan2022_b'


def test_the_help_names_every_flag():
  told = command.make_parser(KIND).format_help()
  for group in KIND.flags:
    assert group.title in told
    for flag in group.flags:
      assert f'--{flag.name}' in told
