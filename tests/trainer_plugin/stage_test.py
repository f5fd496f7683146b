import pytest

from ul2_flan.tasks.errors import UserError
from ul2_flan.trainer_plugin import stage


def test_bindings_go_where_they_belong():
  (ul2r, flan), evaluation = stage.plan(
    'gs://b/mine.gin',
    ['flan=/f', 'ul2r=/u'],
    ['/u', '/f'],
    '/models',
    [
      '--gin.SEED=1',
      '--flan.STEPS=2',
      '--eval.NUM_EXAMPLES=3',
      '--ul2r.trainer.Trainer.num_microbatches=4',
      '--coordinator_address=10.0.0.1:8476',
    ],
  )
  assert ul2r.bindings == {
    'EVAL_MANIFESTS': '["/u", "/f"]',
    'SEED': '1',
    'trainer.Trainer.num_microbatches': '4',
  }
  assert flan.bindings['STEPS'] == '2'
  assert 'STEPS' not in ul2r.bindings
  assert evaluation == {'NUM_EXAMPLES': '3'}
  assert flan.command(None)[-1] == '--coordinator_address=10.0.0.1:8476'
  assert '--gin_file=gs://b/mine.gin' in flan.command(None)
  assert (ul2r.name, flan.name, flan.model_dir) == (
    'ul2r', 'flan', '/models/flan'
  )  # fmt: skip


def test_an_unknown_model():
  with pytest.raises(UserError, match="unknown model 't5_small'"):
    stage.plan('t5_small', ['flan=/f'], [], '/models', [])


@pytest.mark.parametrize(
  ('manifest', 'rest', 'message'),
  [
    (['flam=/f'], [], "Did you mean 'flan'"),
    (['flan'], [], 'flan=DIR'),
    (['flan=/f', 'flan=/g'], [], 'give each stage one'),
    (['flan=/f'], ['--ul2r.STEPS=1'], 'no --manifest ul2r=DIR'),
    (['flan=/f'], ['--flan.STEPS'], '--flan.NAME=VALUE'),
    (['flan=/f'], ['STEPS=1'], '--NAME=VALUE'),
  ],
)
def test_mistakes(manifest, rest, message):
  with pytest.raises(UserError, match=message):
    stage.plan('tiny_t5', manifest, [], '/models', rest)
