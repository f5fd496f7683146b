"""Folders, shards and descriptions are where seqio looks for them."""

import pytest

from ul2_flan.tasks.manifest import seqio_layout as lib
from ul2_flan.tasks.manifest.contents import Feature, Shard, Split


@pytest.mark.parametrize(
  ('data_set', 'folder'),
  [('ul2r', 'ul2r'), ('ul2r:r_3_15', 'ul2r/r_3_15'), ('a:b:c', 'a/b/c')],
)
def test_folders_are_those_of_seqio(data_set: str, folder: str):
  from seqio import utils

  assert lib.folder_of(data_set) == folder
  # seqio names the folder of a cached task so.
  assert utils.get_task_dir_from_name(data_set) == folder


@pytest.mark.parametrize(('index', 'count'), [(0, 1), (3, 64), (12345, 99999)])
def test_shards_are_named_as_seqio_looks_for_them(index: int, count: int):
  from seqio import utils

  path = lib.shard_path('ul2r:x', 'train', index, count)
  folder, _, name = path.rpartition('/')
  assert folder == 'ul2r/x'
  assert (
    name
    == utils.get_cached_tfrecord_prefix('', 'train').lstrip('/')
    + f'-{index:05d}-of-{count:05d}'
  )


def test_the_files_of_a_cached_task():
  shard = Shard('ul2r/x/train.tfrecord-00000-of-00001', 3, 99, '0badcafe')
  files = lib.seqio_files(
    'ul2r:x',
    {
      'train': Split((shard,) * 2, {'examples': 6, 'inputs_tokens': 70}),
      'validation': Split((), {'examples': 0}),
    },
    {'inputs': Feature('int32', 512, add_eos=True), 'id': Feature('string')},
    {'sha256': 'ff'},
  )
  assert sorted(files) == [
    f'ul2r/x/{kind}.{split}.json'
    for kind in ('info', 'stats')
    for split in ('train', 'validation')
  ]
  info = files['ul2r/x/info.train.json']
  assert info['num_shards'] == 2
  assert info['features'] == {
    'inputs': {'dtype': 'int32', 'shape': [None]},
    'id': {'dtype': 'string', 'shape': []},
  }
  assert files['ul2r/x/info.validation.json']['num_shards'] == 0
  assert files['ul2r/x/stats.train.json'] == {
    'examples': 6,
    'inputs_tokens': 70,
  }
