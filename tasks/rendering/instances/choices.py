"""Finds the options of a row, and which of them is the answer."""

from collections.abc import Callable, Sequence
import operator
import re
from typing import Any

import numpy as np

from ul2_flan.tasks.catalog.schema import Source, Task
from ul2_flan.tasks.rendering.instances.reject import Fields, RejectError


def options_of(
  fields: Fields, task: Task, source: Source, tidy: Callable[[str], str] | None
) -> tuple[str, ...]:
  """Returns the labels of the task, or else the row's own options.

  Rejects:
    bad_options: fewer than two, an empty one, or one twice; FLAN's code, whose
      rows are `exact`, takes one twice.
  """
  if task.labels:
    return task.labels
  texts = [str(o) for o in fields['options']]
  if not source.exact:
    texts = [text.strip() for text in texts]
  if tidy:
    texts = [tidy(text) for text in texts]
  options = tuple(texts)
  # ReCoRD names an entity as often as it occurs.
  if task.family == 'entity_cloze' and not source.exact:
    options = tuple(dict.fromkeys(options))
  twice = len(set(options)) < len(options) and not source.exact
  if len(options) < 2 or not all(options) or twice:
    raise RejectError('bad_options')
  return options


def choice_of(fields: Fields, source: Source, options: tuple[str, ...]) -> int:
  """Returns the index of the answer, which a row gives by id, name or text.

  Rejects:
    no_label: there is no answer, or -1, which stands for one that is withheld.
    unknown_label: the id, or the name, is of no option.
    answer_not_an_option: the text is of no option.
  """
  answer = fields['answer']
  if answer is None or answer == '':
    raise RejectError('no_label')
  # ARC names the options of each question: A to E, or 1 to 5.
  names = fields.get('option_names')
  if names is not None:
    index = _index([str(n) for n in names], str(answer))
  elif isinstance(answer, str):
    index = _by_name(answer.strip(), source, options)
  # `operator.index` refuses NumPy's booleans.
  elif isinstance(answer, (bool, np.bool_)):
    index = int(answer)
  else:
    index = _by_id(operator.index(answer), source)
  if not 0 <= index < len(options):
    raise RejectError('unknown_label')
  return index


def _by_id(number: int, source: Source) -> int:
  """Returns the index of an answer that is given as the source's id."""
  if number == -1:
    raise RejectError('no_label')
  return _index(source.codes, number) if source.codes else number


def _by_name(answer: str, source: Source, options: tuple[str, ...]) -> int:
  """Returns the index of an answer that is given as text.

  Classes and options come first: an option may itself be a number or a letter.
  """
  if answer in source.classes:
    return source.classes.index(answer)
  if answer in options:
    return options.index(answer)
  if re.fullmatch(r'-?\d+', answer):
    return _by_id(int(answer), source)
  if re.fullmatch(r'[A-Z]', answer):
    return ord(answer) - ord('A')
  raise RejectError('answer_not_an_option')


def _index(names: Sequence[Any], name: Any) -> int:
  try:
    return list(names).index(name)
  except ValueError:
    raise RejectError('unknown_label') from None
