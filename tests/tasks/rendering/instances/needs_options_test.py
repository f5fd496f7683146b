"""Answers that make no sense without the other options."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from ul2_flan.tasks import catalog
from ul2_flan.tasks.rendering import Instances, Pool, Renderer, load_family
from ul2_flan.tasks.rendering.instances.needs_options import (
  needs_options,
  which_need_options,
)

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
    ('Neither of those!', True),
    ('any of the options', True),
    ('The answer is not listed.', True),
    ('ANSWER IS NOT GIVEN', True),
    ('e) nor (a)', True),
    ('E\u0131ther of them', True),  # re takes this i for an I
    ('both', False),
  ],
)
def test_needs_options(answer: str, expected: bool) -> None:
  assert needs_options(answer) == expected
  instances = _instances(1)
  columns = {**instances.columns, 'answer': [answer]}
  instances = dataclasses.replace(instances, columns=columns)
  assert which_need_options(FAMILY, instances).tolist() == [expected]


def _instances(count: int) -> Instances:
  """Makes instances of which every third has an answer that needs options."""
  made = [
    {
      'passage': f'It was day {i}.',
      'question': f'Which day was it, if not {i}?',
      'options': ('One.', 'Two.', NONE),
      'answer': ('One.', 'Two.', NONE)[i % 3],
    }
    for i in range(count)
  ]
  return Instances.of(made, range(1, count + 1))


def test_families_with_prompts_of_their_own_are_left_alone() -> None:
  family = load_family('p3_multiple_choice')
  columns = {'prompt': ['Which?'], 'options': [('a', NONE)], 'answer': [NONE]}
  instances = Instances(np.array([1], np.uint64), columns, choice=np.array([1]))
  assert not which_need_options(family, instances).any()


@pytest.mark.parametrize('setting', ['zs_noopt', 'fs_noopt'])
def test_without_options_they_are_left_out(setting: str) -> None:
  instances = _instances(60)
  rendered = Renderer.of(TASK, setting, seed=0).render(
    instances, Pool.of(FAMILY, instances), draws=True
  )
  assert rendered.rejects == {'answer_needs_options': list(range(2, 60, 3))}
  assert rendered.index.tolist() == [i for i in range(60) if i % 3 != 2]
  texts = (*rendered.inputs, *rendered.targets)
  assert not any(NONE in text for text in texts)
  draws = rendered.draws.values()
  assert all(len(column) == len(rendered) for column in draws)


@pytest.mark.parametrize('setting', ['zs_opt', 'fs_opt'])
def test_with_options_they_are_not_turned_round(setting: str) -> None:
  instances = _instances(90)
  rendered = Renderer.of(TASK, setting, seed=0).render(
    instances, Pool.of(FAMILY, instances), draws=True
  )
  assert not rendered.rejects
  for i, template, text in zip(
    rendered.index.tolist(),
    rendered.draws['template'],
    rendered.inputs,
    strict=True,
  ):
    inverted = template in ('template 8', 'template 9')
    assert not (inverted and (i % 3 == 2 or NONE in text))
  assert any(t == 'template 8' for t in rendered.draws['template'])


def test_the_others_are_rendered_as_without_them() -> None:
  instances = _instances(30)
  others = np.array([i for i in range(30) if i % 3 != 2])
  pool = Pool.of(FAMILY, instances)
  renderer = Renderer.of(TASK, 'fs_noopt', seed=1)
  assert renderer.render(instances, pool).inputs == (
    renderer.render(instances.take(others), pool).inputs
  )
