import json
from pathlib import Path

import pytest
import seqio
from support import manifests

from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.register import load_manifest
from ul2_flan.trainer_plugin import converters, data

MADE = {'inputs': 64, 'targets': 64}

pytestmark = pytest.mark.usefixtures('t5x_or_stub')


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
  text = Path(output, 'manifest.json').read_text()
  found = json.loads(text.replace('plugin_no_validation', 'plugin_no_train'))
  for splits in found['data_sets'].values():
    splits['other'] = splits.pop('train')
  (tmp_path / 'manifest.json').write_bytes(manifests.with_checksum(found))
  with pytest.raises(UserError, match="no examples in split 'train', only in"):
    data.for_training(str(tmp_path), 8, 0)


def test_no_evaluation():
  assert data.for_evaluation([], batch_size=8) is None


def test_lengths_of_several_manifests_are_the_longest(by_denoiser, make_ul2):
  longer = make_ul2('plugin_longer', '--inputs_length=96')
  config = data.for_evaluation([by_denoiser, longer], batch_size=8)
  assert config.task_feature_lengths == {'inputs': 96, 'targets': 64}


def test_packed_data_is_read_as_it_is(packed):
  config = data.for_training(packed, batch_size=8, seed=0)
  assert not config.pack
  converter = converters.converter_for(
    config.mixture_or_task_name, seqio.EncDecFeatureConverter
  )
  dataset = seqio.get_dataset(
    config.mixture_or_task_name,
    config.task_feature_lengths,
    converter(pack=config.pack),
    shuffle=False,
    num_epochs=1,
    verbose=False,
  )
  sequences = list(dataset.as_numpy_iterator())
  examples = [int(s['decoder_segment_ids'].max()) for s in sequences]
  assert sum(examples) == 300
  assert max(examples) > 1


@pytest.mark.parametrize('function', ['for_training', 'for_evaluation'])
@pytest.mark.parametrize('other', ['packed', 'decoder_only'])
def test_manifests_of_two_kinds(request, by_denoiser, function, other):
  paths = [by_denoiser, request.getfixturevalue(other)]
  seed = {'seed': 0} if function == 'for_training' else {}
  with pytest.raises(UserError, match=r'not packed\); .* of one kind'):
    getattr(data, function)(paths, batch_size=8, **seed)


def test_no_training_data():
  with pytest.raises(UserError, match='MANIFEST is empty'):
    data.for_training([], batch_size=8, seed=0)


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


def test_benchmarks_are_all_that_a_manifest_has(benchmarks):
  config = data.for_benchmarks(benchmarks, batch_size=4)
  assert config.mixture_or_task_name == 'plugin_eval'
  # Not those of the longest reference.
  assert config.task_feature_lengths == {'inputs': 512, 'targets': 24}
  assert (config.split, config.shuffle, config.batch_size) == ('test', False, 4)
  config = data.for_benchmarks(benchmarks, 4, name='plugin_eval:bbh:cot')
  assert config.mixture_or_task_name == 'plugin_eval:bbh:cot'


def test_what_is_no_benchmark_is_refused(benchmarks, by_denoiser):
  assert data.for_benchmarks(None, 4) is None
  with pytest.raises(UserError, match="Did you mean 'plugin_eval:bbh'"):
    data.for_benchmarks(benchmarks, 4, name='plugin_eval:bhb')
  with pytest.raises(UserError, match=r"no examples in split 'test'\. Give"):
    data.for_benchmarks(by_denoiser, 4)
  with pytest.raises(UserError, match="no examples in split 'train', only in"):
    data.for_training(benchmarks, 4, 0)
