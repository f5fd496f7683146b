"""The flags of `mix` fill its configuration."""

import dataclasses

import pytest

from ul2_flan.pipelines.engines import Engine
from ul2_flan.pipelines.launch.flags import make_parser, values_of
from ul2_flan.pipelines.mix import Config
from ul2_flan.pipelines.mix.flags import configure
from ul2_flan.pipelines.mix.kind import KIND
from ul2_flan.tasks.errors import UserError

NEEDED = ['--output=out', '--manifest', 'a', 'b', '--mixture=m']


def config_of(*flags: str) -> Config:
  args = make_parser('mix', '', '', KIND.all_flags).parse_args(
    [*NEEDED, *flags]
  )
  return configure(values_of(KIND.all_flags, Config, vars(args)))


def test_without_flags_the_defaults_are_those_of_the_configuration():
  assert config_of() == Config(manifests=['a', 'b'], mixture='m')


def test_there_is_a_flag_for_each_field():
  fields = {field.name for field in dataclasses.fields(Config)}
  args = vars(make_parser('mix', '', '', KIND.all_flags).parse_args(NEEDED))
  assert set(values_of(KIND.all_flags, Config, args)) == fields
  # Passes change no byte, so they are the engine's.
  assert values_of(KIND.all_flags, Engine, args)['passes'] == 1


def test_lengths_are_read_by_feature():
  config = config_of('--pack=enc_dec', '--task_feature_lengths=inputs=9,a=8')
  assert config.task_feature_lengths == {'inputs': 9, 'a': 8}


@pytest.mark.parametrize('text', ['inputs', 'inputs=', 'inputs=-1', '=,9'])
def test_lengths_that_are_none_are_refused(text):
  with pytest.raises(UserError, match='give such as inputs=2048'):
    config_of('--pack=enc_dec', f'--task_feature_lengths={text}')
