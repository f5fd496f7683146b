"""From rows of a benchmark's data set to questions."""

from collections.abc import Iterator, Mapping
import contextlib
from typing import Any

from ul2_flan.tasks.catalog.schema import Source
from ul2_flan.tasks.evaluation.reading.shapes import SHAPES
from ul2_flan.tasks.evaluation.rules.squad import normalise
from ul2_flan.tasks.evaluation.suites import Form, SuiteTask
from ul2_flan.tasks.rendering.instances import shapes as row_shapes
from ul2_flan.tasks.rendering.instances.choices import choice_of
from ul2_flan.tasks.rendering.instances.field_paths import getter
from ul2_flan.tasks.rendering.instances.reject import Fields, require


def asked_of(
  task: SuiteTask, source: Source, row: Mapping[str, Any]
) -> Iterator[dict[str, Any]]:
  """Yields the fields of the questions of a row, most often of one.

  Args:
    task: of a suite, with a form.
    source: one of its sources, by which the row's columns are selected.
    row: as the source's reader gives it.

  Raises:
    RejectError: it asks nothing, or has no answer, or no two choices.
    AttributeError, KeyError, IndexError, TypeError, ValueError: the row is none
      of the source's.
  """
  assert task.form
  selected: Fields = {f: getter(at)(row) for f, at in source.fields.items()}
  for field, at in source.more.items():
    with contextlib.suppress(KeyError):
      selected[field] = getter(at)(row)
  made = [selected]
  if source.prepare:
    made = row_shapes.SHAPES[source.prepare](selected, 0)
  if task.form.shape:
    made = [m for fields in made for m in SHAPES[task.form.shape](fields)]
  ask = _ranked if task.ranked else _written
  for fields in made:
    yield ask(task.form, source, fields)


def _ranked(form: Form, source: Source, fields: Fields) -> dict[str, Any]:
  """Returns the fields of a question with choices, and the credit of each.

  Data sets have questions with the same choice twice, which tie.
  """
  options = form.labels or tuple(map(_text, fields['options']))
  require(len(options) > 1, 'bad_options')
  if 'answers' in fields:
    answers = tuple(map(_text, fields['answers']))
    # Names are compared as ReCoRD's own script does it.
    right = {*map(normalise, answers)}
    credits = tuple(float(normalise(option) in right) for option in options)
  else:
    choice = choice_of(fields, source, options)
    answers = (options[choice],)
    credits = tuple(float(i == choice) for i in range(len(options)))
  require(answers, 'no_answer')
  endings = tuple(map(_text, fields.get('endings', ())))
  return {
    **_asked(form, fields),
    'answers': answers,
    'options': options,
    'credits': credits,
    'endings': () if endings == options else endings,
  }


def _written(form: Form, source: Source, fields: Fields) -> dict[str, Any]:
  """Returns the fields of a question whose answer a model writes."""
  answers = tuple(dict.fromkeys(filter(None, map(_text, fields['answers']))))
  require(answers, 'no_answer')
  return {**_asked(form, fields), 'answers': answers}


def _asked(form: Form, fields: Fields) -> dict[str, Any]:
  """Fills in a form, for each choice if these have prompts of their own."""
  texts = {name: _text(value) for name, value in fields.items()}
  texts['passage'] = form.passage.format_map(texts)
  texts['text'] = form.text.format_map(texts)
  require(texts['text'] or texts['passage'], 'empty_question')
  prompts = fields.get('prompt', [''])
  return {
    'passage': texts['passage'],
    'text': texts['text'],
    'asked': tuple(
      form.ask.format_map({**texts, 'prompt': prompt}).strip()
      for prompt in prompts
    ),
  }


def _text(value: Any) -> str:
  text = value.decode() if isinstance(value, bytes) else str(value)
  return text.strip()
