"""Which instances ask the same."""

import dataclasses

from hypothesis import given
from hypothesis import strategies as st
import pytest

from ul2_flan.tasks.rendering.instances.instances import Instances
from ul2_flan.tasks.rendering.instances.same_question import questions
from ul2_flan.tasks.rendering.templates.family import load_family


def _asked(family: str, **fields: object) -> str:
  sample = {**load_family(family).samples[0], **fields}
  return questions(load_family(family), Instances.of([sample], [1]))[0]


def test_case_and_white_space_make_no_other_question() -> None:
  asked = _asked('closed_book_question', question='Who rowed?')
  assert asked == _asked('closed_book_question', question=' who\nROWED? ')
  assert asked != _asked('closed_book_question', question='Who rowed')


@given(st.text(st.sampled_from('aB Σσß\n\t\x1c\x85\xa0\u2028\u3000İ')))
def test_all_white_space_is_alike(question: str) -> None:
  asked = _asked('closed_book_question', question=question)
  assert asked == ' '.join(question.lower().split())


@given(st.lists(st.text(st.sampled_from('aB Σé\n\t\x1c\xa0\0')), min_size=1))
def test_a_block_asks_what_each_asks(texts: list[str]) -> None:
  family = load_family('closed_book_question')
  samples = [{**family.samples[0], 'question': text} for text in texts]
  asked = questions(family, Instances.of(samples, range(len(texts))))
  assert asked == [' '.join(text.lower().split()) for text in texts]


@pytest.mark.parametrize('field', ['premise', 'hypothesis'])
def test_every_field_of_the_input_counts(field: str) -> None:
  assert _asked('nli', **{field: 'x'}) != _asked('nli')


def test_the_answer_does_not_count() -> None:
  answers = load_family('nli').samples[0]['options']
  assert len({_asked('nli', answer=answer) for answer in answers}) == 1


def test_trimmed_instances_ask_what_they_asked_before() -> None:
  family = load_family('nli')
  instances = Instances.of(family.samples[:2], [1, 2])
  asked = questions(family, instances)
  columns = {**instances.columns, 'premise': ['', '']}
  trimmed = dataclasses.replace(instances, columns=columns, asked=asked)
  assert questions(family, trimmed) == asked
