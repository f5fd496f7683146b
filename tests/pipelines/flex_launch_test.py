"""A template's parameters become the flags of a command."""

import pytest

from ul2_flan.pipelines import flex_launch
from ul2_flan.pipelines.flex_launch import arguments
from ul2_flan.pipelines.launch.kind import kind_of
from ul2_flan.tasks.errors import UserError


def test_parameters_become_flags_of_their_kinds():
  pipeline, flags = arguments(
    [
      *('--pipeline=flan', '--source=niv2=gs://b/n,cot=gs://b/c'),
      *('--exemplars=1,3', '--strict=True', '--left_out=false', '--cap='),
      *('--runner=DataflowRunner', '--no_use_public_ips=true'),
    ]
  )
  assert pipeline == 'flan'
  assert flags == [
    *('--source=niv2=gs://b/n', '--source=cot=gs://b/c'),
    *('--exemplars', '1', '3', '--strict'),
    *('--runner=DataflowRunner', '--no_use_public_ips'),
  ]


def test_options_of_a_later_beam_are_passed_over(capsys):
  assert arguments(['--pipeline=ul2', '--of_the_future=1']) == ('ul2', [])
  assert capsys.readouterr().err == 'passed over: --of_the_future=1\n'


@pytest.mark.parametrize(
  ('given', 'message'),
  [
    ([], 'was given no pipeline: one of ul2, flan, mix'),
    (['--pipeline=ul3'], "unknown kind of run 'ul3'"),
    (['--pipeline=ul2', '--presett=a'], "did you mean '--preset'"),
    (['--pipeline=ul2', '--provenance=yes'], 'must be true or false'),
    (['--pipeline=ul2', '--save_main_session=1'], 'must be true or false'),
    (['--pipeline=mix', '--passes=2'], '--passes is for a command line'),
  ],
)
def test_what_cannot_be_understood_is_told(given, message: str):
  with pytest.raises(UserError, match=message):
    arguments(given)


def test_a_launcher_never_waits(monkeypatch):
  given = []
  monkeypatch.setattr(flex_launch.command, 'main', lambda *a: given.append(a))
  flex_launch.launch(['--pipeline=mix', '--mixture=cot'])
  assert given == [(kind_of('mix'), ['--mixture=cot', '--no_wait'])]
