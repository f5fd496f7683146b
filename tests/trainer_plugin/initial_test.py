"""First parameters from checkpoints of every kind. Needs T5X."""

import functools
from pathlib import Path
import shutil
from typing import Any

import numpy as np
import pytest
import seqio

pytest.importorskip('t5x', reason='needs T5X, which is on no package index')

import jax
from t5x import adafactor, checkpoints, models, partitioning
from t5x.examples.t5 import network

from ul2_flan.tasks.errors import UserError
from ul2_flan.trainer_plugin import initial

STEP = 7

# Orbax and JAX warn of what T5X asks of them.
pytestmark = [
  pytest.mark.filterwarnings('ignore'),
  pytest.mark.usefixtures('closed_loops'),
]


@pytest.fixture(scope='module')
def make():
  """Makes an initializer of a tiny model."""
  config = network.T5Config(
    *(128,),
    emb_dim=8,
    num_heads=2,
    num_encoder_layers=1,
    num_decoder_layers=1,
    head_dim=4,
    mlp_dim=16,
  )
  vocabulary = seqio.PassThroughVocabulary(128)
  model = models.EncoderDecoderModel(
    module=network.Transformer(config),
    input_vocabulary=vocabulary,
    output_vocabulary=vocabulary,
    optimizer_def=adafactor.Adafactor(
      learning_rate=0.1,
      logical_factor_rules=adafactor.standard_logical_factor_rules(),
    ),
  )
  partitioner = partitioning.PjitPartitioner(num_partitions=1)
  sides = ('encoder_input', 'decoder_input', 'decoder_target')

  def initializer(**settings: Any) -> initial.Initializer:
    return initial.Initializer(
      optimizer_def=model.optimizer_def,
      init_fn=model.get_initial_variables,
      input_shapes={f'{side}_tokens': (2, 3) for side in sides},
      input_types={f'{side}_tokens': np.dtype('int32') for side in sides},
      partitioner=partitioner,
      **settings,
    )

  return initializer


@pytest.fixture(scope='module')
def trained(make):
  """A state after some steps: its slots are not those of a new one."""
  state = make().from_scratch(jax.random.key(1)).replace_step(np.int32(STEP))
  slots = jax.tree.map(lambda x: x + 1, state.param_states)
  return state.replace(
    _optimizer=state._optimizer.replace(
      state=state._optimizer.state.replace(param_states=slots)
    )
  )


@pytest.fixture(scope='module')
def save(make, trained, tmp_path_factory):
  """Saves it in a format; the path."""
  folder = tmp_path_factory.mktemp('checkpoints')

  @functools.cache
  def one(kind: str) -> str:
    initializer = make()
    path = folder / kind
    path.mkdir(exist_ok=True)
    if kind == 't5x':
      checkpoints.Checkpointer(
        initializer.global_train_state_shape,
        initializer._partitioner,
        str(path),
      ).save(trained)
    else:
      manager = checkpoints.OrbaxCheckpointManagerInterface(
        str(path),
        initializer.global_train_state_shape,
        initializer._partitioner,
      )
      manager.save(trained)
      manager.wait_until_finished()
      manager.close()
    checkpoint = path / f'checkpoint_{STEP}'
    if kind == 'without_dataset':
      shutil.rmtree(checkpoint / 'dataset')
    return str(checkpoint)

  return one


def same(one: Any, other: Any) -> bool:
  return all(
    jax.tree.leaves(jax.tree.map(lambda a, b: bool((a == b).all()), one, other))
  )


@pytest.mark.parametrize('kind', ['orbax', 'without_dataset', 't5x'])
def test_a_checkpoint_of_any_kind(make, save, trained, kind):
  state = make(checkpoint=save(kind)).from_scratch(jax.random.key(2))
  assert int(state.step) == STEP
  assert same(state.params, trained.params)
  assert same(state.param_states, trained.param_states)


@pytest.mark.parametrize('kind', ['orbax', 't5x'])
def test_optimizer_state_is_reset(make, save, trained, kind):
  initializer = make(checkpoint=save(kind), optimizer_state='reset')
  state = initializer.from_scratch(jax.random.key(2))
  new = make().from_scratch(jax.random.key(2))
  assert int(state.step) == 0
  assert same(state.params, trained.params)
  assert same(state.param_states, new.param_states)
  assert not same(state.param_states, trained.param_states)


def test_a_path_from_the_current_folder(make, save, trained, monkeypatch):
  path = Path(save('orbax'))
  monkeypatch.chdir(path.parent)
  state = make(checkpoint=path.name).from_scratch(jax.random.key(2))
  assert same(state.params, trained.params)


def test_random_parameters(make, trained):
  state = make().from_scratch(jax.random.key(2))
  assert int(state.step) == 0
  assert not same(state.params, trained.params)


def test_a_missing_checkpoint_names_those_there(make, save):
  folder = Path(save('orbax')).parent
  with pytest.raises(UserError, match=f'there are those of steps {STEP}'):
    make(checkpoint=f'{folder}/checkpoint_8')
  with pytest.raises(UserError, match='none in that folder'):
    make(checkpoint='/nowhere/checkpoint_8')


def test_what_is_no_checkpoint(make):
  with pytest.raises(UserError, match='checkpoint_<step>'):
    make(checkpoint='/models/ul2r')
