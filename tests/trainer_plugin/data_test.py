import dataclasses
import json
from pathlib import Path

import pytest
import seqio

from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.manifest import Feature, Manifest
from ul2_flan.tasks.register import load_manifest
from ul2_flan.trainer_plugin import data

MADE = {'inputs': 64, 'targets': 64}

pytestmark = pytest.mark.usefixtures('t5x_or_stub')


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


def test_a_manifest_is_enough(by_denoiser):
  config = data.for_training(by_denoiser, batch_size=8, seed=3)
  assert config.mixture_or_task_name == 'plugin_ul2r'
  assert config.task_feature_lengths == MADE
  assert (config.split, config.shuffle, config.pack) == ('train', True, True)
  assert (config.batch_size, config.seed) == (8, 3)
  assert seqio.get_mixture_or_task('plugin_ul2r').num_input_examples('train')


def test_one_data_set_of_many(by_denoiser):
  config = data.for_training(
    f'{by_denoiser}/manifest.json', 8, 0, name='plugin_ul2r:s_50'
  )
  assert config.mixture_or_task_name == 'plugin_ul2r:s_50'


def test_an_unknown_data_set(by_denoiser):
  with pytest.raises(UserError, match="Did you mean 'plugin_ul2r:s_50'"):
    data.for_training(by_denoiser, 8, 0, name='plugin_ul2r:s_5')


@pytest.mark.parametrize('function', ['for_training', 'for_evaluation'])
def test_a_missing_manifest(function, tmp_path):
  with pytest.raises(UserError, match=r'none/manifest\.json'):
    getattr(data, function)(
      f'{tmp_path}/none',
      batch_size=8,
      **({'seed': 0} if function == 'for_training' else {}),
    )


def test_a_missing_split(make_ul2, tmp_path):
  output = make_ul2('plugin_no_validation', '--validation_fraction=0')
  with pytest.raises(UserError, match="no examples in split 'validation'"):
    data.for_evaluation(output, batch_size=8)
  found = json.loads(Path(output, 'manifest.json').read_text())
  for splits in found['data_sets'].values():
    splits['other'] = splits.pop('train')
  found['name'] = 'plugin_no_train'
  found['data_sets'] = {'plugin_no_train': found['data_sets'].popitem()[1]}
  (tmp_path / 'manifest.json').write_text(json.dumps(found))
  with pytest.raises(UserError, match="no examples in split 'train', only in"):
    data.for_training(str(tmp_path), 8, 0)


def test_no_evaluation():
  assert data.for_evaluation([], batch_size=8) is None


def test_lengths_of_several_manifests_are_the_longest(by_denoiser, make_ul2):
  longer = make_ul2('plugin_longer', '--inputs_length=96')
  config = data.for_evaluation([by_denoiser, longer], batch_size=8)
  assert config.task_feature_lengths == {'inputs': 96, 'targets': 64}


def test_packed_and_not_packed_are_not_evaluated_together(
  monkeypatch, by_denoiser, mixed
):
  packed = dataclasses.replace(
    load_manifest(f'{mixed}/manifest.json'),
    features={'inputs_segment_ids': Feature('int32', 64)},
  )
  load = load_manifest
  monkeypatch.setattr(
    data.register_lib,
    'load_manifest',
    lambda path: packed if path.startswith(mixed) else load(path),
  )
  with pytest.raises(UserError, match='some are packed'):
    data.for_evaluation([by_denoiser, mixed], batch_size=8)


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
    data.lengths(made, given, 'a')


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
  found = data.lengths(made, given, 'a')
  wanted = wanted or given
  assert {name: found[name] for name in wanted} == wanted


def test_the_vocabulary_is_the_datas(by_denoiser, vocabulary_path):
  known = load_manifest(f'{by_denoiser}/manifest.json').vocabulary
  found = data.vocabulary(by_denoiser)
  assert found == seqio.SentencePieceVocabulary(vocabulary_path, extra_ids=100)
  assert data.vocabulary(by_denoiser, '/moved').sentencepiece_model_file == (
    '/moved'
  )
  rows = data.vocabulary_size(by_denoiser)
  assert rows % 128 == 0
  assert rows - 128 < known['size'] <= rows


@pytest.fixture
def no_ul2r():
  """Other tests of this process register another of the name."""

  def remove():
    for registry in (seqio.TaskRegistry, seqio.MixtureRegistry):
      if 'ul2r' in registry.names():
        registry.remove('ul2r')

  remove()
  yield
  remove()


@pytest.mark.usefixtures('no_ul2r')
def test_a_mixture_of_several_runs_mixed_while_training(make_ul2):
  runs = [
    make_ul2('plugin_live', '--preset=ul2r', '--per_denoiser'),
    make_ul2('plugin_other'),
  ]
  config = data.for_training(runs, 8, 0, name='ul2r')
  tasks = seqio.get_subtasks(seqio.get_mixture_or_task('ul2r'))
  assert config.mixture_or_task_name == 'ul2r'
  assert data.vocabulary(runs) == data.vocabulary(runs[0])
  assert {task.name.split(':')[0] for task in tasks} == {'plugin_live'}
  with pytest.raises(UserError, match='unknown data set or mixture'):
    data.for_training(runs, 8, 0)
