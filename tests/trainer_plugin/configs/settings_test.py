"""What gin files say of a model."""

import importlib.util
from pathlib import Path

import pytest

from ul2_flan.tasks.errors import UserError
from ul2_flan.trainer_plugin.configs import settings

CONFIG = """
from __gin__ import dynamic_registration
import __main__ as train_script
from t5x.examples.t5 import network

MANIFEST = ['/data/ul2r', '/data/flan']
VOCABULARY_PATH = None
network.T5Config.dtype = 'bfloat16'
network.T5Config.mlp_activations = ('gelu', 'linear')
network.T5Config.vocab_size = @data.vocabulary_size()
network.Transformer.config = @network.T5Config()
train_script.train.model = %MODEL
"""


def test_the_config_of_a_run(tmp_path: Path):
  (tmp_path / 'config.gin').write_text(CONFIG)
  read = settings.read(str(tmp_path))
  assert read.path == f'{tmp_path}/config.gin'
  assert read.network == {
    'dtype': 'bfloat16',
    'mlp_activations': ('gelu', 'linear'),
    'vocab_size': '@data.vocabulary_size',
  }
  assert read.macros == {
    'MANIFEST': ['/data/ul2r', '/data/flan'],
    'VOCABULARY_PATH': None,
  }


def test_a_file_that_includes_another(tmp_path: Path):
  (tmp_path / 'config.gin').write_text(CONFIG)
  model = tmp_path / 'model.gin'
  model.write_text(
    f"include '{tmp_path}/config.gin'\n"
    "network.T5Config.mlp_activations = ('silu', 'linear')\n"
  )
  read = settings.read('/nowhere', str(model))
  assert read.network['mlp_activations'] == ('silu', 'linear')
  assert read.network['dtype'] == 'bfloat16'


@pytest.mark.skipif(
  importlib.util.find_spec('t5x') is None,
  reason='needs T5X, which is on no package index',
)
@pytest.mark.parametrize(
  ('model', 'activation'), [('t5_1_1_xl', 'gelu'), ('ul2_20b', 'silu')]
)
def test_our_model_files(model: str, activation: str):
  read = settings.read('/nowhere', model)
  assert read.network['mlp_activations'] == (activation, 'linear')
  assert 'MANIFEST' not in read.macros


def test_what_cannot_be_read_is_told(tmp_path: Path):
  with pytest.raises(UserError, match='without it, give --model'):
    settings.read(str(tmp_path))
  with pytest.raises(UserError, match="Did you mean 'tiny_t5'"):
    settings.read(str(tmp_path), 'tiny_t')
  (tmp_path / 'config.gin').write_text('a = = 1')
  with pytest.raises(UserError, match='is not a gin file'):
    settings.read(str(tmp_path))
