"""Every wording of every family, rendered on the family's sample rows."""

from __future__ import annotations

import re

import numpy as np
import pytest
from support import prose

from ul2_flan.tasks import catalog
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.rendering.few_shot.pool import Pool
from ul2_flan.tasks.rendering.instances.instances import Instances
from ul2_flan.tasks.rendering.renderer import Renderer
from ul2_flan.tasks.rendering.styles.layouts import layouts
from ul2_flan.tasks.rendering.templates.family import (
  families,
  load_family,
  parse_family,
)
from ul2_flan.tasks.rendering.templates.setting import SETTINGS, Setting

# One task for each family.
TASKS = {task.family: task for task in catalog.tasks()}

SETTINGS_OF_FOUR = ('zs_opt', 'zs_noopt', 'fs_opt', 'fs_noopt')


def sample_rows(family: str, seeds: int) -> tuple[Instances, Pool]:
  """The first sample under as many keys, and a pool of the others."""
  samples = load_family(family).samples
  rows = Instances.of([samples[0]] * seeds, range(1, seeds + 1))
  pool = Instances.of(samples[1:], range(1000, 1000 + len(samples) - 1))
  return rows, Pool.of(load_family(family), pool)


@pytest.mark.parametrize('name', families())
@pytest.mark.parametrize('setting', SETTINGS_OF_FOUR)
def test_reads_well(name: str, setting: str) -> None:
  family = load_family(name)
  renderer = Renderer.of(TASKS[name], setting, seed=3)
  rows, pool = sample_rows(name, 12)
  inputs = set()
  for form in range(len(renderer.forms(rows, pool).forms)):
    shows_options = renderer.forms(rows, pool).forms[form].shows_options
    rendered = renderer.render(rows, pool, form=form)
    assert len(rendered) == len(rows)
    for text, target in zip(rendered.inputs, rendered.targets, strict=True):
      zero = not renderer.setting.few_shot
      assert not list(prose.faults(text, code=family.code, zero=zero))
      assert not list(prose.faults(target, code=family.code))
      if shows_options:
        answer = rows.columns['answer'][0]
        assert target in text
        assert answer in text
        assert all(option in text for option in rows.columns['options'][0])
    inputs.add(rendered.inputs[0])
  # A bare question is also one of the forms with exemplars.
  if not renderer.setting.few_shot:
    assert len(inputs) == len(renderer.forms(rows).forms)


@pytest.mark.parametrize('name', families())
def test_enough_wordings(name: str) -> None:
  family = load_family(name)
  if family.own_words:
    return
  rows, pool = sample_rows(name, 1)
  assert len(family.templates) >= 10
  assert len(family.few_shot) >= 2
  for setting in SETTINGS_OF_FOUR:
    renderer = Renderer.of(TASKS[name], setting, seed=0)
    assert len(renderer.forms(rows, pool).forms) >= 5
  if TASKS[name].suite == 'flan2021':
    assert any(template.inverted for template in family.templates)
  if family.has_options:
    assert any('{options}' not in t.inputs for t in family.templates)


@pytest.mark.parametrize('name', families())
def test_samples_ask_different_questions(name: str) -> None:
  samples = load_family(name).samples
  rows, pool = sample_rows(name, 1)
  assert len(pool.numbers) == len(samples) - 1
  chosen = pool.choose(
    load_family(name),
    rows,
    np.array([1], np.uint64),
    np.array([1]),
    most=5,
    alone=np.zeros(1, np.bool_),
  )
  assert len(chosen[0]) == 1


def test_texts_of_families_differ() -> None:
  seen: dict[str, str] = {}
  for name in families():
    for template in load_family(name).templates:
      # A bare question is one, whatever the family.
      if len(re.sub(r'\{\w+\}', '', template.inputs).split()) < 4:
        continue
      other = seen.setdefault(template.inputs, name)
      assert other == name


# To "must it be true?" a text that leaves it open is answered by "no".
_ASKS_FOR_CERTAINTY = re.compile(
  r'\b(must|has to|conclude|sure|warranted|backed|follows?|therefore)\b', re.I
)
_LEAVES_IT_OPEN = re.compile(
  r"can't you tell|no telling|not be enough|leaves that open|cannot settle|"
  r'not possible|either way|impossible to know|nobody could know'
)


def test_three_answers_are_three_answers_to_what_is_asked() -> None:
  tasks = [t for t in catalog.tasks() if any('to tell' in x for x in t.labels)]
  assert len(tasks) == 7
  for family in map(load_family, {task.family for task in tasks}):
    for template in (*family.templates, *family.few_shot):
      head = getattr(template, 'instruction', '')
      words = f'{head} {template.inputs}'
      assert not _ASKS_FOR_CERTAINTY.search(words)
      # Where no options are shown, nothing else tells that there are three.
      shows = template.inverted or getattr(template, 'options', '')
      assert shows or _LEAVES_IT_OPEN.search(words)


def test_two_answers_are_two() -> None:
  for name in ('flan2021:rte', 'flan2021:wnli'):
    task = catalog.load(name)
    assert len(task.labels) == 2
    for template in load_family(task.family).templates:
      assert not _LEAVES_IT_OPEN.search(template.inputs)


def test_a_kind_of_question_is_not_its_answer() -> None:
  # "What does DNA stand for?" has the label "an abbreviation".
  for template in load_family('question_type').templates:
    if template.inverted:
      assert not re.search(
        r'(answer is|answered by) .*\{answer\}|\{answer\} for an answer',
        template.inputs,
      )


def test_an_answer_that_may_have_parentheses_gets_none() -> None:
  for name in families():
    if name.startswith('reasoning'):
      family = load_family(name)
      for wording in (*family.templates, *family.few_shot):
        assert '({answer})' not in wording.inputs + wording.targets


def test_reasoning() -> None:
  rows, pool = sample_rows('reasoning', 20)
  rationale = rows.columns['rationale'][0]
  for setting in map(str, SETTINGS):
    rendered = Renderer.of(catalog.load('cot:gsm8k'), setting, seed=0).render(
      rows, pool
    )
    thought = [rationale in target for target in rendered.targets]
    assert not any(thought) if 'direct' in setting else all(thought)


def test_a_setting_without_wordings_is_refused() -> None:
  rows, _ = sample_rows('nli', 1)
  with pytest.raises(UserError, match='no wording for the setting zs_opt_cot'):
    Renderer.of(catalog.load('flan2021:rte'), 'zs_opt_cot', seed=0).render(rows)


def test_an_unknown_setting_is_refused() -> None:
  with pytest.raises(UserError, match="Did you mean 'zs_noopt'"):
    Setting.parse('zs_no_opt')


@pytest.mark.parametrize('name', families())
def test_exemplars_stay_apart_without_newlines(name: str) -> None:
  family = load_family(name)
  renderer = Renderer.of(TASKS[name], 'fs_opt', seed=3, newlines=False)
  rows, pool = sample_rows(name, 100)
  rendered = renderer.render(rows, pool, draws=True)
  assert len(rendered) == len(rows)
  for template, at in zip(
    rendered.draws['template'], rendered.draws['layout'], strict=True
  ):
    kind, number = template.split()
    own = kind == 'few_shot' and family.few_shot[int(number)].own_layout
    if at is None:  # a form without exemplars
      continue
    layout = layouts()[at]
    assert layout.separator.strip() or (layout.visible and not own)


@pytest.mark.parametrize(
  ('old', 'new', 'message'),
  [
    ('{text}', '{txet}', "unknown field 'txet'. Did you mean 'text'"),
    ('[fields]', '[fields]\nmore = "x"', "differ in .'more'."),
    ('inverted', 'invrted', "unknown key of a template 'invrted'"),
    ('trim = "text"', 'trim = "txt"', "unknown field 'txt'"),
    ('{word}', '{word', 'a single .*brace that is meant is doubled'),
  ],
)
def test_mistakes_in_a_family_are_named(
  old: str, new: str, message: str
) -> None:
  text = """
description = "The last word."
input = ["text"]
trim = "text"
[fields]
text = "the rest"
word = "the last word"
[[samples]]
text = "It was a dark and stormy"
word = "night"
[[samples]]
text = "Once upon a"
word = "time"
[[templates]]
inputs = "{text}"
targets = "{word}"
inverted = false
"""
  assert parse_family(text, 'last', 'last.toml').trim == 'text'
  with pytest.raises(UserError, match=message) as error:
    parse_family(text.replace(old, new), 'last', 'last.toml')
  assert str(error.value).startswith('last.toml')
