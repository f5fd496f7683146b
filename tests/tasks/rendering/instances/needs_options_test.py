"""Answers that make no sense without the other options."""

from __future__ import annotations

import numpy as np
import pytest

from ul2_flan.tasks import catalog
from ul2_flan.tasks.rendering import Instances, Pool, Renderer, load_family
from ul2_flan.tasks.rendering.instances.needs_options import leans

TASK = catalog.load('flan2021:cosmos_qa')
FAMILY = load_family(TASK.family)
NONE = 'None of the above choices.'


@pytest.mark.parametrize(
  ('answer', 'expected'),
  [
    (NONE, True),
    ('all of these', True),
    ('All of the above', True),
    ('both A and C', True),
    ('(A) or (B)', True),
    ('none of the seeds sprouted', False),
    ('above the knees', False),
    ('A and a half', False),
    ('both', False),
  ],
)
def test_leans(answer: str, expected: bool) -> None:
  assert leans(answer) == expected


def rows_of(count: int) -> Instances:
  """Of every third row, the answer leans."""
  rows = [
    {
      'passage': f'It was day {i}.',
      'question': f'Which day was it, if not {i}?',
      'options': ('One.', 'Two.', NONE),
      'answer': ('One.', 'Two.', NONE)[i % 3],
    }
    for i in range(count)
  ]
  return Instances.of(rows, range(1, count + 1))


@pytest.mark.parametrize('setting', ['zs_noopt', 'fs_noopt'])
def test_without_options_they_are_left_out(setting: str) -> None:
  rows = rows_of(60)
  told = Renderer.of(TASK, setting, seed=0).render(
    rows, Pool.of(FAMILY, rows), draws=True
  )
  assert told.rejects == {'answer_needs_options': list(range(2, 60, 3))}
  assert told.index.tolist() == [i for i in range(60) if i % 3 != 2]
  assert not any(NONE in text for text in (*told.inputs, *told.targets))
  assert all(len(column) == len(told) for column in told.draws.values())


@pytest.mark.parametrize('setting', ['zs_opt', 'fs_opt'])
def test_with_options_they_are_not_turned_round(setting: str) -> None:
  rows = rows_of(90)
  told = Renderer.of(TASK, setting, seed=0).render(
    rows, Pool.of(FAMILY, rows), draws=True
  )
  assert not told.rejects
  for i, template, text in zip(
    told.index.tolist(), told.draws['template'], told.inputs, strict=True
  ):
    inverted = template in ('template 8', 'template 9')
    assert not (inverted and (i % 3 == 2 or NONE in text))
  assert any(t == 'template 8' for t in told.draws['template'])


def test_the_others_are_rendered_as_without_them() -> None:
  rows = rows_of(30)
  stand = np.array([i for i in range(30) if i % 3 != 2])
  pool = Pool.of(FAMILY, rows)
  renderer = Renderer.of(TASK, 'fs_noopt', seed=1)
  assert renderer.render(rows, pool).inputs == (
    renderer.render(rows.take(stand), pool).inputs
  )
