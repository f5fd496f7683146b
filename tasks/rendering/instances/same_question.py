"""Tells which instances ask the same, so that none is another's exemplar."""

from collections.abc import Sequence

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
    return list(map(_normal, columns[0]))
  return [' '.join(values).lower() for values in zip(*columns, strict=True)]


def _normal(text: str) -> str:
  """Returns a text in lower case, with single spaces between its words."""
  # All other white space is not printable. Most texts have none but single
  # newlines, and to look takes a fourth of the time of splitting them.
  line = text.replace('\n', ' ')
  if line.isprintable() and '  ' not in line:
    return line.lower().strip()
  return ' '.join(line.lower().split())
