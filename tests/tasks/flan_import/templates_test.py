"""One template of FLAN's becomes the fewest of ours that say the same."""

import pytest

from ul2_flan.tasks.flan_import import templates
from ul2_flan.tasks.flan_import.tables import Entry
from ul2_flan.tasks.flan_import.templates import Translator, UnmappedError
from ul2_flan.tasks.rendering.templates.family import load_family

RTE = Translator(load_family('entailment'), {'text1': '{premise}'}, {})
NIV2 = Translator(load_family('niv2'), {'Definition': '{definition}'}, {})


def entry(inputs: str, targets: str = '{answer}', **more: str) -> Entry:
  return Entry('x.py, line 1', {'inputs': inputs, 'targets': targets, **more})


@pytest.mark.parametrize(
  ('theirs', 'ours'),
  [
    ('{premise} {hypothesis}', '{premise} {hypothesis}'),
    ('{text1}?', '{premise}?'),
    ('{options_} {options_str}', '{options} {options}'),
    ('a { b } {premise}', 'a {{ b }} {premise}'),
    ('', ''),
  ],
)
def test_their_fields_become_ours(theirs: str, ours: str) -> None:
  assert RTE(theirs) == ours


def test_phrases_are_replaced_before_fields_are_looked_at() -> None:
  translate = Translator(RTE.family, {}, {'{title}: ': ''})
  assert translate('{title}: {premise}') == '{premise}'
  with pytest.raises(UnmappedError, match="instances have no 'title'"):
    RTE('{title}: {premise}')


def test_targets_tell_what_is_inverted() -> None:
  assert not RTE.inverted('{answer}')
  assert RTE.inverted('{premise}')
  reasoning = Translator(load_family('reasoning'), {}, {})
  assert reasoning.reasoning('{rationale} So: {answer}')
  assert not reasoning.reasoning('{answer}')
  # A family whose tasks always have the reasoning does not leave it out.
  explanation = Translator(load_family('reasoning_explanation'), {}, {})
  assert not explanation.reasoning('{rationale}')


def test_two_of_theirs_are_one_of_ours_where_only_the_options_differ() -> None:
  bare = templates.without_options(entry('{premise}?\n{options_}'), RTE)
  assert bare == ('{premise}?', '{answer}')
  same = templates.template(entry('{premise}?\n{options_}'), RTE, {bare})
  assert same.settings == ()
  assert templates.bare(same) == bare


def test_a_template_that_differs_without_options_is_only_for_options() -> None:
  shown = entry('Pick. {premise}?\n{options_}')
  one = templates.template(shown, RTE, {('{premise}?', '{answer}')})
  assert one.settings == ('opt',)
  assert templates.bare(one) is None
  other = templates.template_without_options('{premise}?', '{answer}', RTE)
  assert other.settings == ('noopt',)


def test_a_template_that_shows_no_options_serves_both_settings() -> None:
  # Ours without options would be used only where options are not shown.
  pair = ('{premise}?', '{answer}')
  shown = templates.template(entry(pair[0]), RTE, {pair})
  assert shown.settings == ('opt', 'noopt')


def test_few_shot_is_one_or_two() -> None:
  (one,) = templates.few_shot(entry('{premise}\n{options_}'), RTE)
  assert one.settings == ()
  # FLAN removes the brackets around the options; we remove what is inside.
  shown, bare = templates.few_shot(entry('{premise} ({options_})'), RTE)
  assert (shown.settings, bare.settings) == (('opt',), ('noopt',))
  assert bare.inputs == '{premise}'


def test_the_instruction_is_what_stands_before_the_question() -> None:
  (form,) = templates.few_shot(
    entry(
      '{input}',
      '{output}',
      input_pattern='Do: {{Definition}}\n{{inputs}}{final_suffix}',
    ),
    NIV2,
  )
  assert form.instruction == 'Do: {definition}'
  with pytest.raises(UnmappedError, match='text after the question'):
    templates.few_shot(
      entry('{input}', '{output}', input_pattern='{{inputs}} Go.'), NIV2
    )


def test_a_template_with_an_example_draws_no_exemplar() -> None:
  translate = Translator(NIV2.family, {'ex_input': '{positive_input}'}, {})
  form = templates.with_example(
    entry('{ex_input} {input}', '{output}'), translate
  )
  assert form.exemplars == 0
  assert form.inputs == '{positive_input} {input}'
