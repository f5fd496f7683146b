"""Tells which instances ask the same, so that none is another's exemplar."""

from ul2_flan.tasks.rendering.instances.instances import Instances
from ul2_flan.tasks.rendering.templates.family import Family


def questions(family: Family, instances: Instances) -> list[str]:
  """Returns what each of n instances asks; equal texts are the same question.

  That is the text of the fields of `Family.input`, in lower case; where this is
  one field, white space does not count either. Trimmed instances ask what they
  asked before.
  """
  if instances.asked is not None:
    return list(instances.asked)
  instances = instances.as_source(family.as_source)
  columns = [
    instances.columns[f] for f in family.input if f in instances.columns
  ]
  if len(columns) == 1 and 'dialog' not in family.input:
    return [' '.join(text.lower().split()) for text in columns[0]]
  return [
    ' '.join(str(value) for value in values).lower()
    for values in zip(*columns, strict=True)
  ]
