"""Puts tables of `tell.py` where a page asks for them.

A page asks with the lines `<!-- table: TITLE -->` and `<!-- end -->`; what lies
between them is replaced.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
import re

_PLACE = re.compile(r'(<!-- table: (.+?) -->\n).*?(<!-- end -->)', re.DOTALL)


def fill(page: Path, tables: Mapping[str, Sequence[str]]) -> None:
  """Fills a page.

  Args:
    page: in Markdown; changed in place.
    tables: lines of each table by title.

  Raises:
    KeyError: it asks for a table that there is not.
  """
  text = _PLACE.sub(
    lambda found: (
      found[1] + '\n'.join(['', *tables[found[2]], '', '']) + found[3]
    ),
    page.read_text(encoding='utf-8'),
  )
  page.write_text(text, encoding='utf-8')
