"""Which instances of a pool are an example's exemplars."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
from support.instances import instances_of

from ul2_flan.tasks.rendering.few_shot.draw_exemplars import ExemplarDraw
from ul2_flan.tasks.rendering.few_shot.pool import Pool
from ul2_flan.tasks.rendering.instances.instances import Instances
from ul2_flan.tasks.rendering.templates.family import load_family

FAMILY = load_family('reasoning')
GOLDEN = np.uint64(0x9E3779B97F4A7C15)


def _draw(
  count: int, pool: Instances, alone: bool = False, salt: int = 0
) -> ExemplarDraw:
  instances = instances_of('cot:gsm8k', count, salt)
  return ExemplarDraw.of(
    Pool.of(FAMILY, pool),
    FAMILY,
    instances,
    instances.keys * GOLDEN,
    np.full(count, alone),
  )


@given(
  count=st.integers(1, 12),
  size=st.integers(0, 30),
  wanted=st.integers(0, 8),
  salt=st.integers(0, 1),
)
def test_as_many_as_are_wanted_and_there_are(
  count: int, size: int, wanted: int, salt: int
) -> None:
  """Under the same keys or others: a pool may have an instance's copy."""
  draw = _draw(count, instances_of('cot:gsm8k', size), salt=salt)
  chosen = draw.choose(np.full(count, wanted), most=8)
  for i, exemplars in enumerate(chosen):
    others = size - (i < size)
    assert len(exemplars) == min(wanted, others)
    assert len(set(exemplars)) == len(exemplars)
    # Instance i of the pool asks the same as instance i.
    assert i not in exemplars


@given(st.permutations(range(10)))
def test_a_draw_depends_on_its_own_example_alone(order: list[int]) -> None:
  draw = _draw(10, instances_of('cot:gsm8k', 40, salt=1))
  some = ExemplarDraw(
    draw.pool,
    draw.keys[order],
    draw.question[order],
    draw.streams[order],
    draw.alone[order],
  )
  wanted = np.arange(10) % 5
  whole = draw.choose(wanted, most=5)
  assert some.choose(wanted[order], most=5) == [whole[i] for i in order]


def test_a_question_is_shown_once() -> None:
  pool = instances_of('cot:gsm8k', 4, salt=1)
  copies = pool.take(np.arange(40) % 4)
  copies = Instances(np.arange(100, 140, dtype=np.uint64), copies.columns)
  for exemplars in _draw(30, copies).choose(np.full(30, 5), most=5):
    questions = [copies.columns['question'][e] for e in exemplars]
    assert len(set(questions)) == len(questions) >= 3


def test_every_instance_of_the_pool_is_as_likely() -> None:
  draw = _draw(
    2000, instances_of('cot:gsm8k', 2010, salt=1).take(np.arange(2000, 2010))
  )
  counts = np.zeros(10, np.int64)
  for exemplars in draw.choose(np.full(2000, 2), most=5):
    np.add.at(counts, exemplars, 1)
  assert counts.sum() == 4000
  assert abs(counts / 400 - 1).max() < 0.2


def test_another_exemplar_is_one_that_fits() -> None:
  draw = _draw(20, instances_of('cot:gsm8k', 30, salt=1))
  fits = np.arange(30) % 7 == 0
  others = [draw.another(i, fits) for i in range(20)]
  assert len(set(others)) > 2
  for i, other in enumerate(others):
    assert other is not None
    assert fits[other]
    assert other != i
  # The only one that fits is a copy of what is asked.
  assert draw.another(7, np.arange(30) == 7) is None
  assert draw.another(7, np.zeros(30, np.bool_)) is None


def test_answers_that_need_options_are_drawn_only_beside_them() -> None:
  family = load_family('everyday_reading')
  made = [
    {
      'passage': f'It was day {i}.',
      'question': 'Which day was it?',
      'options': ('One.', 'None of these.'),
      'answer': ('One.', 'None of these.')[i % 2],
    }
    for i in range(12)
  ]
  instances = Instances.of(made, range(12))
  pool = Pool.of(family, instances)
  for alone in (False, True):
    draw = ExemplarDraw.of(
      pool, family, instances, instances.keys * GOLDEN, np.full(12, alone)
    )
    for exemplars in draw.choose(np.full(12, 4), most=5):
      assert not alone or all(e % 2 == 0 for e in exemplars)
      assert len(exemplars) == 4
    one = draw.another(0, np.arange(12) == 1)
    assert one == (None if alone else 1)
