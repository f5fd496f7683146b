"""The files that come with `tasks`: tables, templates and styles."""

import importlib.resources
from typing import Any

from ul2_flan.tasks.strict_tables import parse

_TASKS = importlib.resources.files('ul2_flan.tasks')


def text(path: str) -> str:
  """Returns the text of a file below `tasks`, such as 'catalog/niv2.tsv'."""
  return (_TASKS / path).read_text(encoding='utf-8')


def table(path: str) -> dict[str, Any]:
  """Reads a TOML file below `tasks`, anew for each call.

  >>> list(table('catalog/suites.toml'))
  ['suites']
  """
  return parse(text(path), path)


def names(folder: str) -> list[str]:
  """Lists the TOML files of a folder below `tasks`, without '.toml', sorted.

  >>> names('denoising/presets')[-3:]
  ['ul2', 'ul2_appendix', 'ul2r']
  """
  files = (file.name for file in (_TASKS / folder).iterdir())
  return sorted(f.removesuffix('.toml') for f in files if f.endswith('.toml'))
