"""Finds the files of text that a user names."""

from collections.abc import Sequence
import re

from ul2_flan.pipelines.storage import files
from ul2_flan.tasks.errors import UserError


def find_sources(inputs: Sequence[str]) -> list[tuple[str, int]]:
  """Lists the files of paths, patterns and folders.

  Returns:
    paths and sizes in bytes, sorted; each path once.

  Raises:
    UserError: an input matches no file, or cannot be looked at.
  """
  sizes: dict[str, int] = {}
  for pattern in inputs:
    try:
      matches = [] if re.search(r'[*?[]', pattern) else _below(pattern)
      matches = matches or files.match(pattern)
    except OSError as e:
      raise UserError(f"--input '{pattern}': {e}") from e
    if not matches:
      raise UserError(f"--input '{pattern}' matches no file")
    sizes.update(matches)
  return sorted(sizes.items())


def _below(folder: str) -> list[tuple[str, int]]:
  """Lists all files below a folder, without those that engines hide.

  Engines hide markers such as `_SUCCESS` and folders such as `_temporary` from
  each other by a first '_' or '.'.
  """
  prefix = files.join(folder, '')
  return [
    (path, size)
    for path, size in files.match(files.join(folder, '**'))
    if not re.search(r'(^|/)[._]', path.removeprefix(prefix))
  ]
