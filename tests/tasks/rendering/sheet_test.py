"""The sheet of every task reads as a careful person would have written it."""

from __future__ import annotations

from collections.abc import Iterator
import functools
import itertools
import re

import pytest
from support.faults import prompt_faults
from support.flan.released import imported, renderer

from ul2_flan.tasks import catalog
from ul2_flan.tasks.catalog import Task
from ul2_flan.tasks.rendering import SETTINGS, TK_INSTRUCT, load_family
from ul2_flan.tasks.rendering.sheet import MARK, samples, sheet
from ul2_flan.tasks.rendering.styles.layouts import layouts

FAMILIES = list(
  dict.fromkeys(task.family for task in catalog.tasks(left_out=True))
)
_HEAD = re.compile(rf'\n--- ({"|".join(map(str, SETTINGS))}), (.*?) -*')


def examples(task: Task, seed: int) -> Iterator[tuple[str, str, str, str]]:
  """Yields setting, template, inputs and targets, from the sheet as printed."""
  setting, template, inputs = '', '', ''
  for line in sheet(task, seed=seed):
    if head := _HEAD.fullmatch(line):
      setting, template = head.groups()
    elif setting and line.startswith(MARK):
      yield setting, template, inputs, line.removeprefix(MARK)
    else:
      inputs = line


@functools.cache
def read(text: str, code: bool, zero: bool) -> tuple[str, ...]:
  """Returns what is wrong with a text; many tasks have the same ones."""
  return tuple(prompt_faults.faults(text, code=code, zero=zero))


def faults_of(task: Task, seed: int) -> Iterator[str]:
  """Yields what is wrong with a task's sheet."""
  family = load_family(task.family)
  instances, _ = samples(task, family)
  code = family.code
  shown = list(examples(task, seed))
  # One in each setting, or else nothing below would have been looked at.
  assert [setting for setting, *_ in shown] == [
    str(s)
    for s in SETTINGS
    if (
      family.name == 'niv2'
      if s.reasoning == TK_INSTRUCT
      else family.reasoning or not s.reasoning
    )
  ]
  for setting, template, inputs, target in shown:
    if setting.endswith(TK_INSTRUCT):
      continue  # its words are Tk-Instruct's
    where = f'{task.name}, {setting}, {template}: '
    zero = setting.startswith('zs')
    yield from (where + f for f in read(inputs, code, zero))
    yield from (where + f for f in read(target, code, False))
    inverted = (
      template.startswith('template')
      and family.templates[int(template.split()[1])].inverted
    )
    if (
      setting.split('_')[1] != 'opt'
      or inverted
      or 'options' not in instances.columns
    ):
      continue
    question = inputs[-len(inputs) // 2 :] if not zero else inputs
    if target not in question:
      yield where + f'{target!r} is no option'
    for option in instances.columns['options'][0]:
      if option not in inputs:
        yield where + f'the option {option!r} is not shown'


@pytest.mark.parametrize('family', FAMILIES)
def test_sheets_read_well(family: str) -> None:
  """Reads those of all tasks of a family; if they are few, with more seeds."""
  tasks = [t for t in catalog.tasks(left_out=True) if t.family == family]
  seeds = range(max(1, 40 // len(tasks)))
  faults = itertools.chain.from_iterable(
    faults_of(task, seed) for task in tasks for seed in seeds
  )
  assert list(itertools.islice(faults, 5)) == []


def test_targets_have_a_mark_that_nothing_else_has() -> None:
  texts = [
    text
    for family in map(load_family, FAMILIES)
    for template in (*family.templates, *family.few_shot)
    for text in (template.inputs, template.targets)
  ]
  for layout in layouts():
    texts += [layout.between, layout.separator]
    texts += [layout.input_prefix, layout.target_prefix]
  assert not any(MARK.strip() in text for text in texts)


def test_sheets_say_whose_rows_they_show() -> None:
  text = '\n'.join(
    sheet(catalog.load('niv2:task004_mctaco_answer_generation_event_duration'))
  )
  assert "rows that are the family's and not the task's" in text
  assert 'ul2_flan.pipelines.show niv2:task004_mctaco_' in text


def test_sheets_show_a_task_s_own_labels_and_language() -> None:
  text = '\n'.join(sheet(catalog.load('flan2021:rte')))
  assert 'not possible to tell' not in text
  text = '\n'.join(sheet(catalog.load('flan2021:wmt14_enfr')))
  assert 'Le pont' in text
  assert 'Fähre' not in text


def test_imported_templates_are_shown_in_their_own_styles_too() -> None:
  task = catalog.load('flan2021:rte')
  text = '\n'.join(sheet(task, own_templates=imported()))
  _, heading, released = text.partition('\nWith --as_released:\n')
  assert heading
  family = imported().family(task)
  instances, pool = samples(family.task(task), family)
  for setting in ('zs_opt', 'zs_noopt', 'fs_opt', 'fs_noopt'):
    rendered = renderer(setting).render(instances, pool)
    assert rendered.inputs[0] in released
  # Ours have no such part.
  assert '--as_released' not in '\n'.join(sheet(task))
