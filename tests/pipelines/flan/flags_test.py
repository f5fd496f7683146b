"""The flags of `flan` fill its configuration."""

import dataclasses

import pytest

from ul2_flan.pipelines.flan import Config
from ul2_flan.pipelines.flan.flags import configure
from ul2_flan.pipelines.flan.kind import KIND
from ul2_flan.pipelines.launch.flags import make_parser, values_of
from ul2_flan.tasks.errors import UserError

NEEDED = ['--output=out', '--source=niv2=a', '--vocabulary=v']


def config_of(*flags: str) -> Config:
  args = make_parser('flan', '', '', KIND.all_flags).parse_args(
    [*NEEDED, *flags]
  )
  return configure(values_of(KIND.all_flags, Config, vars(args)))


def test_without_flags_the_defaults_are_those_of_the_configuration():
  assert config_of() == Config(sources={'niv2': ('a',)}, vocabulary='v')


def test_there_is_a_flag_for_each_field():
  fields = {field.name for field in dataclasses.fields(Config)}
  args = vars(make_parser('flan', '', '', KIND.all_flags).parse_args(NEEDED))
  assert set(values_of(KIND.all_flags, Config, args)) == fields


def test_a_suite_may_have_several_folders():
  config = config_of('--source=cot=b', '--source=niv2=gs://c/d=e')
  assert config.sources == {'niv2': ('a', 'gs://c/d=e'), 'cot': ('b',)}


@pytest.mark.parametrize('text', ['niv2', 'niv2=', 'a/b'])
def test_a_source_without_a_folder_is_refused(text):
  with pytest.raises(UserError, match=f"--source '{text}'.* such as niv2=DIR"):
    config_of(f'--source={text}')


def test_names_stand_between_commas():
  config = config_of('--settings=zs_opt, fs_opt,', '--suites=niv2')
  assert config.settings == ('zs_opt', 'fs_opt')
  assert config.suites == ('niv2',)


def test_exemplars_are_two_numbers():
  assert config_of('--exemplars', '2', '3').exemplars == (2, 3)
