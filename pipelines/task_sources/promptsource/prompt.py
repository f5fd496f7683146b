"""Fills a row into one of promptsource's templates, as was done for P3.

A row is treated as promptsource 0.2 and T0's tasks treated it: each value that
a template shows is cut to 2,048 characters, `|||` within a row does not split,
and hyphens in columns' names become underscores. One thing differs: random
choices were drawn anew each time, and here they are a function of the row.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
import dataclasses
import functools
from typing import Any

import jinja2
import numpy as np

from ul2_flan.pipelines.task_sources.promptsource.bounded import Environment
from ul2_flan.pipelines.task_sources.promptsource.templates import Template
from ul2_flan.pipelines.task_sources.promptsource.weigh import bounded
from ul2_flan.tasks.seeding import below, draw

# Stands between prompt and target, and between answer choices.
_SPLIT = '|||'
# Takes the place of `|||` in a row's values until the prompt has been split. It
# is promptsource's own, though any text that no row has would do.
_WITHIN = '3ed2dface8203c4c9dfb1a5dc58e41e0'
_SHOWN_CHARS = 2048
# The name under which filters find a row's draws; no column has this name.
_DRAWS = '__draws__'


class EmptyPromptError(Exception):
  """The template gives a row no prompt, or no target."""


@dataclasses.dataclass(frozen=True, slots=True)
class Prompted:
  """A row filled into a template.

  Attributes:
    inputs: the prompt, without white space around it.
    targets: the same of the target.
    answer_choices: the same of all that may be the target, if the template says
      so.
  """

  inputs: str
  targets: str
  answer_choices: tuple[str, ...] | None


class Prompt:
  """A compiled template."""

  def __init__(self, template: Template):
    """Compiles a template; raises jinja's own errors if that is impossible."""
    # As promptsource does it: each `{{ expression }}` gets two filters more.
    cut = f' | string | truncate({_SHOWN_CHARS}) }}}}'
    self._text = _compiled(template.jinja.replace('}}', cut))
    self._choices = None
    if template.answer_choices is not None:
      self._choices = _compiled(template.answer_choices)

  def fill(self, row: Mapping[str, Any], stream: int) -> Prompted:
    """Fills in a row.

    Args:
      row: columns and values; a template may change lists in it.
      stream: uint64, the row's random stream.

    Raises:
      EmptyPromptError: there is no prompt, or no target.
      OverBoundError: the template takes too much work for this row.
      Exception: whatever else the template raises.
    """
    with bounded():
      return self._fill(row, stream)

  def _fill(self, row: Mapping[str, Any], stream: int) -> Prompted:
    context = {name.replace('-', '_'): _guard(v) for name, v in row.items()}
    if 'answer_choices' in context:
      raise ValueError("a column has the template's own name 'answer_choices'")
    context[_DRAWS] = _Draws(stream)
    choices = None
    if self._choices is not None:
      choices = _parts(self._choices.render(context))
    context['answer_choices'] = list(choices) if choices else choices
    parts = _parts(self._text.render(context))
    if len(parts) != 2 or not all(parts):
      raise EmptyPromptError
    return Prompted(*parts, choices)


def _guard(value: Any) -> Any:
  """Hides `|||` in a text; texts in lists stay, as in promptsource."""
  return value.replace(_SPLIT, _WITHIN) if isinstance(value, str) else value


def _parts(text: str) -> tuple[str, ...]:
  """Splits at `|||`, then puts back those that `_guard` has hidden."""
  return tuple(
    part.strip().replace(_WITHIN, _SPLIT) for part in text.split(_SPLIT)
  )


class _Draws:
  """A row's random choices, in the order in which a template asks for them."""

  def __init__(self, stream: int):
    self._stream = np.array([stream], np.uint64)
    self._drawn = 0

  def one_of(self, items: Sequence[Any]) -> Any:
    """Chooses an item uniformly; raises if there is none."""
    if not items:
      raise ValueError('a choice of nothing')
    bits = draw(self._stream, self._drawn)
    self._drawn += 1
    return items[int(below(bits, len(items))[0])]


def _most_frequent(items: Sequence[Any]) -> list[Any] | None:
  """Returns the items that occur most often, in the order they first occur.

  >>> _most_frequent(['b', 'a', 'c', 'a', 'b'])
  ['b', 'a']
  """
  if not items:
    return None
  counts = Counter(items)
  most = max(counts.values())
  return [item for item, count in counts.items() if count == most]


# A task has many pieces and each compiles its template, so it is kept. Tasks
# come one after the other: 64 are enough.
@functools.lru_cache(maxsize=64)
def _compiled(text: str) -> jinja2.Template:
  return environment().compiled(text)


@functools.cache
def environment() -> Environment:
  """Returns Jinja's environment, which all templates share.

  It has promptsource's filters `choice` and `most_frequent`. Jinja's own
  `random` is not seeded.
  """

  @jinja2.pass_context
  def choice(context: jinja2.runtime.Context, items: Iterable[Any]) -> Any:
    return context[_DRAWS].one_of(list(items))

  return Environment(
    {'choice': choice, 'random': choice, 'most_frequent': _most_frequent}
  )
