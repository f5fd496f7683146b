"""Files that end early or cannot be decoded: refused, or told and counted."""

from collections.abc import Mapping

from ul2_flan.pipelines.run import Budget
from ul2_flan.tasks.errors import UserError

_LISTED = 20  # a damaged disk or download may have thousands


def refuse(damaged: Mapping[str, str], budget: Budget) -> None:
  """Refuses to end a run that lost more files, or parts of them, than it may.

  Args:
    damaged: paths, and where each is damaged and how.
    budget: how many there may be.

  Raises:
    UserError: there are more.
  """
  most = budget.max_damaged_files
  if len(damaged) > most:
    raise UserError(
      f'{told(damaged)}\nThat is more than --max_damaged_files {most} allows. '
      'What cannot be read is lost; all else is done and stays. Run the same '
      f'command with --max_damaged_files {len(damaged)} to go without it; or '
      'mend the files: as long as they keep their sizes, only what was made of '
      'them is done again; otherwise give another --output, or --overwrite'
    )


def told(damaged: Mapping[str, str]) -> str:
  """Lists damaged files for a person; empty if there are none.

  >>> print(told({'in/a.gz': 'at 70: it ends early'}))
  1 damaged file
    in/a.gz, at 70: it ends early
  """
  if not damaged:
    return ''
  lines = [f'{path}, {where}' for path, where in sorted(damaged.items())]
  if len(lines) > _LISTED:
    lines[_LISTED:] = [f'and {len(lines) - _LISTED:,} more']
  noun = 'file' if len(damaged) == 1 else 'files'
  return '\n  '.join([f'{len(damaged):,} damaged {noun}', *lines])
