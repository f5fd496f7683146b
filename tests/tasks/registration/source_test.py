"""A source reads the shards that a manifest lists, and no others."""

from pathlib import Path

import numpy as np
import pytest

from ul2_flan.tasks import records
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.manifest import Feature, Shard, Split, shard_path
from ul2_flan.tasks.ragged import Ragged
from ul2_flan.tasks.registration.source import ManifestDataSource

FEATURES = {
  'inputs': Feature('int32', 8, add_eos=True),
  'number': Feature('int64'),
  'provenance/source': Feature('string', 0, add_eos=False),
}


def write(folder: Path, path: str, lengths: list[int]) -> Shard:
  """Writes examples of these lengths."""
  ids = Ragged.of([np.arange(2, 2 + n) for n in lengths])
  places = [f'{path}:{i}'.encode() for i in range(len(lengths))]
  examples = records.encode_examples(
    {
      'inputs': ids,
      'number': Ragged.of([[n] for n in lengths]),
      'provenance/source': places,
    }
  )
  data = records.frame_records(examples)
  (folder / path).parent.mkdir(parents=True, exist_ok=True)
  (folder / path).write_bytes(data)
  return Shard(path, len(lengths), len(data), '')


@pytest.fixture
def source(tmp_path: Path) -> ManifestDataSource:
  shards = tuple(
    write(tmp_path, shard_path('a', 'train', i, 2), lengths)
    for i, lengths in enumerate(([1, 0, 3], [2]))
  )
  # A pattern of names would find this one too.
  write(tmp_path, shard_path('a', 'train', 2, 3), [4])
  splits = {
    'train': Split(shards, {'examples': 4}),
    'validation': Split((), {'examples': 0}),
  }
  return ManifestDataSource(str(tmp_path), splits, FEATURES)


def test_it_knows_its_shards_and_counts(source, tmp_path):
  assert source.num_input_examples('train') == 4
  assert source.list_shards('train') == [
    f'{tmp_path}/{shard_path("a", "train", i, 2)}' for i in range(2)
  ]


def test_an_empty_split_is_not_there(source):
  assert list(source.splits) == ['train']
  for split in ('validation', 'test'):
    for ask in (
      lambda split=split: source.num_input_examples(split),
      lambda split=split: source.list_shards(split),
      lambda split=split: source.get_dataset(split, shuffle=False),
    ):
      with pytest.raises(
        UserError, match=f"/a: no examples in split '{split}', only in train"
      ):
        ask()


def test_examples_come_back_with_their_types(source):
  examples = list(
    source.get_dataset('train', shuffle=False).as_numpy_iterator()
  )
  assert [e['inputs'].tolist() for e in examples] == [
    [2],
    [],
    [2, 3, 4],
    [2, 3],
  ]
  assert all(e['inputs'].dtype == np.int32 for e in examples)
  assert [e['number'] for e in examples] == [1, 0, 3, 2]
  assert examples[0]['number'].dtype == np.int64
  path = shard_path('a', 'train', 0, 2)
  assert examples[2]['provenance/source'] == f'{path}:2'.encode()
