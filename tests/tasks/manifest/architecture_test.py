"""A manifest says for which models it is, and old ones let it be worked out."""

import dataclasses

from hypothesis import given
from hypothesis import strategies as st
import orjson
import pytest
from support import manifests

from ul2_flan.pipelines.mix.features import described
from ul2_flan.pipelines.mix.packing import PackedShape, shape
from ul2_flan.tasks import manifest as lib
from ul2_flan.tasks.manifest import architecture
from ul2_flan.tasks.manifest.contents import Feature, Manifest


def of_sides(**changes: object) -> Manifest:
  """A manifest as a run writes it whose examples have two sides."""
  known = architecture.of_sides(64, 32, decoder_only=changes['decoder_only'])
  features = {
    side: Feature(**f, eos_after=(side,) * f['add_eos'])
    for side, f in known.pop('features').items()
  }
  return Manifest('run', features, **{**NOTHING, **known, **changes})


NOTHING = {
  'vocabulary': manifests.VOCABULARY,
  'data_sets': {},
  'mixtures': {},
  'run': manifests.RUN,
}


def packed(made: PackedShape) -> Manifest:
  """A manifest as a mix writes it that packs."""
  features = {
    name: Feature(**{**feature, 'eos_after': tuple(feature['eos_after'])})
    for name, feature in described({}, made).items()
  }
  run = {**manifests.RUN, 'config': {'pack': shape.as_written(made)}}
  fields = {**NOTHING, 'run': run, 'architecture': made.architecture}
  is_decoders = made.architecture != 'enc_dec'
  return Manifest('run', features, decoder_only=is_decoders, **fields)


def as_before(manifest: Manifest, **changes: object) -> Manifest:
  """Reads what a version before would have written."""
  fields = orjson.loads(manifests.to_json(manifest))
  del fields['architecture']
  for feature in fields['features'].values():
    del feature['eos_after']
  return lib.parse(manifests.with_checksum({**fields, **changes}), 'm')


@pytest.mark.parametrize('decoder_only', [False, True])
def test_a_decoders_inputs_have_no_eos(decoder_only: bool):
  manifest = of_sides(decoder_only=decoder_only)
  assert manifest.inputs_eos is not decoder_only
  assert manifest.architecture == ('prefix_lm' if decoder_only else 'enc_dec')
  # Those of Flan runs said that they were for no decoder.
  before = as_before(manifest, decoder_only=False)
  assert before.decoder_only is decoder_only
  assert before.inputs_eos is not decoder_only
  assert before.architecture == manifest.architecture


@given(
  st.builds(
    PackedShape,
    st.sampled_from(lib.ARCHITECTURES),
    st.just(64),
    st.just(32),
    inputs_eos=st.booleans(),
  )
)
def test_packed_sequences_say_what_eos_they_hold(made: PackedShape):
  manifest = packed(made)
  assert manifest.inputs_eos is made.inputs_eos
  assert not any(f.add_eos for f in manifest.features.values())
  assert any('targets' in f.eos_after for f in manifest.features.values())
  of_ids = {k for k, f in manifest.features.items() if f.eos_after}
  assert of_ids <= {'inputs', 'targets', 'decoder_target_tokens'} | {
    'decoder_input_tokens'
  }
  assert as_before(manifest, decoder_only=False) == manifest


def test_a_manifest_without_examples_is_for_an_encoder_decoder():
  manifest = dataclasses.replace(of_sides(decoder_only=False), features={})
  assert (manifest.architecture, manifest.inputs_eos) == ('enc_dec', False)


@pytest.mark.parametrize('run', ['text', {'config': 3}, {'config': {}}])
def test_a_changed_run_says_no_more_than_its_features(run: object):
  features = {'decoder_segment_ids': Feature('int32', 8)}
  fields = {**NOTHING, 'run': run}
  made = Manifest('m', features, decoder_only=False, **fields)
  assert made.architecture == 'lm'
