"""Shows the `>>>` examples of docstrings as code; mkdocstrings loads it."""

import re
from typing import Any

import griffe

# From the first prompt to the next empty line.
_EXAMPLE = re.compile(r'^( *)>>> .*(?:\n(?! *$).*)*', flags=re.MULTILINE)


class Doctests(griffe.Extension):  # type: ignore[misc]
  """Puts fences around them before docstrings are read as Markdown."""

  def on_object(self, *, obj: griffe.Object, **kwargs: Any) -> None:
    del kwargs
    if obj.docstring:
      obj.docstring.value = fenced(obj.docstring.value)


def fenced(docstring: str) -> str:
  """Returns a docstring whose examples are fenced code."""
  return _EXAMPLE.sub(
    lambda match: f'{match[1]}```pycon\n{match[0]}\n{match[1]}```', docstring
  )
