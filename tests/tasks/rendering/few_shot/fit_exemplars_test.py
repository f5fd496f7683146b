"""How many exemplars fit."""

from __future__ import annotations

import dataclasses

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest
from support.instances import count_words, instances_of

from ul2_flan.tasks import catalog
from ul2_flan.tasks.rendering.few_shot.exemplar_count import MANY, ExemplarCount
from ul2_flan.tasks.rendering.few_shot.fit_exemplars import (
  _Tokens,
  how_many_fit,
)
from ul2_flan.tasks.rendering.few_shot.pool import Pool
from ul2_flan.tasks.rendering.instances.instances import Instances
from ul2_flan.tasks.rendering.renderer import Renderer
from ul2_flan.tasks.rendering.templates.family import load_family

GSM8K = catalog.load('cot:gsm8k')
REASONING = load_family(GSM8K.family)


@given(st.lists(st.integers(0, 50)), st.integers(0, 300))
def test_the_first_ones_fit_together_and_one_more_does_not(
  costs: list[int], room: int
) -> None:
  count = how_many_fit(costs, room)
  assert sum(costs[:count]) <= room
  assert count == len(costs) or sum(costs[: count + 1]) > room


@given(limit=st.integers(20, 400), seed=st.integers(0, 5))
def test_exemplars_are_dropped_until_the_example_fits(
  limit: int, seed: int
) -> None:
  instances = instances_of(GSM8K.name, 30)
  pool = Pool.of(REASONING, instances, count_words)

  def render(max_tokens: int | None) -> tuple[list[str], list[int], list[int]]:
    count = ExemplarCount(5, 5, max_tokens)
    renderer = Renderer.of(GSM8K, 'fs_opt', seed=seed, exemplar_count=count)
    rendered = renderer.render(instances, pool, draws=True)
    counts = [len(keys) for keys in rendered.draws['exemplars']]
    return (
      rendered.inputs,
      counts,
      rendered.rejects.get('exemplar_too_long', []),
    )

  inputs, counts, rejected = render(limit)
  free, _, _ = render(None)
  assert all(n <= limit for n in count_words(inputs))
  assert all(1 <= n <= 5 for n in counts)
  assert len(inputs) + len(rejected) == len(instances)
  # What surely fits is not touched.
  assert {t for t in free if len(t.split()) <= limit - 40} <= set(inputs)


def test_as_many_exemplars_as_fit() -> None:
  instances = instances_of(GSM8K.name, 60)
  pool = Pool.of(REASONING, instances, count_words)
  count = ExemplarCount(MANY, MANY, 500)
  renderer = Renderer.of(GSM8K, 'fs_opt_direct', seed=0, exemplar_count=count)
  rendered = renderer.render(instances, pool, draws=True)
  assert len(rendered) == 60
  counts = [len(keys) for keys in rendered.draws['exemplars']]
  words = count_words(rendered.inputs)
  assert max(words) <= 500
  # None has room for many more: the longest exemplar has some 40 words.
  assert all(w > 400 or n == 59 for w, n in zip(words, counts, strict=True))


@pytest.mark.parametrize('task', ['flan2021:sst2', 'flan2021:openbookqa'])
def test_options_take_what_their_style_takes(task: str) -> None:
  """So that as many exemplars as fit fill the inputs."""
  instances = instances_of(task, 70)
  family = load_family(catalog.load(task).family)
  pool = Pool.of(family, instances, count_words)
  count = ExemplarCount(MANY, MANY, 900)
  renderer = Renderer.of(
    catalog.load(task), 'fs_opt', seed=0, exemplar_count=count
  )
  words = count_words(renderer.render(instances, pool).inputs)
  assert len(words) == len(instances)
  assert max(words) <= 900
  assert sum(words) > 0.9 * 900 * len(words)


@pytest.mark.parametrize('task', ['flan2021:sst2', 'flan2021:openbookqa'])
def test_items_that_are_counted_together_take_what_each_takes(
  task: str, monkeypatch: pytest.MonkeyPatch
) -> None:
  instances = instances_of(task, 60)
  count = ExemplarCount(5, 5, 400)
  renderer = Renderer.of(
    catalog.load(task), 'fs_opt', seed=0, exemplar_count=count
  )
  together, apart = (
    Pool.of(renderer.family, instances, lambda texts: [*map(len, texts)])
    for _ in range(2)
  )
  rendered = renderer.render(instances, together, draws=True)
  monkeypatch.setattr(_Tokens, '_alike', lambda self, item: (item, 0))
  assert renderer.render(instances, apart, draws=True).draws == rendered.draws
  assert len(together.counted) < len(apart.counted)


def long_questions(task: str, words: int, every: int, count: int) -> Instances:
  """Makes long questions, but for each `every`-th from the first on."""
  instances = instances_of(task, count)
  asked = [
    f'{text} {"word " * words if i % every else ""}why?'
    for i, text in enumerate(instances.columns['question'])
  ]
  columns = {**instances.columns, 'question': asked}
  return dataclasses.replace(instances, columns=columns)


@pytest.mark.parametrize('setting', ['fs_opt', 'fs_noopt'])
def test_an_exemplar_that_fits_takes_the_place_of_those_that_do_not(
  setting: str,
) -> None:
  # One of thirty is short, so that few have it among the five that are drawn.
  candidates = long_questions(GSM8K.name, 300, 30, 300)
  asked = instances_of(GSM8K.name, 40, salt=1)
  pool = Pool.of(REASONING, candidates, count_words)
  count = ExemplarCount(1, 5, 300)
  renderer = Renderer.of(GSM8K, setting, seed=0, exemplar_count=count)
  rendered = renderer.render(asked, pool, draws=True)
  assert rendered.rejects == {}
  assert max(count_words(rendered.inputs)) <= 300
  short = set(candidates.keys[::30].tolist())
  used = rendered.draws['exemplars']
  assert all(set(keys) <= short for keys in used)
  # They are drawn, not the first of the pool for all.
  assert len({keys[0] for keys in used}) > 5
  long = candidates.take(np.flatnonzero(np.arange(300) % 30))
  none = renderer.render(asked, Pool.of(REASONING, long, count_words))
  assert none.rejects == {'exemplar_too_long': list(range(40))}


def test_bytes_bound_tokens_without_a_vocabulary() -> None:
  instances = instances_of(GSM8K.name, 10)
  pool = Pool.of(REASONING, instances)
  count = ExemplarCount(5, 5, 600)
  renderer = Renderer.of(GSM8K, 'fs_opt', seed=0, exemplar_count=count)
  rendered = renderer.render(instances, pool)
  assert rendered.inputs
  assert all(len(text.encode()) < 600 for text in rendered.inputs)
