"""What is said of a draw is what the text shows."""

from __future__ import annotations

from support.instances import instances_of

from ul2_flan.tasks import catalog
from ul2_flan.tasks.rendering.renderer import Renderer
from ul2_flan.tasks.rendering.styles.option_styles import styles


def test_options_are_shown_as_it_is_said() -> None:
  instances = instances_of('flan2021:openbookqa', 200)
  task = catalog.load('flan2021:openbookqa')
  rendered = Renderer.of(task, 'zs_opt', seed=0).render(instances, draws=True)
  shown = 0
  for said, text, target in zip(
    rendered.draws['options'], rendered.inputs, rendered.targets, strict=True
  ):
    if said is None:
      continue
    shown += 1
    style, answer = said.rsplit(' -> ', 1)
    openings = [o for o in styles().openings if o and style.startswith(o)]
    assert not openings or max(openings, key=len) in text
    if '{text}' not in answer:
      assert len(target) <= len(answer) + 2
  assert 0 < shown < len(rendered)


def test_speakers_are_those_of_the_text() -> None:
  instances = instances_of('dialog:wiki_dialog', 60)
  task = catalog.load('dialog:wiki_dialog')
  rendered = Renderer.of(task, 'zs_opt', seed=0).render(instances, draws=True)
  assert 'options' not in rendered.draws
  for said, text in zip(rendered.draws['dialog'], rendered.inputs, strict=True):
    assert said.split(' / ')[0] in text
  assert len(set(rendered.draws['dialog'])) > 5


def test_nothing_is_said_of_what_no_example_shows() -> None:
  instances = instances_of('cot:gsm8k', 5)
  task = catalog.load('cot:gsm8k')
  rendered = Renderer.of(task, 'zs_opt', seed=0).render(instances, draws=True)
  assert set(rendered.draws) == {'template'}
