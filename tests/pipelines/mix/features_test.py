"""Runs that do not go together are refused; packed features have room."""

import dataclasses
import json
from pathlib import Path

import pytest
from support import collection_runs, manifests
from support.outputs import manifest_of

from ul2_flan.pipelines import mix
from ul2_flan.pipelines.mix import Config
from ul2_flan.pipelines.mix.features import check_alike, features, packed_shape
from ul2_flan.tasks.errors import UserError

RUN = collection_runs.ul2_run('ul2r')
CONFIG = Config(manifests=['run'], mixture='ul2r', pack='enc_dec')


def shape_of(manifest=RUN, **changes):
  return packed_shape(dataclasses.replace(CONFIG, **changes), manifest)


def test_runs_with_the_same_tokens_go_together():
  check_alike([RUN])
  check_alike([RUN, dataclasses.replace(RUN, name='other', run={})])


@pytest.mark.parametrize(
  ('changes', 'message'),
  [
    ({'decoder_only': True}, 'decoder_only: false -> true'),
    (
      {'vocabulary': {**RUN.vocabulary, 'sha256': 'ee'}},
      'vocabulary sha256: "ff" -> "ee"',
    ),
    ({'vocabulary': {**RUN.vocabulary, 'extra_ids': 0}}, 'extra_ids: 100 -> 0'),
    ({'features': {'inputs': RUN.features['inputs']}}, 'features.targets: {'),
  ],
)
def test_runs_with_other_tokens_are_refused(changes, message):
  other = dataclasses.replace(RUN, name='other', **changes)
  with pytest.raises(UserError) as e:
    check_alike([RUN, RUN, other])
  assert message in str(e.value)
  assert "'ul2r' and 'other' cannot be mixed" in str(e.value)


def change(folder: Path, to: Path, **fields: object) -> Path:
  """A copy of a run that says something else of itself."""
  manifest = json.loads((folder / 'manifest.json').read_text())
  text = json.dumps({**manifest, **fields}).replace('flan:', 'other:')
  to.mkdir()
  data = manifests.with_checksum(json.loads(text))
  (to / 'manifest.json').write_bytes(data)
  return to


def test_a_command_refuses_them_too(flags, flan_run, tmp_path):
  described = manifest_of(flan_run).features.items()
  features = {k: dataclasses.asdict(f) for k, f in described}
  features['inputs']['length'] = 512
  other = change(flan_run, tmp_path / 'other', name='o', features=features)
  with pytest.raises(UserError, match=r'features.inputs.length: 1024 -> 512'):
    mix.main(flags('out', '--manifest', str(flan_run), str(other)))


def test_sequences_are_as_long_as_the_examples_unless_longer_is_wanted():
  shape = shape_of()
  assert (shape.inputs, shape.targets) == (512, 512)
  assert (shape.inputs_eos, shape.targets_eos) == (True, True)
  shape = shape_of(task_feature_lengths={'inputs': 2048})
  assert (shape.inputs, shape.targets) == (2048, 512)
  assert shape_of(pack='') is None


@pytest.mark.parametrize(
  ('lengths', 'message'),
  [
    ({'inputs': 511}, '512 tokens, and none is cut'),
    ({'input': 999}, "'input' is none of inputs, targets"),
  ],
)
def test_lengths_that_do_not_fit_are_refused(lengths, message):
  with pytest.raises(UserError, match=message):
    shape_of(task_feature_lengths=lengths)


def test_examples_for_a_decoder_are_packed_for_one():
  manifest = dataclasses.replace(RUN, decoder_only=True)
  with pytest.raises(UserError, match='give prefix_lm or lm'):
    shape_of(manifest)
  assert shape_of(manifest, pack='prefix_lm')


@pytest.mark.parametrize('pack', ['enc_dec', 'prefix_lm', 'lm'])
def test_packed_features_hold_their_eos_already(pack):
  for described in features(RUN, shape_of(pack=pack)).values():
    assert not described['add_eos']
    assert described['length'] == (512 if pack == 'enc_dec' else 1024)


def test_features_that_are_not_packed_stay():
  made = {k: dataclasses.asdict(f) for k, f in RUN.features.items()}
  assert features(RUN, None) == made
