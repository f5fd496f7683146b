import pytest

from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.manifest import Feature, Manifest
from ul2_flan.trainer_plugin import lengths

MADE = {'inputs': 64, 'targets': 64}


def manifest(features: dict[str, int], decoder_only: bool = False) -> Manifest:
  return Manifest(
    name='a',
    features={k: Feature('int32', v) for k, v in features.items()},
    vocabulary={},
    decoder_only=decoder_only,
    data_sets={},
    mixtures={},
    run={},
  )


@pytest.mark.parametrize(
  ('made', 'given'),
  [
    (manifest(MADE), {'inputs': 64, 'targets': 63}),
    (manifest(MADE), {'inputs': 128}),
    (manifest(MADE, decoder_only=True), {'inputs': 64, 'targets': 63}),
    (
      manifest({**MADE, 'inputs_segment_ids': 64}),
      {'inputs': 128, 'targets': 64},
    ),
  ],
)
def test_lengths_that_cut_examples_are_refused(made, given):
  with pytest.raises(UserError, match='TASK_FEATURE_LENGTHS'):
    lengths.of_manifest(made, given, 'a')


@pytest.mark.parametrize(
  ('made', 'given', 'wanted'),
  [
    (manifest(MADE), None, MADE),
    (manifest(MADE), {'inputs': 128, 'targets': 64}, None),
    (manifest(MADE, decoder_only=True), {'inputs': 28, 'targets': 100}, None),
    (manifest({**MADE, 'inputs_segment_ids': 64}), MADE, None),
  ],
)
def test_lengths_that_fit(made, given, wanted):
  found = lengths.of_manifest(made, given, 'a')
  wanted = wanted or given
  assert {name: found[name] for name in wanted} == wanted
