"""Options in another order are the same options, and the answer the same."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from ul2_flan.tasks.evaluation.reading import Question
from ul2_flan.tasks.evaluation.reading.orders import reordered


def question(id: int, options: int, answer: int, **more) -> Question:
  return Question(
    task='mmlu:anatomy',
    split='test',
    id=str(id),
    text='Which?',
    options=tuple(f'option {i}' for i in range(options)),
    answers=('ABCDEFGHIJ'[answer],),
    **more,
  )


@given(st.integers(0, 99), st.integers(1, 10), st.data(), st.integers(0, 9))
def test_the_answer_is_the_same_option(id, options, data, order):
  answer = data.draw(st.integers(0, options - 1))
  other = reordered(question(id, options, answer), order)
  place = 'ABCDEFGHIJ'.index(other.answers[0])
  assert other.options[place] == f'option {answer}'
  assert sorted(other.options) == sorted(question(id, options, 0).options)
  assert other.key == question(id, options, 0).key
  if not order:
    assert other == question(id, options, answer)


def test_questions_have_orders_of_their_own():
  for order in (1, 2):
    found = Counter(
      reordered(question(i, 4, 0), order).answers for i in range(400)
    )
    assert len(found) == 4
    assert min(found.values()) > 60


def test_other_answers_stay():
  free = Question(task='bbh:x', split='test', id='0', text='?', answers=('A',))
  assert reordered(free, 1) == free
  ranked = question(0, 2, 0, credits=(1.0, 0.0))
  assert reordered(ranked, 1) == ranked
