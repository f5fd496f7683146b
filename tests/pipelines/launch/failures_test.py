"""A person reads what went wrong, without the traces that a runner adds."""

import pytest
from support.tiny_plans import pieces_of, plan_of_sizes

from ul2_flan.pipelines.engines import local
from ul2_flan.pipelines.engines.local.stage import Failure
from ul2_flan.pipelines.launch import failures
from ul2_flan.pipelines.run import Part, WorkItem
from ul2_flan.tasks.errors import UserError


@pytest.mark.parametrize(
  ('error', 'message'),
  [
    (OSError(28, 'No space left on device'), 'OSError: [Errno 28] No space'),
    (UserError('the rule'), 'the rule'),
    (RuntimeError('a.b.UserError: the rule'), 'the rule'),
    (
      RuntimeError(
        'Traceback (most recent call last):\n  File "x.py", line 1, in f\n'
        "    raise OSError('disk full')\nOSError: disk full [while running "
        "'Materialise/Process-ptransform-12']\n"
      ),
      'OSError: disk full',
    ),
    (
      RuntimeError('apache_beam.io.filesystem.BeamIOError: no such bucket'),
      'BeamIOError: no such bucket',
    ),
    (KeyError('text'), "KeyError: 'text'"),
  ],
)
def test_an_error_is_told_without_its_traces(error: Exception, message: str):
  told = failures.explain(error)
  assert told.startswith(message)
  assert 'Traceback' not in told
  assert 'while running' not in told


PARTS = (Part('g', 0, tuple(pieces_of([1, 1, 1])), 0, 1),)
PLAN = plan_of_sizes([1], items=(WorkItem(0, PARTS),))
GOES_ON = 'What is done stays in out: the same command goes on from there.\n'


@pytest.mark.parametrize(
  'error',
  [
    KeyboardInterrupt(),
    RuntimeError("Traceback …\nKeyboardInterrupt [while running 'Process']"),
  ],
)
def test_a_stopped_run_is_no_error(error, capsys):
  assert failures.tell(error, PLAN, 'out') == 130
  assert capsys.readouterr().err == f'\nstopped\n{GOES_ON}'


def test_what_nobody_foresaw_has_its_trace(capsys):
  assert failures.tell(RuntimeError('Traceback …\nKeyError: 3'), PLAN, 'o') == 1
  said = capsys.readouterr().err
  assert said.startswith('\nTraceback …\nKeyError: 3\n\nerror: KeyError: 3\n')


def test_what_was_foreseen_has_none(capsys):
  error = RuntimeError('Traceback …\na.b.UserError: the rule')
  assert failures.tell(error, PLAN, 'out') == 1
  assert capsys.readouterr().err == f'\nerror: the rule\n{GOES_ON}'


@pytest.mark.parametrize(
  ('stage', 'where'),
  [('Process', 'work item 0 (f0 and 2 more): '), ('ListItems', '')],
)
def test_a_work_item_that_failed_is_named(stage: str, where: str, capsys):
  failed = Failure(stage, 0, 0, 'UserError: the rule', 'a trace')
  assert failures.tell(local.WorkFailedError([failed]), PLAN, 'out') == 1
  said = capsys.readouterr().err
  assert said == f'\na trace\n\nerror: {where}the rule\n{GOES_ON}'
