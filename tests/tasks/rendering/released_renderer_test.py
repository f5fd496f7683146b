"""Whole blocks, rendered as google-research/FLAN's released code does."""

from collections import Counter

import numpy as np
from support.flan.released import imported, pairs, renderer

from ul2_flan.tasks import catalog
from ul2_flan.tasks.rendering import ExemplarCount, Pool, Renderer


def test_half_the_examples_have_mixed_templates() -> None:
  instances = pairs(400)
  of = renderer('fs_opt')
  rendered = of.render(instances, Pool.of(of.family, instances))
  kinds = Counter(label.split()[0] for label in rendered.draws['template'])
  assert 0.4 < kinds['mixed'] / 400 < 0.6
  assert kinds.total() == 400
  for label, exemplars, parts, inputs in zip(
    rendered.draws['template'],
    rendered.draws['exemplars'],
    rendered.draws['parts'],
    rendered.inputs,
    strict=True,
  ):
    assert len(exemplars) == (5 if label.startswith('mixed') else 2) or (
      len(exemplars) == 3
    )
    assert ''.join(text for _, text in parts).rstrip(' ') == inputs
    assert len(parts) == len(exemplars) + 1


def test_an_example_does_not_depend_on_its_block() -> None:
  instances = pairs(40)
  for setting in ('zs_opt', 'fs_opt', 'fs_noopt'):
    of = renderer(setting)
    pool = Pool.of(of.family, instances)
    whole = of.render(instances, pool)
    parts = [
      of.render(instances.take(part), pool)
      for part in np.split(np.arange(40), [13])
    ]
    assert [*parts[0].inputs, *parts[1].inputs] == whole.inputs
    assert [*parts[0].targets, *parts[1].targets] == whole.targets


def test_an_example_without_room_for_an_exemplar_is_left_out() -> None:
  instances = pairs(9)
  of = renderer('fs_opt', exemplar_count=ExemplarCount(max_tokens=50))
  rendered = of.render(instances, Pool.of(of.family, instances))
  assert rendered.rejects == {'exemplar_too_long': [*range(9)]}


def test_a_family_that_is_not_imported_stays_as_it_is() -> None:
  task = catalog.load('flan2021:bool_q')
  ours = Renderer.of(task, 'zs_opt', seed=0)
  asked = Renderer.of(task, 'zs_opt', imported(), as_released=True, seed=0)
  assert asked == ours
