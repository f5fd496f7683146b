"""Instances with their forms are written out form by form."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from support.instances import drawn_of

from ul2_flan.tasks.rendering.templates.form import compile_form
from ul2_flan.tasks.rendering.templates.template import FewShot

FORMS = [
  compile_form(
    f'few_shot {i}', template, options=False, foreign=False, code=False
  )
  for i, template in enumerate(
    [
      FewShot(inputs='Q: {question}', targets='{answer}'),
      FewShot(
        inputs='{question}', targets='{rationale}', instruction='As {answer}.'
      ),
      FewShot(inputs='{answer}', targets='{question}'),
    ]
  )
]


@given(st.lists(st.integers(0, 2), min_size=1))
def test_each_instance_is_in_the_group_of_its_form(chosen: list[int]) -> None:
  drawn = drawn_of(FORMS, chosen)
  groups = {FORMS.index(form): indices for form, indices in drawn.by_form}
  assert all(indices for indices in groups.values())
  by_index = {i: number for number, group in groups.items() for i in group}
  assert [by_index[i] for i in range(len(drawn))] == chosen


def test_questions_and_answers_are_filled_in() -> None:
  drawn = drawn_of(FORMS, [0, 0])
  ((members, questions, answers),) = drawn.fill(drawn.instances, [[1, 0], []])
  assert members == [0, 1]
  columns = drawn.instances.columns
  assert questions == [f'Q: {columns["question"][i]}' for i in (1, 0)]
  assert answers == [columns['answer'][i] for i in (1, 0)]


@given(st.lists(st.integers(0, 2), min_size=1))
def test_all_forms_of_a_block_are_filled_in_the_order_of_its_instances(
  chosen: list[int],
) -> None:
  questions, answers = drawn_of(FORMS, chosen).fill_own()
  for i, form in enumerate(chosen):
    alone = drawn_of(FORMS, [form] * len(chosen)).fill_own()
    assert (questions[i], answers[i]) == (alone[0][i], alone[1][i])


def test_only_some_forms_have_an_instruction() -> None:
  drawn = drawn_of(FORMS, [1, 0])
  answers = drawn.instances.columns['answer']
  assert drawn.instructions(FORMS[1], [0]) == [f'As {answers[0]}.']
  assert drawn.instructions(FORMS[0], [0, 1]) == ['', '']
