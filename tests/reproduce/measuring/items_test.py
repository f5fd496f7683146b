"""Tasks are asked as they should be; held-out text is as it was made."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from reproduce.measuring import items

# A data set of two choices, 'yes' as 1 and 'no' as 2.
NAME = 'bbes_0:bbes:x:0'


class Vocabulary:
  """Has one mode token."""

  def encode(self, text: str) -> list[int]:
    return {'[S2S]': [7, 8]}[text]


def test_a_mode_token_is_in_front_of_tasks_alone(
  monkeypatch: pytest.MonkeyPatch,
):
  monkeypatch.setattr(
    items.trainer_data, 'vocabulary', lambda manifest: Vocabulary()
  )
  one = {'inputs': np.array([1, 2], np.int32), 'targets': np.array([3])}
  asked = [
    items.Question('text:held_out:s_50', '0', (one,)),
    items.Question('bbes_0:bbes:x', '1', (one, one), (1.0, 0.0)),
  ]
  text, task = items.with_mode(asked, '[S2S]', Path('/flan'))
  assert text is asked[0]
  assert (task.task, task.id, task.credits) == (
    'bbes_0:bbes:x',
    '1',
    (1.0, 0.0),
  )
  for example in task.examples:
    assert example['inputs'].tolist() == [7, 8, 1, 2]
    assert example['targets'].tolist() == [3]
  assert one['inputs'].tolist() == [1, 2]


def has(monkeypatch: pytest.MonkeyPatch, answers: list[int]) -> None:
  """Makes a data set whose right choices are these."""

  def examples(*_: Any) -> Iterator[Mapping[str, Any]]:
    for number, answer in enumerate(answers):
      for choice in (1, 2):
        yield {
          'question': np.int64(number),
          'targets': np.array([choice], np.int32),
          'credit': np.float32(choice == answer),
        }

  monkeypatch.setattr(items, '_examples', examples)


def test_questions_are_drawn_from_all(monkeypatch: pytest.MonkeyPatch):
  has(monkeypatch, [1] * 50 + [2] * 50)
  asked, again = ([*items._ranked(NAME, 40)] for _ in range(2))
  assert [one.id for one in asked] == [one.id for one in again]
  numbers = [int(one.id.rpartition(':')[2]) for one in asked]
  assert numbers == sorted({*numbers})
  assert len(numbers) == 40
  first = sum(one.credits == (1.0, 0.0) for one in asked)
  assert first == sum(number < 50 for number in numbers)
  assert 10 < first < 30
  assert {one.task for one in asked} == {'bbes_0:bbes:x'}


def test_a_task_with_few_questions_asks_all(monkeypatch: pytest.MonkeyPatch):
  has(monkeypatch, [1, 2, 2])
  assert len([*items._ranked(NAME, 40)]) == 3


@pytest.mark.parametrize('name', [NAME, 'flan_0:flan_templates:x:template_0'])
def test_a_task_with_one_answer_is_not_asked(
  monkeypatch: pytest.MonkeyPatch, name: str
):
  has(monkeypatch, [1] * 60)
  assert not [*items._ranked(name, 40)]


def test_a_label_that_is_shown_in_other_words_is_one_answer(
  monkeypatch: pytest.MonkeyPatch,
):
  def examples(*_: Any) -> Iterator[Mapping[str, Any]]:
    for number, words in enumerate([(1, 2), (3, 4)]):
      for choice in (0, 1):
        yield {
          'question': np.int64(number),
          'targets': np.array([words[choice]], np.int32),
          'credit': np.float32(choice),
        }

  monkeypatch.setattr(items, '_examples', examples)
  assert not [*items._ranked('flan_0:flan_templates:x:template_0', 40)]
  assert len([*items._ranked(NAME, 40)]) == 2
