"""Pools are the same however a split is divided, and know their lengths."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest
from support.instances import count_words, instances_of

from ul2_flan.tasks import catalog
from ul2_flan.tasks.rendering.few_shot.pool import Pool, choose_pool, pool_rank
from ul2_flan.tasks.rendering.instances.instances import Instances
from ul2_flan.tasks.rendering.templates.family import load_family


def _pool(task: str, count: int) -> Pool:
  family = load_family(catalog.load(task).family)
  return Pool.of(family, instances_of(task, count), count_words)


@given(size=st.integers(1, 50), cut=st.integers(0, 40), seed=st.integers(0, 3))
def test_pools_of_parts_merge(size: int, cut: int, seed: int) -> None:
  instances = instances_of('cot:gsm8k', 40)
  parts = [instances.take(np.arange(cut)), instances.take(np.arange(cut, 40))]
  pools = [choose_pool(p, seed=seed, task='t', size=size) for p in parts]
  merged = Instances(
    np.concatenate([p.keys for p in pools[::-1]]),
    {
      f: [*pools[1].columns[f], *pools[0].columns[f]] for f in instances.columns
    },
  )
  again = choose_pool(merged, seed=seed, task='t', size=size)
  whole = choose_pool(instances, seed=seed, task='t', size=size)
  assert again.keys.tolist() == whole.keys.tolist()
  assert again.columns['question'] == whole.columns['question']
  ranks = pool_rank(whole.keys, seed=seed, task='t')
  assert len(whole) == min(size, 40)
  assert (np.diff(ranks.astype(object)) > 0).all()


def test_another_seed_or_task_has_another_pool() -> None:
  instances = instances_of('cot:gsm8k', 40)
  chosen = [
    choose_pool(instances, seed=seed, task=task, size=10).keys.tolist()
    for seed, task in ((0, 'a'), (1, 'a'), (0, 'b'))
  ]
  assert chosen[0] != chosen[1] != chosen[2] != chosen[0]


@pytest.mark.parametrize('task', ['flan2021:openbookqa', 'dialog:wiki_dialog'])
def test_lengths_are_those_of_the_fields(task: str) -> None:
  pool = _pool(task, 12)
  fields = tuple(pool.instances.columns)
  tokens = pool.lengths(fields, tokens=True)
  sizes = pool.lengths(fields, tokens=False)
  for i, instance in enumerate(pool.instances):
    texts = [
      v if isinstance(v, str) else ' '.join(v) for v in instance.values()
    ]
    assert tokens[i] == sum(count_words(texts))
    # Bytes are those of the texts, and of marks that there may be.
    assert sizes[i] >= sum(len(text.encode()) for text in texts)
  twice = pool.lengths((fields[0], fields[0]), tokens=True)
  assert (twice == 2 * pool.lengths(fields[:1], tokens=True)).all()


def test_a_text_that_recurs_is_counted_once() -> None:
  calls: list[int] = []

  def count(texts):
    calls.append(len(texts))
    return count_words(texts)

  family = load_family('reasoning')
  pool = Pool.of(family, instances_of('cot:gsm8k', 5), count)
  for _ in range(3):
    assert pool.count_words('three short words') == 3
    pool.lengths(('question', 'question', 'answer'), tokens=True)
    pool.lengths(('answer',), tokens=True)
  assert calls == [1, 5, 5]


def test_texts_that_do_not_recur_may_have_a_counter_of_their_own() -> None:
  family, instances = load_family('reasoning'), instances_of('cot:gsm8k', 5)
  pool = Pool.of(family, instances, count_words, lambda texts: [7] * len(texts))
  assert list(pool.count_once(['two words'])) == [7]
  assert list(pool.count_once([])) == []
  assert list(_pool('cot:gsm8k', 5).count_once(['two words'])) == [2]


def test_without_a_vocabulary_bytes_stand_for_tokens() -> None:
  family = load_family('reasoning')
  pool = Pool.of(family, instances_of('cot:gsm8k', 5))
  assert list(pool.count(['', 'ab', 'é'])) == [1, 3, 3]


def test_fields_are_those_that_every_instance_has() -> None:
  task = 'niv2:task1508_wordnet_antonyms'
  assert _pool(task, 4).fields == {
    'definition',
    'input',
    'output',
    'tk_instruct',
  }
  assert _pool(task, 4).instances.columns.keys() > _pool(task, 4).fields
