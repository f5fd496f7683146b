from hypothesis import given
from hypothesis import strategies as st
import pytest

from ul2_flan.tasks.errors import UserError
from ul2_flan.trainer_plugin import steps

COUNTS = st.integers(0, 10**9)


@given(step=COUNTS, count=COUNTS, folder=st.sampled_from(['/a', 'gs://b/c']))
def test_a_stage_ends_as_many_steps_after_its_start(step, count, folder):
  checkpoint = f'{folder}/checkpoint_{step}'
  assert steps.start_step(checkpoint) == step
  assert steps.last_step(count, checkpoint) == step + count
  assert steps.last_step(count, checkpoint, 'reset') == count
  assert steps.last_step(count, None) == count


@pytest.mark.parametrize(
  'path',
  [
    '/models/ul2r',
    '/models/checkpoint_',
    '/models/checkpoint_20.orbax-checkpoint-tmp',
    '/models/checkpoint_20/state',
  ],
)
def test_what_is_no_checkpoint_is_refused(path):
  with pytest.raises(UserError, match='checkpoint_<step>'):
    steps.start_step(path)


def test_an_unknown_optimizer_state_is_refused():
  with pytest.raises(UserError, match="Did you mean 'keep'"):
    steps.start_step(None, 'keeps')
