"""Examples with exemplars before them."""

from __future__ import annotations

import itertools

from hypothesis import given, settings
from hypothesis import strategies as st
import numpy as np
import pytest
from support.instances import TASKS, count_words, instances_of, sample_instances

from ul2_flan.tasks import catalog
from ul2_flan.tasks.rendering.few_shot.exemplar_count import ExemplarCount
from ul2_flan.tasks.rendering.few_shot.pool import Pool, choose_pool
from ul2_flan.tasks.rendering.instances.instances import Instances
from ul2_flan.tasks.rendering.renderer import Renderer
from ul2_flan.tasks.rendering.styles.layouts import layouts
from ul2_flan.tasks.rendering.templates.family import families, load_family

ARC = catalog.load('flan2021:arc_easy')


@given(
  count=st.integers(1, 30),
  size=st.integers(1, 40),
  low=st.integers(1, 4),
  more=st.integers(0, 4),
  seed=st.integers(0, 3),
)
def test_no_question_is_shown_twice(
  count: int, size: int, low: int, more: int, seed: int
) -> None:
  """Neither the instance's own, nor one of its exemplars'."""
  instances = instances_of(ARC.name, count)
  # The same questions again, under other keys.
  again = instances_of(ARC.name, count, salt=1)
  both = Instances(
    np.concatenate([instances.keys, again.keys]),
    {f: [*c, *again.columns[f]] for f, c in instances.columns.items()},
    np.concatenate([instances.choice, again.choice]),
  )
  pool = Pool.of(
    load_family(ARC.family),
    choose_pool(both, seed=seed, task=ARC.name, size=size),
  )
  wanted = ExemplarCount(low=low, high=low + more)
  renderer = Renderer.of(ARC, 'fs_opt', seed=seed, exemplar_count=wanted)
  rendered = renderer.render(instances, pool, draws=True)
  questions = dict(
    zip(both.keys.tolist(), both.columns['question'], strict=True)
  )
  for i, keys in zip(
    rendered.index.tolist(), rendered.draws['exemplars'], strict=True
  ):
    shown = [questions[key] for key in keys]
    asked = instances.columns['question'][i]
    available = set(pool.instances.columns['question']) - {asked}
    assert min(low, len(available)) <= len(shown) <= wanted.high
    assert len({asked, *shown}) == len(shown) + 1
  rejected = rendered.rejects.get('no_exemplar', [])
  assert not rejected or len(pool.numbers) == 1
  assert len(rendered) + len(rejected) == count


@given(
  cuts=st.lists(st.integers(0, 40), max_size=4), limit=st.integers(60, 400)
)
@pytest.mark.parametrize('setting', ['fs_opt', 'fs_noopt'])
@settings(max_examples=10)
def test_what_fits_depends_on_its_own_example_alone(
  setting: str, cuts: list[int], limit: int
) -> None:
  task = catalog.load('flan2021:openbookqa')
  candidates = instances_of(task.name, 90)
  asked = [
    f'{text} {"word " * 200 if i % 10 else ""}why?'
    for i, text in enumerate(candidates.columns['question'])
  ]
  candidates = Instances(
    candidates.keys,
    {**candidates.columns, 'question': asked},
    candidates.choice,
  )
  pool = Pool.of(load_family(task.family), candidates, count_words)
  instances = instances_of(task.name, 40, salt=1)
  renderer = Renderer.of(
    task, setting, seed=0, exemplar_count=ExemplarCount(1, 5, limit)
  )
  whole = renderer.render(instances, pool)
  texts = dict(zip(whole.index.tolist(), whole.inputs, strict=True))
  for start, stop in itertools.pairwise(sorted({0, *cuts, 40})):
    backwards = np.arange(start, stop)[::-1]
    part = renderer.render(instances.take(backwards), pool)
    for i, text in zip(part.index.tolist(), part.inputs, strict=True):
      assert texts.pop(int(backwards[i])) == text
  assert texts == {}


@pytest.mark.parametrize('name', families())
def test_exemplars_stay_apart_without_newlines(name: str) -> None:
  family = load_family(name)
  renderer = Renderer.of(TASKS[name], 'fs_opt', seed=3, newlines=False)
  instances, pool = sample_instances(name, 100)
  rendered = renderer.render(instances, pool, draws=True)
  assert len(rendered) == len(instances)
  for template, at in zip(
    rendered.draws['template'], rendered.draws['layout'], strict=True
  ):
    kind, number = template.split()
    own = kind == 'few_shot' and family.few_shot[int(number)].own_layout
    if at is None:  # a form without exemplars
      continue
    layout = layouts()[at]
    assert layout.separator.strip() or (layout.visible and not own)


def test_what_was_drawn_is_said_if_it_is_asked_for() -> None:
  instances = instances_of(ARC.name, 50)
  pool = Pool.of(load_family(ARC.family), instances)
  renderer = Renderer.of(ARC, 'fs_opt', seed=0)
  rendered = renderer.render(instances, pool, draws=True)
  assert set(rendered.draws) == {'template', 'options', 'layout', 'exemplars'}
  draws = rendered.draws.values()
  assert all(len(column) == len(rendered) for column in draws)
  some = renderer.render(
    instances, pool, draws=('template', 'exemplar_count')
  ).draws
  assert set(some) == {'template', 'exemplar_count'}
  assert some['template'] == rendered.draws['template']
  assert some['exemplar_count'] == list(map(len, rendered.draws['exemplars']))
  silent = renderer.render(instances, pool)
  assert silent.draws == {}
  assert silent.inputs == rendered.inputs


def test_exemplars_that_are_said_are_those_that_are_shown() -> None:
  instances = instances_of('cot:gsm8k', 30)
  pool = Pool.of(load_family('reasoning'), instances)
  renderer = Renderer.of(catalog.load('cot:gsm8k'), 'fs_opt', seed=0)
  rendered = renderer.render(instances, pool, draws=True)
  for text, keys in zip(
    rendered.inputs, rendered.draws['exemplars'], strict=True
  ):
    numbers = [int(key) // 7919 - 1 for key in keys]
    shown = [i for i in range(30) if f'(number {i})' in text]
    assert set(numbers) < set(shown)
    assert len(shown) == len(numbers) + 1
