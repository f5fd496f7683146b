"""A manifest comes back from JSON as it was; other files are refused."""

from collections.abc import Callable
import dataclasses
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
import orjson
import pytest
from support import manifests

from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.manifest import contents as lib

names = st.text('abc_:1', min_size=1, max_size=6)
NOTHING = lib.Manifest('n', {}, {}, False, {}, {}, {})
any_manifest = st.builds(
  lib.Manifest,
  name=names,
  features=st.dictionaries(
    names,
    st.builds(lib.Feature, names, manifests.COUNTS, st.booleans()),
    max_size=3,
  ),
  vocabulary=st.just(manifests.VOCABULARY),
  decoder_only=st.booleans(),
  data_sets=manifests.ANY_DATA_SETS,
  mixtures=st.dictionaries(
    names, st.dictionaries(names, st.floats(0, 1), max_size=3), max_size=2
  ),
  run=st.dictionaries(
    names, st.none() | manifests.COUNTS | names, max_size=3
  ).map(lambda more: more | manifests.RUN),
)


def example(**fields: Any) -> lib.Manifest:
  given = {
    'name': 'ul2r',
    'features': {'inputs': lib.Feature('int32', 512, add_eos=True)},
    'vocabulary': manifests.VOCABULARY,
    'decoder_only': False,
    'data_sets': {},
    'mixtures': {'ul2r': {'ul2r:x': 1.0}},
    'run': manifests.RUN,
  }
  return lib.Manifest(**{**given, **fields})


@given(any_manifest)
def test_a_manifest_comes_back(manifest: lib.Manifest):
  parsed = lib.parse(manifests.to_json(manifest), 'm')
  assert parsed == manifest
  # Equality alone would let lists pass for tuples.
  for info in parsed.data_sets.values():
    for split in info.values():
      assert isinstance(split.shards, tuple)
      assert all(isinstance(s, lib.Shard) for s in split.shards)
      assert split.examples == split.stats['examples']


def changed(**changes: Any) -> bytes:
  fields = orjson.loads(manifests.to_json(example()))
  return manifests.with_checksum({**fields, **changes})


def of_the_version_before() -> bytes:
  fields = orjson.loads(manifests.to_json(example()))
  del fields['crc32c']
  return orjson.dumps({**fields, 'format': 1})


@pytest.mark.parametrize(
  ('data', 'message'),
  [
    (b'', 'out/manifest.json is not a manifest'),
    (b'\xff\xfe\xfd', 'out/manifest.json is not a manifest'),
    (changed()[:50], 'out/manifest.json is not a manifest'),
    (b'[]', 'out/manifest.json is not a manifest of format 2'),
    (b'{}', 'out/manifest.json is not a manifest of format 2'),
    (changed(format=3), 'another version of ul2-flan; make the data sets anew'),
    (changed(format='1'), 'is not a manifest of format 2'),
    (b'{"format": 1}', 'out/manifest.json is not a manifest of format 1'),
    (changed(surplus=1), "'surplus'"),
    (changed(features=[]), 'out/manifest.json is not a manifest of format 2'),
    (b'{"format": 2}', 'out/manifest.json is not as its run wrote it'),
    (changed(features={'a': {'kind': 1}}), "'kind'"),
    (changed(data_sets={'a': {'train': {}}}), "'shards'"),
  ],
)
def test_other_files_are_refused(data: bytes, message: str):
  with pytest.raises(UserError) as error:
    lib.parse(data, 'out/manifest.json')
  assert message in str(error.value)
  assert 'out/manifest.json' in str(error.value)


def test_a_manifest_of_the_version_before_is_read():
  assert lib.parse(of_the_version_before(), 'm') == example()


@pytest.mark.parametrize(
  'change',
  [
    lambda data: data.replace(b'512', b'513'),
    lambda data: data.replace(b'true', b'false'),
    lambda data: orjson.dumps(orjson.loads(data)),  # other bytes, same values
    lambda data: data + b'\n',
    lambda data: data.replace(b',\n"crc32c"', b',\n "crc32c"'),
    # The checksum is taken off.
    lambda data: data[: data.rindex(b',')] + b'}',
  ],
)
def test_a_changed_manifest_is_refused(change: Callable[[bytes], bytes]):
  data = manifests.to_json(example())
  assert change(data) != data
  with pytest.raises(lib.ChangedManifestError) as error:
    lib.parse(change(data), 'out/manifest.json')
  said = str(error.value)
  assert said.startswith('out/manifest.json is not as its run wrote it')
  assert 'make the data sets anew with --overwrite' in said
  # What it says can still be looked at.
  assert lib.parse(change(data), 'm', check=False).name == 'ul2r'


@pytest.mark.parametrize(
  ('features', 'is_packed', 'lengths'),
  [
    ({'inputs': 512, 'targets': 99, 'id': 0}, False, (512, 99)),
    (
      {'inputs': 512, 'targets': 99, 'inputs_segment_ids': 512},
      True,
      (512, 99),
    ),
    # A prefix LM: the lengths of both sides are those of the mixing.
    (
      {'decoder_segment_ids': 611, 'decoder_causal_attention': 611},
      True,
      (512, 99),
    ),
    # A causal LM: seqio takes the length of the targets for the sequence.
    ({'decoder_segment_ids': 611}, True, (None, 611)),
  ],
)
def test_lengths_at_which_nothing_is_trimmed(
  features: dict[str, int], is_packed: bool, lengths: tuple[int | None, int]
):
  manifest = example(
    features={
      name: lib.Feature('int32' if length else 'string', length)
      for name, length in features.items()
    },
    run={'config': {'pack': {'inputs': 512, 'targets': 99}}},
  )
  assert manifest.is_packed == is_packed
  made = manifest.task_feature_lengths
  assert (made.get('inputs'), made.get('targets')) == lengths
  assert 'id' not in made
  assert made.items() >= {(k, n) for k, n in features.items() if n}


@pytest.mark.parametrize(
  ('output', 'path'),
  [
    ('/a', '/a/manifest.json'),
    ('gs://b/a/', 'gs://b/a/manifest.json'),
    ('/a/manifest.json', '/a/manifest.json'),
    ('/a/few.json', '/a/few.json/manifest.json'),
  ],
)
def test_paths_of_manifests(output: str, path: str):
  assert lib.path_of(output) == path


@pytest.mark.parametrize('run', ['text', {'format': None, 'cards': 3}, {}])
def test_a_changed_run_is_no_export_and_has_no_cards(run: Any):
  manifest = dataclasses.replace(NOTHING, run=run)
  assert manifest.file_format == lib.TFRECORD
  assert manifest.cards == {}
  lib.refuse_export(manifest, 'x')


def test_an_export_is_refused_where_examples_are_read():
  config = {'manifest': {'output': 'out/ul2r'}}
  manifest = dataclasses.replace(
    NOTHING, run={'format': 'parquet', 'config': config}
  )
  with pytest.raises(UserError, match=r'x is an export \(parquet\).* out/ul2r'):
    lib.refuse_export(manifest, 'x')
