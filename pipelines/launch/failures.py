"""Tells a person of a run that failed, or that somebody stopped."""

import re

from ul2_flan.pipelines.engines import local
from ul2_flan.pipelines.engines.local.stage import Failure
from ul2_flan.pipelines.run import Plan
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.messages import complain

# What a shell expects of a program that Ctrl-C ended: 128 and SIGINT's number.
INTERRUPTED = 130


def tell(error: Exception | KeyboardInterrupt, plan: Plan, output: str) -> int:
  """Prints what happened and how to go on; returns the exit status."""
  status = 1
  # FnApiRunner wraps Ctrl-C in an error of its own.
  if isinstance(error, KeyboardInterrupt) or 'KeyboardInterrupt' in str(error):
    complain('\nstopped')
    status = INTERRUPTED
  elif isinstance(error, local.WorkFailedError):
    for failure in error.failures:
      if failure.trace:
        complain(f'\n{failure.trace}')
      where = _place_of(failure, plan)
      complain(f'\nerror: {where}{_bare(failure.error)}')
  elif isinstance(error, UserError):
    complain(f'\nerror: {error}')
  else:
    if not re.search(r'UserError: |OSError: |\[Errno \d+\]', str(error)):
      # Nobody foresaw this error, so the place in the code matters.
      complain(f'\n{error}')
    complain(f'\nerror: {explain(error)}')
  complain(
    f'What is done stays in {output}: the same command goes on from there.'
  )
  return status


def _place_of(failure: Failure, plan: Plan) -> str:
  """Names the work item that failed, and the first file that it reads."""
  if failure.stage not in ('Process', 'Route'):
    return ''
  item = plan.items[failure.key]
  if not item.pieces:
    return f'work item {item.index}: '
  rest = len({piece.path for piece in item.pieces}) - 1
  more = f' and {rest} more' if rest else ''
  return f'work item {item.index} ({item.pieces[0].path}{more}): '


def explain(error: BaseException) -> str:
  r"""Finds an error's message among the stack traces that a runner adds.

  >>> explain(RuntimeError('Traceback …\n  File …\nOSError: disk full [while '
  ...                      "running 'Process']"))
  'OSError: disk full'
  """
  lines = [
    line for line in str(error).splitlines() if re.match(r'[\w.]+: ', line)
  ]
  text = lines[-1] if lines else f'{type(error).__name__}: {error}'
  text = re.sub(r" \[while running '[^']*'\]", '', text)
  return _bare(re.sub(r'^[\w.]*?(\w+): ', r'\1: ', text))


def _bare(text: str) -> str:
  """Removes the class name from a message that is meant for users."""
  return text.removeprefix('UserError: ')
