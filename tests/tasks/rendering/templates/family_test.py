"""The families of `tasks/templates`, and mistakes in a file of one."""

from __future__ import annotations

import re

import pytest
from support.instances import SETTINGS, TASKS, sample_instances

from ul2_flan.tasks import catalog
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.rendering.renderer import Renderer
from ul2_flan.tasks.rendering.templates.family import (
  families,
  load_family,
  parse_family,
)


@pytest.mark.parametrize('name', families())
def test_there_are_enough_templates(name: str) -> None:
  family = load_family(name)
  if family.own_words:
    return
  instances, pool = sample_instances(name, 1)
  assert len(family.templates) >= 10
  assert len(family.few_shot) >= 2
  for setting in SETTINGS:
    renderer = Renderer.of(TASKS[name], setting, seed=0)
    assert len(renderer.forms(instances, pool).forms) >= 5
  if TASKS[name].suite == 'flan2021':
    assert any(template.inverted for template in family.templates)
  if family.has_options:
    assert any('{options}' not in t.inputs for t in family.templates)


@pytest.mark.parametrize('name', families())
def test_samples_ask_different_questions(name: str) -> None:
  samples = load_family(name).samples
  instances, pool = sample_instances(name, 1)
  assert len(pool.numbers) == len(samples) - 1
  rendered = Renderer.of(TASKS[name], 'fs_opt', seed=0).render(instances, pool)
  assert rendered.rejects == {}


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
      for template in (*family.templates, *family.few_shot):
        assert '({answer})' not in template.inputs + template.targets


_LAST = """
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


@pytest.mark.parametrize(
  ('old', 'new', 'message'),
  [
    ('{text}', '{txet}', "unknown field 'txet'. Did you mean 'text'"),
    ('[fields]', '[fields]\nmore = "x"', "differ in .'more'."),
    ('inverted', 'invrted', "unknown key of a template 'invrted'"),
    ('trim = "text"', 'trim = "txt"', "unknown field 'txt'"),
    ('{word}', '{word', 'a single .*brace that is meant is doubled'),
    ('{word}', 'a', "no template uses the fields .'word'."),
    ('"night"', '["night"]', "a sample's 'word' is "),
    ('trim =', 'reasoning = "yes"\ntrim =', "unknown reasoning 'yes'"),
    ('trim =', 'trim_keeps = "start"\ntrim =', "unknown trim_keeps 'start'"),
    (
      'inverted = false',
      '[[templates]]\ninputs = "{text}"\ntargets = "x"',
      'two templates with the inputs',
    ),
    ('[[samples]]\ntext = "Once upon a"\nword = "time"', '', 'two samples'),
    ('[fields]', '[fields', 'is not TOML'),
  ],
)
def test_mistakes_in_a_family_are_named(
  old: str, new: str, message: str
) -> None:
  assert parse_family(_LAST, 'last', 'last.toml').trim == 'text'
  with pytest.raises(UserError, match=message) as error:
    parse_family(_LAST.replace(old, new), 'last', 'last.toml')
  assert str(error.value).startswith('last.toml')


def test_an_unknown_family_is_refused() -> None:
  with pytest.raises(UserError, match="Did you mean 'nli'"):
    load_family('nly')
