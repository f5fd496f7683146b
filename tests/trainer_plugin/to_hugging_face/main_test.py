"""The command, on checkpoints that Orbax has written."""

import json
from pathlib import Path
import shutil

import pytest
from safetensors.numpy import load_file
from support.t5x import checkpoints

from ul2_flan.tasks.register import load_manifest
from ul2_flan.trainer_plugin.to_hugging_face import __main__ as command

# Orbax warns of what nobody told it about devices.
pytestmark = [
  pytest.mark.filterwarnings('ignore'),
  pytest.mark.usefixtures('closed_loops'),
]


@pytest.fixture(scope='module')
def model_dir(by_denoiser, tmp_path_factory) -> Path:
  """What T5X leaves of a run, as far as it is read."""
  folder = tmp_path_factory.mktemp('run')
  for step in (10, 20):
    checkpoints.save(folder, step, checkpoints.parameters())
  (folder / 'config.gin').write_text(
    f"MANIFEST = '{by_denoiser}'\nVOCABULARY_PATH = None\n"
    "network.T5Config.mlp_activations = ('gelu', 'linear')\n"
  )
  return folder


def flags(model_dir: Path, output: Path) -> list[str]:
  return [f'--model_dir={model_dir}', f'--output={output}']


def test_a_run_tells_all(model_dir, by_denoiser, tmp_path, capsys):
  output = tmp_path / 'model'
  assert command.main([*flags(model_dir, output), '--step=10']) == 0
  said = capsys.readouterr().out
  assert f'reading {model_dir}/checkpoint_10' in said
  assert f"AutoTokenizer.from_pretrained('{output}')" in said
  assert {path.name for path in output.iterdir()} == {
    *('config.json', 'generation_config.json', 'model.safetensors'),
    *('spiece.model', 'tokenizer.json', 'tokenizer_config.json'),
  }
  config = json.loads((output / 'config.json').read_text())
  assert config['architectures'] == ['T5ForConditionalGeneration']
  assert config['vocab_size'] == checkpoints.ROWS
  assert (config['decoder_start_token_id'], config['eos_token_id']) == (0, 1)
  ids = json.loads((output / 'generation_config.json').read_text())
  assert ids.items() <= config.items()
  assert 'shared.weight' in load_file(output / 'model.safetensors')
  path = load_manifest(by_denoiser).vocabulary['path']
  assert (output / 'spiece.model').read_bytes() == Path(path).read_bytes()


def test_a_checkpoint_without_a_run(
  model_dir, vocabulary_path, tmp_path, capsys
):
  folder = tmp_path / 'public'
  shutil.copytree(model_dir / 'checkpoint_20', folder / 'checkpoint_20')
  given = flags(folder, tmp_path / 'model')
  assert command.main(given) == 2
  assert 'give --model, such as t5_1_1_small' in capsys.readouterr().err
  model = tmp_path / 'model.gin'
  model.write_text("network.T5Config.mlp_activations = ('gelu', 'linear')\n")
  given.append(f'--model={model}')
  assert command.main(given) == 2
  assert 'names no data' in capsys.readouterr().err
  assert command.main([*given, f'--vocabulary={vocabulary_path}']) == 0


def test_what_is_wrong_is_told_and_nothing_is_written(
  model_dir, by_denoiser, vocabulary_with_sentinels_path, tmp_path, capsys
):
  def told(*more: str) -> str:
    assert command.main([*flags(model_dir, tmp_path / 'model'), *more]) == 2
    assert not list(tmp_path.iterdir())
    return capsys.readouterr().err

  assert 'but those of steps 10, 20' in told('--step=11')
  other = vocabulary_with_sentinels_path
  assert f'not the vocabulary that {by_denoiser}' in told(
    f'--vocabulary={other}'
  )
  assert 'where it is now' in told('--vocabulary=/nowhere')
  assert 'A run writes it when it is complete' in told('--manifest=/nowhere')
  (tmp_path / 'model').mkdir()
  (tmp_path / 'model' / 'mine').write_text('mine')
  assert command.main(flags(model_dir, tmp_path / 'model')) == 2
  assert 'Nothing is overwritten' in capsys.readouterr().err
  assert (tmp_path / 'model' / 'mine').read_text() == 'mine'
