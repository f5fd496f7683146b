"""Tasks are asked with a mode token, and held-out text is as it was made."""

from pathlib import Path

import numpy as np
import pytest
from reproduce.measuring import items


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
