"""The flags of `evaluation` fill its configuration."""

import dataclasses

import pytest

from ul2_flan.pipelines.evaluation import Config
from ul2_flan.pipelines.evaluation.flags import configure
from ul2_flan.pipelines.evaluation.kind import KIND
from ul2_flan.pipelines.launch.flags import make_parser, values_of
from ul2_flan.tasks.errors import UserError

NEEDED = ['--output=out', '--source=bbh=a', '--vocabulary=v']


def config_of(*flags: str) -> Config:
  args = make_parser('evaluation', '', '', KIND.all_flags).parse_args(
    [*NEEDED, *flags]
  )
  return configure(values_of(KIND.all_flags, Config, vars(args)))


def test_without_flags_the_defaults_are_those_of_the_configuration():
  assert config_of() == Config(sources={'bbh': ('a',)}, vocabulary='v')


def test_there_is_a_flag_for_each_field():
  fields = {field.name for field in dataclasses.fields(Config)}
  args = vars(
    make_parser('evaluation', '', '', KIND.all_flags).parse_args(NEEDED)
  )
  assert set(values_of(KIND.all_flags, Config, args)) == fields


def test_a_source_without_a_folder_is_refused():
  with pytest.raises(UserError, match=r"--source 'bbh'.* such as bbh=DIR"):
    config_of('--source=bbh')


def test_there_is_no_seed_since_nothing_is_drawn():
  names = {flag.name for group in KIND.all_flags for flag in group.flags}
  assert 'output' in names
  assert not names & {'seed', 'shard_mb'}
