"""What rejects a row."""

import pickle

import numpy as np
import pytest

from ul2_flan.tasks.rendering.instances.reject import RejectError, require


@pytest.mark.parametrize('condition', [False, None, '', 0, [], np.bool_(False)])
def test_what_is_false_or_empty_rejects(condition: object) -> None:
  with pytest.raises(RejectError) as error:
    require(condition, 'too_short')
  assert error.value.reason == 'too_short'
  require([condition], 'too_short')


def test_a_reason_survives_the_way_from_a_worker_process() -> None:
  copy = pickle.loads(pickle.dumps(RejectError('no_label')))
  assert copy.reason == str(copy) == 'no_label'
