"""Chooses tasks by their licences, with an expression of patterns."""

from collections import Counter
from collections.abc import Mapping
import fnmatch
import re

from ul2_flan.tasks.catalog.facts import UNKNOWN
from ul2_flan.tasks.errors import UserError

# Data of several licences are under all of them.
_PARTS = re.compile(r'[,;]| and ')


class LicenceExpression:
  """An expression such as 'apache-2.0,cc-by*,!cc-by-nc*'.

  A licence fits if a pattern is that of each of its parts, in any case, and
  none behind an exclamation mark is that of any. Without other patterns, those
  with marks leave out from all. What nobody states is 'unknown'.

  >>> commercial = LicenceExpression('apache-2.0,cc-by*,!*-nc-*')
  >>> [commercial.fits(x) for x in ('Apache-2.0', 'CC-BY-NC-4.0', '')]
  [True, False, False]
  >>> commercial.fits('CC-BY-SA-4.0, Apache-2.0'), commercial.fits('MIT')
  (True, False)
  """

  def __init__(self, text: str):
    """Reads an expression.

    Raises:
      UserError: it has no pattern, or an empty one.
    """
    patterns = [p.strip().lower() for p in text.split(',')]
    self._without = [p[1:].strip() for p in patterns if p.startswith('!')]
    self._wanted = [p for p in patterns if not p.startswith('!')]
    if not all([*self._without, *self._wanted]):
      raise UserError(
        f"--licence '{text}': give patterns with commas between them, such as "
        "'apache-2.0,cc-by*,!*-nc-*'; 'unknown' is for what nobody states"
      )

  def fits(self, licence: str) -> bool:
    """Whether a licence fits; '' stands for an unknown one."""
    parts = [part.strip().lower() for part in _PARTS.split(licence or UNKNOWN)]
    wanted = self._wanted or ['*']
    return all(_any(part, wanted) for part in parts) and not any(
      _any(part, self._without) for part in parts
    )


def counted(licences: Mapping[str, str]) -> str:
  """Counts tasks by licence, in words.

  >>> counted({'cot:a': 'MIT', 'cot:b': '', 'cot:c': ''})
  'unknown (2), MIT (1)'
  """
  counts = Counter(licences.values()).most_common()
  return ', '.join(f'{name or UNKNOWN} ({n:,})' for name, n in counts)


def _any(part: str, patterns: list[str]) -> bool:
  return any(fnmatch.fnmatchcase(part, pattern) for pattern in patterns)
