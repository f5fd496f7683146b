"""Runs that do not go together are refused; packed features have room."""

import dataclasses

from hypothesis import given
from hypothesis import strategies as st
import pytest
from support import collection_runs

from ul2_flan.pipelines.mix import Config
from ul2_flan.pipelines.mix.features import (
  check_alike,
  described,
  joined_features,
  joined_vocabulary,
  packed_shape,
)
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.manifest import Feature, Manifest

RUN = collection_runs.ul2_run('ul2r')
CONFIG = Config(manifests=['run'], mixture='ul2r', pack='enc_dec')


def shape_of(*manifests, **changes):
  return packed_shape(
    dataclasses.replace(CONFIG, **changes), manifests or [RUN]
  )


def run_of(lengths: tuple[int, int], *strings: str, **changes) -> Manifest:
  """A run whose examples have so many tokens, and text features."""
  features = {
    name: dataclasses.replace(RUN.features[name], length=length)
    for name, length in zip(('inputs', 'targets'), lengths, strict=True)
  }
  features |= {name: Feature('string') for name in strings}
  return dataclasses.replace(RUN, name='other', features=features, **changes)


@pytest.mark.parametrize('packs', [False, True])
def test_runs_with_the_same_tokens_go_together(packs):
  check_alike([RUN], packs=packs)
  check_alike([RUN, dataclasses.replace(RUN, run={})], packs=packs)
  longer = run_of((2048, 256), 'provenance/source')
  check_alike([RUN, longer], packs=packs)


NO_EOS = dataclasses.replace(RUN.features['inputs'], add_eos=False)


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
    (
      {'features': {**RUN.features, 'inputs': NO_EOS}},
      'features.inputs.add_eos: true -> false',
    ),
  ],
)
@pytest.mark.parametrize('packs', [False, True])
def test_runs_with_other_tokens_are_refused(changes, message, packs):
  other = dataclasses.replace(RUN, name='other', **changes)
  if packs and 'decoder_only' in changes:
    # `packed_shape` sees to it.
    return check_alike([RUN, RUN, other], packs=packs)
  with pytest.raises(UserError) as e:
    check_alike([RUN, RUN, other], packs=packs)
  assert message in str(e.value)
  assert "'ul2r' and 'other' cannot be mixed" in str(e.value)


LENGTHS = st.tuples(st.integers(8, 4096), st.integers(8, 4096))


@given(
  runs=st.lists(
    st.tuples(LENGTHS, st.sets(st.sampled_from('abc'))), min_size=1
  ),
  keep=st.booleans(),
)
def test_joined_features_have_what_all_or_some_runs_have(runs, keep):
  manifests = [run_of(lengths, *sorted(strings)) for lengths, strings in runs]
  joined, left_out = joined_features(manifests, keep_strings=keep)
  strings = [strings for _, strings in runs]
  every, some = set.intersection(*strings), set.union(*strings)
  kept = some if keep else every
  assert joined.keys() == {'inputs', 'targets'} | kept
  assert sorted(left_out) == sorted(some - kept)
  for side, name in enumerate(('inputs', 'targets')):
    assert joined[name].length == max(lengths[side] for lengths, _ in runs)


@given(
  made=st.lists(LENGTHS, min_size=1),
  wanted=st.dictionaries(
    st.sampled_from(['inputs', 'targets']), st.integers(8, 8192)
  ),
  pack=st.sampled_from(['enc_dec', 'prefix_lm', 'lm']),
)
def test_each_example_fits_into_a_sequence_or_the_run_is_refused(
  made, wanted, pack
):
  decoder_only = pack != 'enc_dec'
  manifests = [run_of(lengths, decoder_only=decoder_only) for lengths in made]
  longest = {
    name: max(lengths[side] for lengths in made)
    for side, name in enumerate(('inputs', 'targets'))
  }
  lengths = {**longest, **wanted}
  fits = all(lengths[name] >= longest[name] for name in longest)
  if decoder_only:
    fits = sum(lengths.values()) >= max(map(sum, made))
  if not fits:
    with pytest.raises(UserError, match='none is cut'):
      shape_of(*manifests, pack=pack, task_feature_lengths=wanted)
    return
  shape = shape_of(*manifests, pack=pack, task_feature_lengths=wanted)
  assert {'inputs': shape.inputs, 'targets': shape.targets} == lengths


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
    shape_of(RUN, manifest)
  assert shape_of(RUN, manifest, pack='prefix_lm')


@pytest.mark.parametrize('pack', ['enc_dec', 'prefix_lm', 'lm'])
def test_packed_features_hold_their_eos_already(pack):
  for feature in described(RUN.features, shape_of(pack=pack)).values():
    assert not feature['add_eos']
    assert feature['length'] == (512 if pack == 'enc_dec' else 1024)


def test_features_that_are_not_packed_stay():
  made = {k: dataclasses.asdict(f) for k, f in RUN.features.items()}
  assert described(RUN.features, None) == made


def test_the_sentinels_of_any_run_are_the_mixtures():
  named = {**RUN.vocabulary, 'sentinels': 'last:100'}
  runs = [run_of((512, 512)), run_of((512, 512), vocabulary=named)]
  assert joined_vocabulary(runs) == named
  assert joined_vocabulary(runs[:1]) == RUN.vocabulary
