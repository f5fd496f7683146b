"""Folders that appear whole, and the tensors in them."""

import json
import os
from pathlib import Path
import stat

import numpy as np
import pytest
from safetensors.numpy import load_file
from support.t5x import checkpoints
from support.t5x.checkpoints import GATED

from ul2_flan.tasks.errors import UserError
from ul2_flan.trainer_plugin.to_hugging_face import folder, tensors


@pytest.mark.parametrize('most', [5000, folder.MAX_BYTES])
def test_all_tensors_are_written_once(tmp_path: Path, most: int):
  flat = checkpoints.parameters(scanned=True)
  model = tensors.model(checkpoints.shapes(flat), GATED, 'config.gin')
  folder.write_tensors(tmp_path, checkpoints.in_memory(flat), model, most)
  want = {
    name: array
    for parameter, values in flat.items()
    for name, array in model.tensors(parameter, values)
  }
  files = sorted(path.name for path in tmp_path.glob('*.safetensors'))
  read = {file: load_file(tmp_path / file) for file in files}
  index = tmp_path / 'model.safetensors.index.json'
  if most == folder.MAX_BYTES:
    assert files == ['model.safetensors']
    assert not index.exists()
  else:
    assert files[0] == f'model-00001-of-{len(files):05}.safetensors'
    listed = json.loads(index.read_text())
    places = {name: file for file, there in read.items() for name in there}
    assert listed['weight_map'] == places
    total = sum(array.nbytes for array in want.values())
    assert listed['metadata'] == {'total_size': total}
  got = {
    name: array for there in read.values() for name, array in there.items()
  }
  assert got.keys() == want.keys()
  assert all(np.array_equal(got[name], want[name]) for name in want)
  (tmp_path / 'plain').touch()
  rights = {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
  assert len(rights) == 1


def test_a_file_that_cannot_be_written_is_told(tmp_path: Path):
  flat = checkpoints.parameters()
  model = tensors.model(checkpoints.shapes(flat), GATED, 'config.gin')
  memory = checkpoints.in_memory(flat)
  with pytest.raises(UserError, match='cannot write /nowhere/model'):
    folder.write_tensors(Path('/nowhere'), memory, model)


@pytest.mark.parametrize('is_there', [False, True])
def test_a_folder_gets_its_name_when_it_is_complete(
  tmp_path: Path, is_there: bool
):
  output = tmp_path / 'a' / 'model'
  if is_there:
    output.mkdir(parents=True)
  with folder.whole(str(output)) as made:
    (made / 'config.json').write_text('{}')
    assert not output.exists() or not any(output.iterdir())
  assert [path.name for path in output.iterdir()] == ['config.json']
  assert [path.name for path in output.parent.iterdir()] == ['model']
  (tmp_path / 'plain').mkdir()
  rights = (tmp_path / 'plain').stat().st_mode
  assert stat.S_IMODE(output.stat().st_mode) == stat.S_IMODE(rights)


def test_what_fails_leaves_nothing(tmp_path: Path):
  def fail():
    with folder.whole(f'{tmp_path}/model') as made:
      (made / 'half').write_text('x')
      raise UserError('no more')

  with pytest.raises(UserError, match='no more'):
    fail()
  assert not list(tmp_path.iterdir())


def test_what_somebody_has_stays(tmp_path: Path):
  mine = tmp_path / 'mine'
  mine.write_text('mine')
  for output in (tmp_path, mine):
    with pytest.raises(UserError, match='Nothing is overwritten'):
      folder.check(str(output))
  with pytest.raises(UserError, match='folders of this machine'):
    folder.check('gs://bucket/model')

  def late():
    # Somebody else fills the folder while it is written.
    with folder.whole(f'{tmp_path}/new'):
      os.mkdir(tmp_path / 'new')
      (tmp_path / 'new' / 'theirs').write_text('theirs')

  with pytest.raises(UserError, match='not empty'):
    late()
  assert sorted(path.name for path in tmp_path.iterdir()) == ['mine', 'new']
  assert [path.name for path in (tmp_path / 'new').iterdir()] == ['theirs']
