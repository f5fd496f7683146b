"""Kinds of run are found by their names, and loaded alone."""

import dataclasses

import pytest

from ul2_flan.pipelines.launch import command, parsing
from ul2_flan.pipelines.launch.flags import values_of
from ul2_flan.pipelines.launch.kind import KINDS, kind_of, refuse_unknown
from ul2_flan.tasks.errors import UserError

# Flags that must be given, and the configuration that they alone make.
LEAST = {
  'ul2': (['--input', 'a', '--vocabulary=v'], {'inputs': ['a']}),
  'flan': (['--source=cot=a', '--vocabulary=v'], {'sources': {'cot': ('a',)}}),
  'mix': (['--manifest', 'a', '--mixture=m'], {'manifests': ['a']}),
  'evaluation': (
    ['--source=bbh=a', '--vocabulary=v'],
    {'sources': {'bbh': ('a',)}},
  ),
  'export': (
    ['--manifest', 'a', '--format=parquet'],
    {'manifest': 'a', 'format': 'parquet'},
  ),
  'contamination': (
    ['--manifest', 'a', '--evaluation=e'],
    {'manifests': ['a'], 'evaluation': 'e'},
  ),
}


def test_kinds_are_named_after_their_folders():
  assert [kind_of(name).name for name in KINDS] == list(KINDS)
  with pytest.raises(UserError, match=r"unknown kind of run 'ul'. .*'ul2'\?"):
    kind_of('ul')


@pytest.mark.parametrize('name', KINDS)
def test_commands_and_python_have_the_same_defaults(name: str):
  made = kind_of(name)
  argv, fields = LEAST[name]
  values, _ = parsing.parse(command.make_parser(made), [*argv, '--output=o'])
  groups = made.all_flags
  config = made.configure(values_of(groups, made.config, values))
  given = {k: values[k] for k in ('vocabulary', 'mixture') if k in values}
  plain = made.config(**fields, **given)
  for field in dataclasses.fields(made.config):
    ours, theirs = (getattr(c, field.name) for c in (config, plain))
    assert ours == theirs or list(ours) == list(theirs), field.name


@pytest.mark.parametrize('name', KINDS)
def test_each_field_of_a_configuration_has_its_flag(name: str):
  made = kind_of(name)
  fields = {
    flag.field or flag.name
    for group in made.all_flags
    if group.config is made.config
    for flag in group.flags
  }
  assert fields == {field.name for field in dataclasses.fields(made.config)}


def test_what_a_later_version_made_is_refused_with_a_remedy():
  for name in KINDS:
    refuse_unknown(name, 'out/manifest.json')
  with pytest.raises(UserError) as error:
    refuse_unknown('ul3', 'out/manifest.json')
  said = str(error.value)
  assert "out/manifest.json is of a run of kind 'ul3'" in said
  assert f'has {", ".join(KINDS)}. Use the version that began the run' in said
