"""Checks that the configurations of all kinds of run share.

Each says which flag is wrong, its value, and the rule. A configuration's fields
have the names of the flags.
"""

from collections.abc import Sequence
import math
import re

from ul2_flan.pipelines.run import paths
from ul2_flan.pipelines.storage import folders
from ul2_flan.tasks import manifest as manifest_lib
from ul2_flan.tasks.errors import UserError

# Examples of a validation split come from all over a corpus: each work item
# leaves some, and one worker joins them at the end. So the split must be small.
MAX_VALIDATION_FRACTION = 0.1

# Far longer than any model reads; positions are stored like token ids, which
# have a bound (`records.MAX_ID`).
MAX_LENGTH = 1 << 20

# Bounds that no run comes near; numbers beyond them are slips of the keyboard.
MAX_BYTES = 1 << 40
MAX_EXAMPLES = 10**12
MAX_SHARDS = 10**6
MAX_WORKERS = 10**4

# What lies beside the data sets in an output folder.
_OURS = (
  paths.PROGRESS_FOLDER,
  paths.QUARANTINE_FOLDER,
  manifest_lib.FILE_NAME,
  paths.summary_path(''),
  *(name.casefold() for name in paths.CARDS),
)

# The most bytes that file systems take for the name of a file.
_NAME_BYTES = 255


def check_seed(seed: int) -> None:
  """Refuses a seed that some reader of JSON could not take.

  Raises:
    UserError: the seed needs more than 64 bits.
  """
  if not -(1 << 63) <= seed < 1 << 63:
    raise UserError(f'--seed is {seed}: it must fit in 64 bits, with its sign')


def check_name(
  name: str, *, parts: bool = False, given: str = '--name'
) -> None:
  """Refuses a data set's name that seqio, or the output folder, cannot take.

  Args:
    name: of the data set.
    parts: whether it may have several parts with ':' between them. Each part
      becomes a folder, so none is '..' or '_progress'.
    given: the flag that gives the name.

  Raises:
    UserError: the name breaks the rule.
  """
  # A first '_' or '.' hides a folder from engines, and `_progress` is ours.
  part = r'[^\W_][\w.]*'
  if not re.fullmatch(f'{part}(:{part})*' if parts else part, name):
    colon = " (and ':' between parts)" if parts else ''
    raise UserError(
      f"{given} '{name}': give letters, digits, '_' and '.'{colon}; a letter "
      'or digit comes first'
    )
  # Not all file systems tell capitals from small letters.
  if name.split(':')[0].casefold() in _OURS:
    raise UserError(
      f"{given} '{name}': the output has something else of that name; give "
      'another --name'
    )
  size = max(len(folder.encode()) for folder in name.split(':'))
  if size > _NAME_BYTES:
    raise UserError(
      f"{given} '{name}': that is a folder's name of {size} bytes, and a file "
      f'system takes {_NAME_BYTES}; give a shorter --name'
    )


def check_output(output: str, read: Sequence[str]) -> None:
  """Refuses to write to a folder that the run reads, under any name.

  Args:
    output: of the run.
    read: outputs of finished runs, that it reads.

  Raises:
    UserError: it is one of these.
  """
  own, *others = folders.identities([p.rstrip('/') for p in (output, *read)])
  if own in others:
    raise UserError(
      f'--output {output} is that of a --manifest: a run would replace what it '
      'reads. Give another --output'
    )


def check_at_least(
  config: object, least: int, *flags: str, most: float = math.inf
) -> None:
  """Refuses numbers out of bounds; None stands for a default, and may stay.

  Args:
    config: has a field for each flag.
    least: the lower bound.
    *flags: names of the flags.
    most: the upper bound.

  Raises:
    UserError: one is too small or too large.
  """
  for flag in flags:
    number = getattr(config, flag)
    if number is not None and number < least:
      raise UserError(f'--{flag} is {number}: it must be at least {least}')
    if number is not None and number > most:
      raise UserError(f'--{flag} is {number}: it must be at most {most}')


def check_validation_fraction(fraction: float) -> None:
  """Refuses a share of held-out examples outside of its range.

  Raises:
    UserError: it is out of range.
  """
  if not 0 <= fraction <= MAX_VALIDATION_FRACTION:
    raise UserError(
      f'--validation_fraction is {fraction}: it must be within [0, '
      f'{MAX_VALIDATION_FRACTION}]; to hold out more, run the pipeline on '
      'other files'
    )


def check_listed(field: str, values: Sequence[str]) -> None:
  """Refuses one text where a list of texts belongs.

  Raises:
    UserError: it is one text, which would count as a list of its letters.
  """
  if isinstance(values, str):
    raise UserError(f"{field} is '{values}': give a list, such as [{values!r}]")


def shard_bytes(shard_mb: float) -> int:
  """Turns `--shard_mb` into bytes: about so many go into each shard.

  Raises:
    UserError: it is no number, less than a byte, or more than a plan can hold.
  """
  size = shard_mb * 1e6
  if not 0.5 < size < 1e18:  # also refuses NaN; JSON holds less than 2 ** 63
    raise UserError(
      f'--shard_mb is {shard_mb}: it must be a number above 0 and below 1e12'
    )
  return round(size)
