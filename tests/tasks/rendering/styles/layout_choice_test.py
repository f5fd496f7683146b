"""Layouts go with the texts that they stand around."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest

from ul2_flan.tasks.rendering.styles.layout_choice import (
  Look,
  choose_layouts,
  fitting,
  look_of_words,
  looks_of,
)
from ul2_flan.tasks.rendering.styles.layouts import layouts

LIST = Look.LIST


def chosen_for(question: str, answer: str, look: int = 0, *, newlines=True):
  """All layouts that can be drawn for an example."""
  keys = np.arange(500, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
  drawn = choose_layouts(
    [question] * 500, [answer] * 500, [look] * 500, keys, newlines=newlines
  )
  return [layouts()[i] for i in sorted(set(drawn.tolist()))]


@pytest.mark.parametrize('newlines', [True, False])
def test_every_look_has_layouts(newlines: bool) -> None:
  for look in range(Look.OWN):
    fits = fitting(look, newlines=newlines)
    assert fits, Look(look)
    assert newlines or all(layouts()[i].visible for i in fits)
  assert len(fitting(0, newlines=True)) == len(layouts())
  assert fitting(Look.OWN, newlines=newlines)


@pytest.mark.parametrize(
  ('question', 'answer', 'look'),
  [
    ('Is it dry?', 'no', 0),
    ('Text: It rains.', 'no', Look.LABEL),
    ('Sentence 1: It rains.', 'no', Look.LABEL),
    ('[One] Hello.', 'Hi.', Look.LABEL),
    ('- It rains.', 'no', Look.LABEL),
    ('He said: it rains', 'no', Look.LABEL),
    ('He said that: it rains', 'no', 0),
    ('Dry?\nAnswer:', 'no', Look.CUE),
    ('Dry?\n- yes\n- no', 'no', LIST),
    ('Dry?\n(B) no', 'no', LIST),
    ('Dry?\nPick one.', 'no', 0),
    ('Why?', 'It is.\nSo.', Look.BLOCK),
    ('Why?', 'Text: it is', Look.BLOCK),
    ('Which?', 'b.', Look.LETTER),
    ('Which?', '(b)', 0),
  ],
)
def test_looks(question: str, answer: str, look: int) -> None:
  assert looks_of([question], [answer], [0]) == [look]


# Parts of labels and of items, and of texts that look like them.
PARTS = ['Text', 'a', '12', ' ', ': ', ':', '\n', '[', '] ', '- ', '(B) ', '. ']
WORDS = st.lists(st.sampled_from(PARTS), max_size=6).map(''.join)


@given(WORDS, WORDS, WORDS)
def test_words_of_a_form_show_what_its_questions_show(
  first: str, field: str, last: str
) -> None:
  known = look_of_words(first, last)
  question = first + field + last
  assert looks_of([question], ['no'], [known]) == looks_of(
    [question], ['no'], [0]
  )


@given(st.lists(st.tuples(WORDS, WORDS, st.sampled_from([0, 32, 256]))))
def test_looks_of_a_block_are_those_of_each(
  examples: list[tuple[str, str, int]],
) -> None:
  questions, answers, looks = ([e[k] for e in examples] for k in range(3))
  assert looks_of(questions, answers, looks) == [
    looks_of([question], [answer], [look])[0]
    for question, answer, look in examples
  ]


def test_no_label_follows_a_label() -> None:
  for layout in chosen_for('Question: Is it dry?', 'no'):
    assert not layout.input_prefix or layout.input_prefix.endswith('\n')
    # Nor does the layout have that very label for something else.
    assert 'Question' not in layout.input_prefix
  for layout in chosen_for('It rains.\nAnswer: no\nRight?', 'no'):
    assert layout.target_prefix != 'Answer: '


def test_a_cue_is_the_only_one() -> None:
  assert not any(x.target_prefix for x in chosen_for('Dry?\nAnswer:', 'no'))


@pytest.mark.parametrize('newlines', [True, False])
def test_an_answer_is_no_item_of_a_list(newlines: bool) -> None:
  for layout in chosen_for('Dry?\n- yes\n- no', 'no', newlines=newlines):
    assert layout.target_prefix or (newlines and '\n\n' in layout.between)
  shown = chosen_for('Options: yes, no', 'no', Look.OPTIONS)
  assert all('(' not in layout.input_prefix for layout in shown)


def test_code_keeps_its_shape() -> None:
  for layout in chosen_for('Add.', 'a = 1\nb = a + 1'):
    assert layout.target_prefix in ('', 'Solution\n')


@given(st.text(max_size=60), st.text(max_size=60), st.integers(0, 2**64 - 1))
def test_a_layout_depends_on_its_own_example_alone(
  question: str, answer: str, key: int
) -> None:
  bits = np.array([key, 7], np.uint64)
  both = choose_layouts(
    [question, 'Why?\nA:'], [answer, 'x'], [0, 0], bits, newlines=True
  )
  alone = choose_layouts([question], [answer], [0], bits[:1], newlines=True)
  assert both[0] == alone[0]
