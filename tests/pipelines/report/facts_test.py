"""Facts say how a run was made; its command can be typed again."""

import shlex

import pytest

from ul2_flan.pipelines.launch.command import make_parser
from ul2_flan.pipelines.launch.kind import kind_of
from ul2_flan.pipelines.report import facts
from ul2_flan.tasks.manifest import Manifest


@pytest.mark.parametrize('name', ['ul2', 'flan', 'packed'])
def test_the_command_has_flags_of_its_kind(shown_runs, name: str):
  manifest = shown_runs[name].manifest
  _, kind, *given = shlex.split(facts.command_of(manifest))
  assert kind == manifest.run['job']
  given = [word for word in given if word != '…']
  needed = {'ul2': ['--input', 'a'], 'flan': ['--source', 'cot=a'], 'mix': []}[
    kind
  ]
  parser = make_parser(kind_of(kind))
  args = parser.parse_args([*given, *needed, '--output', 'o'])
  assert args.seed == manifest.run['config']['seed']
  if kind == 'ul2':
    assert args.preset == 'ul2r'
    assert args.inputs_length == 512
  if kind == 'mix':
    assert args.mixture == 'ul2r_flan2022'
    assert len(args.manifest) == 2
    assert (args.num_examples, args.epochs) == (400, 1)


def test_what_made_it_is_told(shown_runs):
  told = dict(facts.of(shown_runs['flan'].manifest))
  manifest = shown_runs['flan'].manifest
  assert told['plan'] == manifest.run['plan']
  assert told['version of ul2-flan'] == manifest.run['versions']['ul2-flan']
  assert told['vocabulary, sha256'] == manifest.vocabulary['sha256']
  assert told['lengths, inputs'] == '512'


def test_a_kind_that_is_not_known_is_named():
  manifest = Manifest('e', {}, {}, False, {}, {}, {'job': 'other'})
  assert facts.command_of(manifest) == 'ul2-flan other …'


def test_a_long_value_is_cut():
  ((name, text),) = facts.flat({'a_b': 'x' * 500})
  assert (name, len(text)) == ('a b', 202)


def test_lists_are_told_one_by_one():
  config = {'shots': [1, 5], 'manifests': [{'output': 'a'}, {'output': 'b'}]}
  assert list(facts.flat(config)) == [
    ('exemplars', '1, 5'),
    ('manifests 1, output', 'a'),
    ('manifests 2, output', 'b'),
  ]
