"""Parameters of checkpoints that Orbax has written, as T5X lets it."""

from pathlib import Path

from flax import traverse_util
import numpy as np
import pytest
from support.t5x import checkpoints

from ul2_flan.tasks.errors import UserError
from ul2_flan.trainer_plugin.to_hugging_face import checkpoint

# Orbax warns of what nobody told it about devices.
pytestmark = [
  pytest.mark.filterwarnings('ignore'),
  pytest.mark.usefixtures('closed_loops'),
]


def test_parameters_are_read_in_groups_and_slots_are_not(tmp_path: Path):
  flat = checkpoints.parameters(scanned=True)
  path = checkpoints.save(tmp_path, 7, flat)
  opened = checkpoint.opened(str(path))
  assert opened.shapes == checkpoints.shapes(flat)
  names = list(flat)
  for group in (names[:2], names[2:]):
    read = opened.read(group)
    assert list(read) == group
    assert all(np.array_equal(read[name], flat[name]) for name in group)


def test_t5x_own_older_format(tmp_path: Path):
  pytest.importorskip('t5x', reason='needs T5X, which is on no package index')
  from flax import serialization

  flat = checkpoints.parameters()
  path = tmp_path / 'checkpoint_7'
  path.mkdir()
  target = traverse_util.unflatten_dict(flat, sep='/')
  state = {'step': np.int32(7)}
  content = {'version': 3, 'optimizer': {'target': target, 'state': state}}
  (path / 'checkpoint').write_bytes(serialization.msgpack_serialize(content))
  opened = checkpoint.opened(str(path))
  assert opened.shapes == checkpoints.shapes(flat)
  read = opened.read(['decoder/decoder_norm/scale'])
  assert np.array_equal(
    read['decoder/decoder_norm/scale'], flat['decoder/decoder_norm/scale']
  )


def test_a_checkpoint_is_found_by_its_step(tmp_path: Path):
  for step in (20, 100):
    (tmp_path / 'flan' / f'checkpoint_{step}').mkdir(parents=True)
  folder = f'{tmp_path}/flan'
  assert checkpoint.find(folder) == f'{folder}/checkpoint_100'
  assert checkpoint.find(folder, 20) == f'{folder}/checkpoint_20'
  with pytest.raises(UserError, match='but those of steps 20, 100'):
    checkpoint.find(folder, 21)
  with pytest.raises(UserError, match=f'Give one of {folder}$'):
    checkpoint.find(str(tmp_path))
  with pytest.raises(UserError, match='/nowhere has no checkpoint_<step>'):
    checkpoint.find('/nowhere')


def test_what_is_no_checkpoint_is_told(tmp_path: Path):
  with pytest.raises(UserError, match='may have been copied in part'):
    checkpoint.opened(str(tmp_path))
