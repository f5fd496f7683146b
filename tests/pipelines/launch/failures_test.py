"""What went wrong is told without the traces that a runner adds."""

import pytest

from ul2_flan.pipelines.launch import failures
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
