"""A manifest whose checksum is right and whose values are not is refused."""

import dataclasses
from typing import Any

import orjson
import pytest
from support import manifests, tiny_manifests

from ul2_flan.tasks import manifest as manifest_lib
from ul2_flan.tasks.errors import UserError

OTHER = {'output': 'o', 'plan': 'p'}
MIX = {
  'mixture': 'm',
  'manifests': [OTHER],
  'members': {'train': {'a': [0, 2, 1]}},
  'splits': {'train': {'epochs': 1, 'places': 1, 'shards': 1}},
  'pack': None,
}


def read(job: str, config: dict[str, Any], *at: str, value: Any) -> None:
  """Reads a manifest in which a value is another, or gone if it is None."""
  run = {**tiny_manifests.MANIFEST.run, 'job': job, 'config': config}
  whole = dataclasses.replace(tiny_manifests.MANIFEST, run=run)
  table = fields = orjson.loads(manifests.to_json(whole))
  for name in at[:-1]:
    table = table[name]
  if value is None:
    del table[at[-1]]
  elif at:
    table[at[-1]] = value
  manifest_lib.parse(manifests.with_checksum(fields), 'out/manifest.json')


@pytest.mark.parametrize(('job', 'config'), [('ul2', {}), ('mix', MIX)])
def test_a_whole_one_is_read(job: str, config: dict[str, Any]):
  read(job, config, value='')
  read(job, {**config, 'more': 1}, value='')


@pytest.mark.parametrize(
  ('at', 'value', 'said'),
  [
    ('vocabulary/extra_ids', None, "vocabulary has no 'extra_ids'"),
    ('vocabulary/sha256', 5, 'vocabulary.sha256 is 5, not text'),
    ('run/plan', None, "run has no 'plan'"),
    ('run/config', [], 'run.config is [], not a table'),
    ('run/config/mixture', None, "run.config has no 'mixture'"),
    ('run/config/manifests', ['x'], "config.manifests[0] is 'x', not a table"),
    ('run/config/members', {'train': {'a': [1]}}, 'a has 1 values, not 3'),
    ('run/config/pack', 1, 'run.config.pack is 1, not a table'),
    ('run/counts', {'a': {'b': -1}}, 'not a whole number from 0 on'),
    ('run/origin', {'licences': {}}, "run.origin has no 'languages'"),
    ('run/summary', {'bytes': True, 'crc32c': ''}, 'bytes is True, not a wh'),
    ('mixtures', {'m': {'n:a': -0.5}}, 'm.n:a is -0.5, not a number from 0'),
    ('features/inputs/length', -1, 'features.inputs.length is -1'),
    ('data_sets/n:a/train/stats', {}, "train.stats has no 'examples'"),
    ('data_sets/..:a', {}, "'..:a' cannot be the name of a data set"),
    ('data_sets/a\\b', {}, 'cannot be the name of a data set'),
    (
      'data_sets/n:a/train/shards',
      [{'path': '../b/x', 'records': 1, 'bytes': 1, 'crc32c': ''}],
      "has a shard '../b/x', which is not in its folder",
    ),
  ],
)
def test_what_is_missing_or_of_another_type_is_named(at, value, said):
  with pytest.raises(UserError) as error:
    read('mix', MIX, *at.split('/'), value=value)
  assert said in str(error.value)
  assert str(error.value).startswith('out/manifest.json is not a manifest')
