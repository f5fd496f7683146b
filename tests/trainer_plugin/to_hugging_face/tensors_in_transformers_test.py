"""Transformers computes what T5X computes. Needs T5X and PyTorch."""

import importlib.util
import json
import os
from pathlib import Path
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from support.t5x import checkpoints

pytest.importorskip('t5x', reason='needs T5X, which is on no package index')
if importlib.util.find_spec('torch') is None:
  pytest.skip('needs PyTorch', allow_module_level=True)

from flax import traverse_util
import jax
import jax.numpy as jnp
import optax
from t5x.examples.scalable_t5 import network as scalable_t5
from t5x.examples.t5 import network as t5

from ul2_flan.tasks.vocabulary import Vocabulary
from ul2_flan.trainer_plugin import blanks
from ul2_flan.trainer_plugin.to_hugging_face import folder, tensors, tokenizer

pytestmark = pytest.mark.filterwarnings('ignore')

ROWS = 640
GATED = {'mlp_activations': ('gelu', 'linear')}
SILU = {'mlp_activations': ('silu', 'linear')}
TIED = {'logits_via_embedding': True}

# As the model files have them: T5 1.1, UL2 20B, T5 1.0; scanned, or not.
MODELS: dict[str, tuple[Any, dict[str, Any]]] = {
  't5_1_1': (t5, GATED),
  'ul2': (t5, {**SILU, **TIED}),
  't5_1_0': (t5, {'mlp_activations': ('relu',), **TIED}),
  'scalable': (scalable_t5, GATED),
  'scalable_tied': (scalable_t5, {**GATED, **TIED}),
  'scalable_on_first_axis': (scalable_t5, {**GATED, 'param_scan_axis': 0}),
  'scalable_not_scanned': (scalable_t5, {**GATED, 'scan_layers': False}),
}

FILLED = {
  'The sky is <extra_id_0>.': '<extra_id_0> blue',
  'Grass <extra_id_0> green, not <extra_id_1>.': (
    '<extra_id_0> is<extra_id_1> red'
  ),
  '<extra_id_0> barks at the cat.': '<extra_id_0> The dog',
}


class Model:
  """A tiny model of T5X."""

  def __init__(self, network: Any, settings: dict[str, Any]):
    self.settings = settings
    self.module = network.Transformer(
      network.T5Config(
        *(ROWS,),
        emb_dim=32,
        num_heads=4,
        num_encoder_layers=3,
        num_decoder_layers=2,
        head_dim=16,
        mlp_dim=48,
        **settings,
      )
    )

  def logits(self, parameters: Any, inputs: Any, targets: Any) -> Any:
    return self.module.apply(
      {'params': parameters}, inputs, shifted(targets), targets,
      enable_dropout=False,
    )  # fmt: skip

  def initial(self, inputs: Any, targets: Any) -> Any:
    return self.module.init(
      jax.random.key(0), inputs, shifted(targets), targets,
      enable_dropout=False,
    )['params']  # fmt: skip

  def write(self, path: Path, parameters: Any, inputs: Any, targets: Any):
    """Writes it as Transformers reads it, and what it computes."""
    flat = traverse_util.flatten_dict(parameters, sep='/')
    flat = {name: np.asarray(array) for name, array in flat.items()}
    shapes = checkpoints.shapes(flat)
    model = tensors.model(shapes, self.settings, 'here')
    path.mkdir()
    folder.write_tensors(path, checkpoints.in_memory(flat), model, 60_000)
    ids = {'decoder_start_token_id': 0, 'eos_token_id': 1, 'pad_token_id': 0}
    folder.write_json(path / 'config.json', {**model.config, **ids})
    np.savez(
      path / 'asked.npz',
      inputs=inputs,
      decoder=shifted(targets),
      targets=targets,
      logits=self.logits(parameters, inputs, targets),
    )


def shifted(targets: Any) -> Any:
  return jnp.pad(targets, ((0, 0), (1, 0)))[:, :-1]


def padded(rows: list[list[int]]) -> np.ndarray:
  longest = max(map(len, rows))
  return np.array([row + [0] * (longest - len(row)) for row in rows])


def trained(model: Model, inputs: Any, targets: Any) -> Any:
  """Parameters that know some sentences by heart."""
  optimizer = optax.adam(1e-2)
  parameters = model.initial(inputs, targets)

  @jax.jit
  def step(parameters, state):
    def loss(parameters):
      logits = model.logits(parameters, inputs, targets)
      of_tokens = optax.softmax_cross_entropy_with_integer_labels(
        logits, targets
      )
      return (of_tokens * (targets > 0)).sum() / (targets > 0).sum()

    value, gradients = jax.value_and_grad(loss)(parameters)
    updates, state = optimizer.update(gradients, state)
    return optax.apply_updates(parameters, updates), state, value

  state = optimizer.init(parameters)
  for _ in range(200):
    parameters, state, value = step(parameters, state)
  assert value < 0.05
  return parameters


@pytest.fixture(scope='module')
def seen(tmp_path_factory, vocabulary_path) -> dict[str, Any]:
  """What Transformers makes of all models."""
  models = tmp_path_factory.mktemp('models')
  random = np.random.default_rng(0)
  # Longer than all relative positions that have a number of their own.
  inputs = random.integers(3, ROWS, (3, 200))
  inputs[0, 150:] = 0
  targets = random.integers(3, ROWS, (3, 60))
  for name, (network, settings) in MODELS.items():
    model = Model(network, settings)
    parameters = jax.tree.map(
      # Norms begin with ones, which would hide which is which.
      lambda x: x * random.uniform(0.5, 1.5, x.shape).astype('float32'),
      model.initial(inputs, targets),
    )
    model.write(models / name, parameters, inputs, targets)
  data = Path(vocabulary_path).read_bytes()
  vocabulary = Vocabulary(data)
  ids = [
    padded([[*blanks.encode(text, vocabulary), 1] for text in texts])
    for texts in (FILLED, FILLED.values())
  ]
  model = Model(t5, GATED)
  path = models / 'trained'
  model.write(path, trained(model, *ids), *ids)
  for file, content in tokenizer.files(data, vocabulary).items():
    (path / file).write_bytes(content)
  (path / 'prompts.json').write_text(json.dumps(list(FILLED)))
  program = Path(__file__).with_name('in_transformers.py')
  done = subprocess.run(
    [sys.executable, str(program), str(models)],
    capture_output=True,
    text=True,
    check=False,
    # PyTorch makes a folder that it leaves.
    env={**os.environ, 'TMPDIR': str(tmp_path_factory.mktemp('torch'))},
  )
  assert done.returncode == 0, done.stderr[-3000:]
  return json.loads(done.stdout)


@pytest.mark.parametrize('name', [*MODELS, 'trained'])
def test_logits_are_those_of_t5x(name: str, seen):
  one = seen[name]
  kind = 'UMT5' if name.startswith('scalable') else 'T5'
  assert one['class'] == f'{kind}ForConditionalGeneration'
  assert not one['unmatched']
  assert one['difference'] < 1e-4


def test_blanks_are_filled_as_in_training(seen):
  assert seen['trained']['answers'] == list(FILLED.values())
