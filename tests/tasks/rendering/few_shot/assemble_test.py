"""How the parts of an example follow each other."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest
from support.instances import drawn_of, instances_of

from ul2_flan.tasks.rendering.few_shot.assemble import (
  MARKS_BYTES,
  Examples,
  Marks,
  add_exemplars,
  ask,
  lay_out,
)
from ul2_flan.tasks.rendering.few_shot.pool import Pool
from ul2_flan.tasks.rendering.styles.layouts import layouts
from ul2_flan.tasks.rendering.templates.family import load_family
from ul2_flan.tasks.rendering.templates.form import compile_form
from ul2_flan.tasks.rendering.templates.template import FewShot

FAMILY = load_family('reasoning')
FORMS = [
  compile_form('few_shot', f, options=False, foreign=False, code=False)
  for f in (
    FewShot(inputs='{question}', targets='{answer}'),
    FewShot(
      inputs='{question}',
      targets='{answer}',
      instruction='Go on.',
      input_prefix='Q: ',
      target_prefix='A: ',
      separator=' // ',
    ),
    FewShot(inputs='{question}', targets='{answer}', exemplars=0),
  )
]


def test_an_example_is_instruction_exemplars_and_question() -> None:
  marks = Marks(('1. ', '2. ', '3. '), (' = ', ' := ', ' =: '), '\n')
  examples = Examples(
    [FORMS[0]] * 2,
    ['Add.', ''],
    ['2 + 2', '100% ?'],
    ['4', 'no'],
    [marks] * 2,
    [['1 + 1', '2'], ()],
  )
  assert examples.inputs([1, 0]) == [
    '1. 100% ? =',
    'Add.\n1. 1 + 1 = 2\n2. 2 + 2 :=',
  ]
  assert examples.parts(0) == [
    ('instruction', 'Add.'),
    ('exemplar', '1. 1 + 1 = 2'),
    ('question', '2. 2 + 2 := '),
  ]


@given(
  st.lists(
    st.tuples(st.sampled_from([0, 1]), st.lists(st.integers(0, 9), max_size=4)),
    min_size=1,
  ),
  st.integers(0, 2**64 - 1),
)
def test_each_example_gets_its_own_exemplars(
  asked: list[tuple[int, list[int]]], bits: int
) -> None:
  drawn = drawn_of(FORMS, [form for form, _ in asked])
  pool = Pool.of(FAMILY, instances_of('cot:gsm8k', 10, salt=1))
  examples = ask(drawn)
  streams = np.full(len(asked), bits, np.uint64)
  layout = lay_out(examples, drawn, streams, newlines=True)
  add_exemplars(examples, [picked for _, picked in asked], pool, drawn)
  columns = pool.instances.columns
  every = range(len(asked))
  for i, inputs, at, (form, picked) in zip(
    every, examples.inputs(every), layout.tolist(), asked, strict=True
  ):
    shown = layouts()[at]
    if form == 0:
      expected = [
        shown.prefix(n)
        + columns['question'][e]
        + shown.between
        + shown.cue(n)
        + columns['answer'][e]
        for n, e in enumerate(picked, 1)
      ]
    else:
      # Its own layout: nothing of the drawn one is to be seen.
      expected = [
        f'Q: {columns["question"][e]}\nA: {columns["answer"][e]}'
        for e in picked
      ]
      assert inputs.startswith('Go on. // ')
      assert inputs.count(' // ') == len(picked) + 1
    parts = examples.parts(i)
    assert [text for what, text in parts if what == 'exemplar'] == expected
    assert (
      inputs
      == examples.marks[i].separator.join(text for _, text in parts).rstrip()
    )


def test_a_form_says_whether_it_needs_exemplars() -> None:
  forms = ask(drawn_of(FORMS, [0, 2, 1])).forms
  assert [form.exemplars == 0 for form in forms] == [False, True, False]


@pytest.mark.parametrize('newlines', [True, False])
def test_no_layout_has_more_bytes_than_are_allowed_for(newlines: bool) -> None:
  drawn = drawn_of(FORMS, [0] * 300)
  examples = ask(drawn)
  bits = np.arange(300, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
  lay_out(examples, drawn, bits, newlines=newlines)
  for text, question in zip(
    examples.inputs(range(300)), examples.questions, strict=True
  ):
    assert len(text.encode()) < len(question.encode()) + MARKS_BYTES
