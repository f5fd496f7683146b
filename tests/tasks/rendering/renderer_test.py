"""What holds for rendering, whatever the instances."""

from __future__ import annotations

import itertools

from hypothesis import given, settings
from hypothesis import strategies as st
import numpy as np
import pytest
from support.faults import prompt_faults
from support.instances import SETTINGS, TASKS, instances_of, sample_instances

from ul2_flan.tasks import catalog
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.rendering.few_shot.pool import Pool, choose_pool
from ul2_flan.tasks.rendering.instances.instances import Instances
from ul2_flan.tasks.rendering.renderer import Renderer
from ul2_flan.tasks.rendering.templates.family import families, load_family
from ul2_flan.tasks.rendering.templates.setting import SETTINGS as ALL_SETTINGS

NAMES = (
  'flan2021:rte',
  'flan2021:arc_easy',
  'flan2021:stsb',
  'cot:gsm8k',
  'dialog:wiki_dialog',
  'niv2:task1508_wordnet_antonyms',
)
RTE = catalog.load('flan2021:rte')


@pytest.mark.parametrize('name', families())
@pytest.mark.parametrize('setting', SETTINGS)
def test_every_form_reads_well(name: str, setting: str) -> None:
  family = load_family(name)
  renderer = Renderer.of(TASKS[name], setting, seed=3)
  instances, pool = sample_instances(name, 12)
  forms = renderer.forms(instances, pool).forms
  zero = not renderer.setting.few_shot
  inputs = set()
  for number, form in enumerate(forms):
    rendered = renderer.render(instances, pool, form=number)
    assert len(rendered) == len(instances)
    for text, target in zip(rendered.inputs, rendered.targets, strict=True):
      assert not list(prompt_faults.faults(text, code=family.code, zero=zero))
      assert not list(prompt_faults.faults(target, code=family.code))
      if form.shows_options:
        answer = instances.columns['answer'][0]
        assert target in text
        assert answer in text
        assert all(o in text for o in instances.columns['options'][0])
    inputs.add(rendered.inputs[0])
  # A bare question is also one of the forms with exemplars.
  if zero:
    assert len(inputs) == len(forms)


@pytest.mark.parametrize('name', NAMES)
@pytest.mark.parametrize('setting', SETTINGS)
@given(cuts=st.lists(st.integers(0, 40), max_size=4), seed=st.integers(0, 9))
@settings(max_examples=10)
def test_the_division_into_blocks_makes_no_difference(
  name: str, setting: str, cuts: list[int], seed: int
) -> None:
  instances = instances_of(name, 40)
  family = load_family(catalog.load(name).family)
  renderer = Renderer.of(catalog.load(name), setting, seed=seed)
  pool = Pool.of(family, choose_pool(instances, seed=seed, task=name, size=30))
  whole = renderer.render(instances, pool, draws=True)
  bounds = sorted({0, *cuts, 40})
  examples: list[tuple[int, str, str]] = []
  for start, stop in itertools.pairwise(bounds):
    part = renderer.render(instances.take(np.arange(start, stop)), pool)
    index = (part.index + start).tolist()
    examples += zip(index, part.inputs, part.targets, strict=True)
  assert examples == list(
    zip(whole.index.tolist(), whole.inputs, whole.targets, strict=True)
  )


@pytest.mark.parametrize('name', NAMES)
def test_order_makes_no_difference(name: str) -> None:
  instances = instances_of(name, 30)
  renderer = Renderer.of(catalog.load(name), 'zs_opt', seed=1)
  order = np.random.default_rng(0).permutation(30)
  there = renderer.render(instances)
  back = renderer.render(instances.take(order))
  assert [there.inputs[i] for i in order] == back.inputs


def test_seed_task_and_setting_make_a_difference() -> None:
  instances = instances_of(RTE.name, 40)
  base = Renderer.of(RTE, 'zs_opt', seed=0)
  others = (
    Renderer.of(RTE, 'zs_opt', seed=1),
    Renderer.of(catalog.load('flan2021:snli'), 'zs_opt', seed=0),
    Renderer.of(RTE, 'zs_noopt', seed=0),
  )
  inputs = base.render(instances).inputs
  for other in others:
    assert inputs != other.render(instances).inputs


def test_all_templates_occur() -> None:
  instances = instances_of(RTE.name, 1000)
  rendered = Renderer.of(RTE, 'zs_opt', seed=0).render(instances, draws=True)
  labels = rendered.draws['template']
  counts = {label: labels.count(label) for label in labels}
  assert len(counts) == 8
  assert min(counts.values()) > 80


@pytest.mark.parametrize('setting', SETTINGS)
@given(scored=st.lists(st.booleans(), min_size=60, max_size=60))
@settings(max_examples=20)
def test_instances_that_are_scored_are_asked_for_the_answer(
  setting: str, scored: list[bool]
) -> None:
  instances = instances_of(RTE.name, 60)
  pool = Pool.of(load_family(RTE.family), instances)
  renderer = Renderer.of(RTE, setting, seed=0)
  forward = np.array(scored)
  some = renderer.render(instances, pool, forward=forward, draws=True)
  none = renderer.render(instances, pool, draws=True)
  forms = {form.label: form for form in renderer.forms(instances, pool).forms}
  assert any(forms[label].inverted for label in none.draws['template'])
  for i, asked in enumerate(scored):
    if asked:
      assert not forms[some.draws['template'][i]].inverted
    else:
      assert some.inputs[i] == none.inputs[i]
      assert some.targets[i] == none.targets[i]


def test_a_family_that_only_inverts_goes_on_to() -> None:
  task = catalog.load('dialog:task_master_inverted')
  instances = instances_of(task.name, 20)
  renderer = Renderer.of(task, 'zs_opt', seed=0)
  scored = renderer.render(instances, forward=np.ones(20, np.bool_))
  assert scored.inputs == renderer.render(instances).inputs


def test_reasoning_is_in_the_targets_unless_the_setting_is_direct() -> None:
  instances, pool = sample_instances('reasoning', 20)
  rationale = instances.columns['rationale'][0]
  for setting in map(str, ALL_SETTINGS[:-1]):
    rendered = Renderer.of(catalog.load('cot:gsm8k'), setting, seed=0).render(
      instances, pool
    )
    thought = [rationale in target for target in rendered.targets]
    assert not any(thought) if 'direct' in setting else all(thought)


def test_few_shot_needs_a_pool() -> None:
  with pytest.raises(UserError, match='needs a pool of exemplars'):
    Renderer.of(RTE, 'fs_opt', seed=0).render(instances_of(RTE.name, 1))


@pytest.mark.parametrize('setting', SETTINGS)
def test_no_instances_give_no_examples(setting: str) -> None:
  instances = instances_of(RTE.name, 3)
  pool = Pool.of(load_family(RTE.family), instances)
  none = instances.take(np.arange(0))
  assert len(Renderer.of(RTE, setting, seed=0).render(none, pool)) == 0


def test_instances_that_lack_a_field_take_other_forms() -> None:
  task = catalog.load('niv2:task1508_wordnet_antonyms')
  instances = instances_of(task.name, 200)
  pool = Pool.of(load_family(task.family), instances)
  rendered = Renderer.of(task, 'fs_opt', seed=0).render(
    instances, pool, draws=True
  )
  assert rendered.index.tolist() == list(range(200))
  for i, template in zip(
    rendered.index.tolist(), rendered.draws['template'], strict=True
  ):
    assert i % 5 or template not in ('few_shot 0', 'few_shot 1')
  assert 'few_shot 0' in rendered.draws['template']


@pytest.mark.parametrize('setting', SETTINGS)
def test_no_english_goes_with_instructions_in_another_language(
  setting: str,
) -> None:
  instances = Instances.of(
    [
      {
        'definition': '\u4f60',
        'input': str(i),
        'output': '\u597d',
        **dict.fromkeys(('positive_input', 'positive_output', 'explanation')),
      }
      for i in range(60)
    ],
    range(60),
  )
  task = catalog.unlisted('niv2', 'x', languages=('zh',))
  pool = Pool.of(load_family('niv2'), instances)
  rendered = Renderer.of(task, setting, seed=0).render(instances, pool)
  assert len(rendered) == 60
  assert not any(c.isascii() and c.isalpha() for c in ''.join(rendered.inputs))
  english = catalog.unlisted('niv2', 'x')
  rendered = Renderer.of(english, setting, seed=0).render(instances, pool)
  assert any('nput' in text for text in rendered.inputs)


@pytest.mark.parametrize('setting', ['zs_opt', 'fs_opt'])
def test_it_is_asked_to_choose_once(setting: str) -> None:
  """Not by an opening and a closing, nor by the words or a cue beside one."""
  instances = instances_of(RTE.name, 400)
  pool = Pool.of(load_family(RTE.family), instances)
  rendered = Renderer.of(RTE, setting, seed=0).render(
    instances, pool, draws=True
  )
  calls = ('Choose from:', 'Pick one:', 'Select from these:')
  closings = ('Which one?', 'Choose one of them.', 'Pick one.')
  seen = set()
  for text, template in zip(
    rendered.inputs, rendered.draws['template'], strict=True
  ):
    asked = [c for c in (*calls, *closings) if f'\n{c}' in text]
    assert len(asked) <= 1
    # 'Which of these says ...', and one that ends with 'Verdict:'.
    assert not asked or template != 'template 3'
    assert template != 'template 5' or not set(asked) & set(closings)
    seen |= set(asked)
  assert seen == {*calls, *closings}
