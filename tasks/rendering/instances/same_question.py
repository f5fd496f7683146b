"""Tells which instances ask the same, so that none is another's exemplar."""

from collections.abc import Sequence

import numpy as np

from ul2_flan.tasks.rendering.instances.instances import Instances
from ul2_flan.tasks.rendering.templates.family import LIST_FIELDS, Family


def questions(family: Family, instances: Instances) -> list[str]:
  """Returns what each of n instances asks; equal texts are the same question.

  That is the text of the fields of `Family.input`, in lower case; where this is
  one field, white space does not count either. Trimmed instances ask what they
  asked before.
  """
  if instances.asked is not None:
    return list(instances.asked)
  instances = instances.as_source(family.as_source)
  columns: list[Sequence[str]] = [
    [*map('\0'.join, instances.columns[f])]
    if f in LIST_FIELDS
    else instances.columns[f]
    for f in family.input
    if f in instances.columns
  ]
  if len(columns) == 1 and 'dialog' not in family.input:
    return _in_normal_form(columns[0])
  return [' '.join(values).lower() for values in zip(*columns, strict=True)]


# White space of ASCII becomes a space, and capitals become small.
_NORMAL = bytes(
  ord(' ') if chr(i).isspace() else ord(chr(i).lower()) for i in range(128)
)
_NORMAL += bytes(range(len(_NORMAL), 256))


def _in_normal_form(texts: Sequence[str]) -> list[str]:
  """Returns texts in lower case, with single spaces between their words."""
  # To go once through all ASCII of a block takes a third of the time that it
  # takes to go through text by text.
  plain = [text if text.isascii() else '' for text in texts]
  block = '\0'.join(plain).encode().translate(_NORMAL)
  letters = np.frombuffer(block, np.uint8)
  is_space = letters == ord(' ')
  again = is_space[1:] & is_space[:-1]
  if again.any():
    block = block[:1] + letters[1:][~again].tobytes()
  lines = block.decode().split('\0')
  if len(lines) != len(texts):  # a text has a NUL itself
    return list(map(_normal, texts))
  return [
    line.strip() if line else _normal(text)
    for line, text in zip(lines, texts, strict=True)
  ]


def _normal(text: str) -> str:
  """As `_in_normal_form`, for one text."""
  # All other white space is not printable. Most texts have none but single
  # newlines, and to look takes a fourth of the time of splitting them.
  line = text.replace('\n', ' ')
  if line.isprintable() and '  ' not in line:
    return line.lower().strip()
  return ' '.join(line.lower().split())
