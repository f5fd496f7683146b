"""Instances of real tasks with made-up texts, for tests of rendering."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest

from ul2_flan.tasks import catalog
from ul2_flan.tasks.rendering import Instances, Pool, load_family
from ul2_flan.tasks.rendering.instances.drawn_instances import DrawnInstances
from ul2_flan.tasks.rendering.instances.drawn_styles import DrawnStyles
from ul2_flan.tasks.rendering.instances.prepare import Prepared, prepare
from ul2_flan.tasks.rendering.styles import list_options
from ul2_flan.tasks.rendering.templates.form import Form

# A task of each family, its last; the golden file has the first.
TASKS = {task.family: task for task in catalog.tasks()}

# The settings of the Flan collection.
SETTINGS = ('zs_opt', 'zs_noopt', 'fs_opt', 'fs_noopt')


def count_words(texts: Sequence[str]) -> list[int]:
  """Counts words, in place of a vocabulary's tokens."""
  return [len(text.split()) for text in texts]


def instances_of(task: str, count: int, salt: int = 0) -> Instances:
  """Makes instances with questions that differ, and keys that look random.

  Args:
    task: the task's name.
    count: how many.
    salt: other keys for another salt; the questions stay the same.
  """
  samples = load_family(catalog.load(task).family).samples
  made = []
  for i in range(count):
    instance: dict[str, Any] = dict(samples[i % len(samples)])
    for field, value in instance.items():
      if field not in ('options', 'answer', 'definition'):
        instance[field] = (
          (*value[:-1], f'{value[-1]} (number {i})')
          if isinstance(value, tuple)
          else f'{value} (number {i})'
        )
    # Every fifth instance is its task's only good example.
    if 'explanation' in instance and i % 5 == 0:
      instance |= dict.fromkeys(
        ('positive_input', 'positive_output', 'explanation')
      )
    made.append(instance)
  keys = np.arange(1, count + 1, dtype=np.uint64) * np.uint64(7919 + salt)
  return Instances.of(made, keys.tolist())


def sample_instances(family: str, count: int) -> tuple[Instances, Pool]:
  """Returns a family's first sample `count` times, and the others as a pool."""
  samples = load_family(family).samples
  instances = Instances.of([samples[0]] * count, range(1, count + 1))
  others = Instances.of(samples[1:], range(1000, 1000 + len(samples) - 1))
  return instances, Pool.of(load_family(family), others)


def drawn_of(forms: Sequence[Form], chosen: Sequence[int]) -> DrawnInstances:
  """Makes instances with these forms, given by their numbers."""
  instances = instances_of('cot:gsm8k', len(chosen))
  return DrawnInstances(
    instances=instances,
    forms=forms,
    chosen=np.array(chosen, np.int64),
    styles=DrawnStyles.draw(instances, seed=0, purpose='test'),
    option_kind='none',
  )


def options_in_style(
  options: Sequence[str], opening: int, item: int, closing: int
) -> tuple[str, list[str]]:
  """Returns options in a style, and the answer for each of them."""
  listed = tuple(options)
  (text,) = list_options.show([listed], [opening], [item], [closing])
  every = range(len(listed))
  return text, list_options.answers(
    [listed] * len(every), every, [item] * len(every)
  )


def labels_in_style(
  labels: tuple[str, ...], item: int, order: int
) -> tuple[str, list[str]]:
  """Returns labels in an order and a style, and the answer for each label."""
  permuted, places = list_options.in_order(labels, order)
  text, answers = options_in_style(permuted, 0, item, 0)
  return text, [answers[place] for place in places]


def prepare_rows(name: str, kind: str, *rows: Mapping[str, Any]) -> Prepared:
  """Prepares rows of a task as its source of this kind has them.

  The rows have the keys 1, 2, ...
  """
  task = catalog.load(name)
  (source,) = (s for s in task.sources if s.kind == kind)
  keys = np.arange(1, len(rows) + 1, dtype=np.uint64)
  return prepare(rows, keys, task=task, source=source, seed=0)


def prepare_row(name: str, kind: str, row: Mapping[str, Any]) -> dict[str, Any]:
  """Prepares a row of which one instance is made, and returns its fields."""
  prepared = prepare_rows(name, kind, row)
  assert prepared.rejects == {}
  (instance,) = prepared.instances
  fields = load_family(catalog.load(name).family).fields
  assert set(instance) <= set(fields)
  if prepared.instances.choice is not None:
    choice = prepared.instances.choice[0]
    assert instance['options'][choice] == instance['answer']
  return instance


# A task, a kind of source, a row of it, and fields of its instance.
Row = tuple[str, str, dict[str, Any], dict[str, Any]]


def each_row(rows: Sequence[Row]) -> pytest.MarkDecorator:
  """Runs a test for each row: task, kind of source, row, and some fields."""
  return pytest.mark.parametrize(
    ('name', 'kind', 'row', 'expected'),
    rows,
    ids=[f'{name}-{kind}' for name, kind, _, _ in rows],
  )
