"""A manifest comes back from JSON as it was, and names files as seqio does."""

import dataclasses
import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
import pytest

from ul2_flan.tasks import manifest as lib
from ul2_flan.tasks.errors import UserError

names = st.text('abc_:1', min_size=1, max_size=6)
counts = st.integers(0, 2**40)
shards = st.builds(
  lib.Shard, names, counts, counts, st.from_regex('[0-9a-f]{8}', fullmatch=True)
)
splits = st.builds(
  lib.Split,
  st.lists(shards, max_size=3).map(tuple),
  st.fixed_dictionaries({'examples': counts}),
)
manifests = st.builds(
  lib.Manifest,
  name=names,
  features=st.dictionaries(
    names, st.builds(lib.Feature, names, counts, st.booleans()), max_size=3
  ),
  vocabulary=st.just({'path': 'v.model', 'sha256': 'ff', 'extra_ids': 100}),
  decoder_only=st.booleans(),
  data_sets=st.dictionaries(
    names, st.dictionaries(names, splits, max_size=2), max_size=3
  ),
  mixtures=st.dictionaries(
    names, st.dictionaries(names, st.floats(0, 1), max_size=3), max_size=2
  ),
  run=st.dictionaries(names, st.none() | counts | names, max_size=3),
)


def example() -> lib.Manifest:
  shard = lib.Shard('ul2r/x/train.tfrecord-00000-of-00001', 3, 99, '0badcafe')
  return lib.Manifest(
    name='ul2r',
    features={
      'inputs': lib.Feature('int32', 512, add_eos=True),
      'id': lib.Feature('string'),
    },
    vocabulary={'sha256': 'ff'},
    decoder_only=False,
    data_sets={
      'ul2r:x': {
        'train': lib.Split((shard,) * 2, {'examples': 6, 'inputs_tokens': 70}),
        'validation': lib.Split((), {'examples': 0}),
      }
    },
    mixtures={'ul2r': {'ul2r:x': 1.0}},
    run={},
  )


@given(manifests)
def test_parse_inverts_to_dict(manifest: lib.Manifest):
  data = json.dumps(manifest.to_dict()).encode()
  parsed = lib.parse(data, 'm')
  assert parsed == manifest
  # Not only equal: shards are Shards, to be compared and hashed as such.
  for info in parsed.data_sets.values():
    for split in info.values():
      assert isinstance(split.shards, tuple)
      assert all(isinstance(s, lib.Shard) for s in split.shards)
      assert split.examples == split.stats['examples']


def changed(**changes: Any) -> bytes:
  return json.dumps({**example().to_dict(), **changes}).encode()


@pytest.mark.parametrize(
  ('data', 'message'),
  [
    (b'', 'out/manifest.json is not a manifest'),
    (b'\xff\xfe\xfd', 'out/manifest.json is not a manifest'),
    (changed()[:50], 'out/manifest.json is not a manifest'),
    (b'[]', 'out/manifest.json is not a manifest of format 1'),
    (b'{}', 'out/manifest.json is not a manifest of format 1'),
    (changed(format=2), 'another version of ul2-flan; make the data sets anew'),
    (changed(format='1'), 'is not a manifest of format 1'),
    (b'{"format": 1}', 'out/manifest.json is not a manifest of format 1'),
    (changed(surplus=1), "'surplus'"),
    (changed(features=[]), 'out/manifest.json is not a manifest of format 1'),
    (changed(features={'a': {'kind': 1}}), "'kind'"),
    (changed(data_sets={'a': {'train': {}}}), "'shards'"),
  ],
)
def test_what_is_no_manifest_is_refused(data: bytes, message: str):
  with pytest.raises(UserError) as error:
    lib.parse(data, 'out/manifest.json')
  assert message in str(error.value)
  assert 'out/manifest.json' in str(error.value)


def test_json_is_in_the_order_of_the_fields():
  assert list(example().to_dict()) == [
    'format',
    *(field.name for field in dataclasses.fields(lib.Manifest)),
  ]


@pytest.mark.parametrize(
  ('data_set', 'folder'),
  [('ul2r', 'ul2r'), ('ul2r:r_3_15', 'ul2r/r_3_15'), ('a:b:c', 'a/b/c')],
)
def test_folders_are_seqios(data_set: str, folder: str):
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


def test_seqios_files():
  made = example()
  files = lib.seqio_files(
    'ul2r:x', made.data_sets['ul2r:x'], made.features, made.vocabulary
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
