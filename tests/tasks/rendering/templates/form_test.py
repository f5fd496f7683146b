"""What compiling makes of a template."""

from typing import Any

import pytest

from ul2_flan.tasks.rendering.styles.layout_choice import Look
from ul2_flan.tasks.rendering.templates.form import Form, compile_form
from ul2_flan.tasks.rendering.templates.template import FewShot, Template


def _compiled(
  template: Template | FewShot,
  options: bool = True,
  foreign: bool = False,
  code: bool = False,
) -> Form:
  return compile_form(
    'template 0', template, options=options, foreign=foreign, code=code
  )


def test_options_are_shown_or_taken_out() -> None:
  template = Template(inputs='{q}\n{options}', targets='{answer}')
  shown, hidden = _compiled(template), _compiled(template, options=False)
  assert shown.shows_options
  assert shown.fields == {'q', 'options', 'answer'}
  assert not hidden.shows_options
  assert hidden.inputs.text == '{q}'


@pytest.mark.parametrize(
  ('inputs', 'options', 'asks'),
  [
    ('{q}{options}', '', False),
    ('{q}{options}\nWhich?', '', True),
    ('Which one? {q}{options}', 'needed', True),
  ],
)
def test_words_around_options_ask_to_choose(
  inputs: str, options: str, asks: bool
) -> None:
  template = Template(inputs=inputs, targets='{answer}', options=options)
  assert _compiled(template).asks_to_choose == asks


@pytest.mark.parametrize(
  ('part', 'inputs', 'join', 'separator'),
  [
    ({}, '{q}', None, None),
    ({'input_prefix': 'Q: '}, 'Q: {q}', '\n', None),
    ({'target_prefix': 'A: '}, '{q}\nA: ', '', None),
    ({'separator': '|', 'between': ' = '}, '{q}', ' = ', '|'),
  ],
)
def test_a_layout_of_its_own_takes_the_place_of_a_drawn_one(
  part: dict[str, Any], inputs: str, join: str | None, separator: str | None
) -> None:
  form = _compiled(FewShot(inputs='{q}', targets='{a}', **part))
  assert (form.inputs.text, form.join, form.separator) == (
    inputs,
    join,
    separator,
  )
  assert (Look.OWN in Look(form.look)) == bool(part)


def test_an_answer_follows_a_colon_in_the_same_line_but_for_code() -> None:
  template = Template(inputs='{q}\nAnswer:', targets='{a}')
  assert _compiled(template).join == ' '
  assert _compiled(template, code=True).join == '\n'


def test_what_is_known_of_the_text_is_in_its_look() -> None:
  template = Template(inputs='{dialog}{options}', targets='{answer}')
  form = _compiled(template, foreign=True, code=True)
  assert Look(form.look) == (
    Look.TURNS | Look.OPTIONS | Look.WORDLESS | Look.BLOCK | Look.LABEL
  )
