"""Stock seqio reads what was registered, with and without its cache."""

import dataclasses
import json
from pathlib import Path
import time

import numpy as np
import pytest
import seqio
from support import manifests

from ul2_flan.pipelines import ul2
from ul2_flan.tasks import catalog, denoising, manifest, register
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.evaluation import evaluation_of
from ul2_flan.tasks.ragged import Ragged
from ul2_flan.tasks.rendering.templates.setting import SETTINGS
from ul2_flan.tasks.vocabulary import Vocabulary

LENGTHS = {'inputs': 128, 'targets': 96}


@pytest.fixture(scope='module')
def texts() -> list[str]:
  return [f'number {i}, ' * (30 + i % 40) for i in range(80)]


@pytest.fixture(scope='module')
def make(tmp_path_factory, vocabulary_path, texts):
  """Makes an output by name, registers nothing."""
  folder = tmp_path_factory.mktemp('register')
  source = folder / 'text.jsonl'
  source.write_text(''.join(json.dumps({'text': t}) + '\n' for t in texts))

  def run(name: str, *more: str) -> Path:
    flags = ['--input', str(source), '--vocabulary', str(vocabulary_path)]
    flags += ['--output', str(folder / name), '--name', name]
    flags += ['--inputs_length', '128', '--targets_length', '96']
    flags += ['--join_documents', '0']
    flags += ['--validation_fraction', '0.1', '--min_shards', '4', *more]
    assert ul2.main(flags) == 0
    return folder / name

  return run


def read(name: str, use_cached: bool, split: str = 'train') -> list[dict]:
  dataset = seqio.get_mixture_or_task(name).get_dataset(
    LENGTHS, split, shuffle=False, use_cached=use_cached, num_epochs=1
  )
  return list(dataset.as_numpy_iterator())


@pytest.fixture(scope='module')
def mixed(make) -> Path:
  output = make('mixed', '--preset', 'ul2')
  assert register.register(str(output)) == ['mixed']
  return output


def test_a_second_registration_adds_nothing(mixed):
  assert register.register(f'{mixed}/manifest.json') == ['mixed']


@pytest.mark.parametrize('split', ['train', 'validation'])
def test_cached_and_not_are_the_same_examples(mixed, split):
  info = manifest.parse((mixed / 'manifest.json').read_bytes(), 'test')
  found = {}
  for use_cached in (False, True):
    examples = read('mixed', use_cached, split)
    assert len(examples) == info.data_sets['mixed'][split].examples > 0
    for example in examples:
      for side, length in LENGTHS.items():
        ids = example[side]
        assert ids.dtype == np.int32
        assert len(ids) <= length
        assert ids[-1] == 1
        assert 1 not in ids[:-1]
    found[use_cached] = sorted(
      (e['inputs'].tolist(), e['targets'].tolist()) for e in examples
    )
  assert found[False] == found[True]
  task = seqio.get_mixture_or_task('mixed')
  assert task.num_input_examples(split) == len(examples)
  assert set(task.splits) == {'train', 'validation'}


def test_seqio_inspects_the_statistics(mixed):
  stats = seqio.get_mixture_or_task('mixed').get_cached_stats('train')
  examples = read('mixed', True)
  assert stats['examples'] == len(examples)
  for side in LENGTHS:
    # seqio counts no EOS.
    lengths = [len(e[side]) - 1 for e in examples]
    assert stats[f'{side}_tokens'] == sum(lengths)
    assert stats[f'{side}_max_tokens'] == max(lengths)


def test_the_original_text_comes_back(mixed, vocabulary_path, texts):
  vocabulary = Vocabulary(Path(vocabulary_path).read_bytes())
  modes = [
    vocabulary.encode(m)
    for m in denoising.MODE_TOKENS['nlu_s2s_nlg'].values()
    if m  # one mode has no token
  ]
  originals = [vocabulary.encode(t) for t in texts]
  restored = []
  for example in read('mixed', True) + read('mixed', True, 'validation'):
    inputs = example['inputs'][:-1]
    (mode,) = [m for m in modes if tuple(inputs[: len(m)]) == m]
    restored += denoising.restore(
      Ragged.of([inputs[len(mode) :]]),
      Ragged.of([example['targets'][:-1]]),
      vocabulary.sentinels,
    )
  # Every segment is a stretch of a document; together they are all of them.
  text = {','.join(map(str, ids)) for ids in originals}
  for segment in restored:
    wanted = ','.join(map(str, segment.tolist()))
    assert any(wanted in document for document in text)
  info = manifest.parse((mixed / 'manifest.json').read_bytes(), 'test')
  tokens = info.run['counts']['tokens']
  used = tokens['used']
  assert sum(map(len, restored)) == used
  dropped = tokens.get('dropped/remainder', 0)
  assert used + dropped == sum(map(len, originals))


@pytest.mark.parametrize('pack', [True, False])
def test_the_encoder_decoder_converter(mixed, pack):
  dataset = seqio.get_dataset(
    'mixed',
    LENGTHS,
    seqio.EncDecFeatureConverter(pack=pack),
    use_cached=True,
    verbose=False,
  )
  rows = list(dataset.as_numpy_iterator())
  assert {len(row['encoder_input_tokens']) for row in rows} == {128}
  tokens = sum((row['decoder_target_tokens'] != 0).sum() for row in rows)
  assert tokens == sum(len(e['targets']) for e in read('mixed', True))


def test_a_mixture_of_denoisers(make):
  output = make('apart', '--preset', 'ul2r', '--per_denoiser')
  names = register.register(str(output))
  assert names[0] == 'apart'
  mixture = seqio.get_mixture_or_task('apart')
  rates = {task.name: mixture.get_rate(task) for task in mixture.tasks}
  assert rates == {
    'apart:r_3_15': 0.25,
    'apart:s_50': 0.5,
    'apart:x_32_15': 0.125,
    'apart:x_3_50': 0.125,
  }
  for use_cached in (False, True):
    example = next(
      mixture.get_dataset(LENGTHS, use_cached=use_cached).as_numpy_iterator()
    )
    assert example['targets'][-1] == 1


@pytest.fixture(scope='module')
def joined(make) -> Path:
  output = make('joined', '--preset', 'ul2', '--decoder_only')
  register.register(str(output))
  return output


@pytest.mark.parametrize('pack', [True, False])
@pytest.mark.parametrize('use_cached', [True, False])
def test_the_prefix_lm_converter(joined, pack, use_cached):
  examples = read('joined', use_cached)
  # No EOS between the sides; some prefix is longer than its share.
  assert all(1 not in e['inputs'] and e['targets'][-1] == 1 for e in examples)
  assert max(len(e['inputs']) for e in examples) > LENGTHS['inputs']
  sums = [len(e['inputs']) + len(e['targets']) for e in examples]
  assert max(sums) <= 128 + 96
  dataset = seqio.get_dataset(
    'joined',
    LENGTHS,
    seqio.PrefixLMFeatureConverter(pack=pack, apply_length_check=False),
    use_cached=use_cached,
    verbose=False,
  )
  rows = list(dataset.as_numpy_iterator())
  assert {len(row['decoder_target_tokens']) for row in rows} == {128 + 96}
  tokens = sum(int((r['decoder_target_tokens'] != 0).sum()) for r in rows)
  weights = sum(int(r['decoder_loss_weights'].sum()) for r in rows)
  assert tokens == sum(sums)
  assert weights == sum(len(e['targets']) for e in examples)


def test_a_sum_that_is_too_short_is_an_error(joined):
  task = seqio.get_mixture_or_task('joined')
  with pytest.raises(UserError, match='224 tokens together'):
    task.get_dataset({'inputs': 100, 'targets': 100}, 'train')


def test_provenance(make):
  output = make('traced', '--provenance')
  register.register(str(output))
  example = read('traced', use_cached=True)[0]
  at, _, _ = example['provenance/source'].decode().partition('[')
  source, _, place = at.rpartition(':')
  assert json.loads(Path(source).read_bytes()[int(place) :].splitlines()[0])
  names = {d.name for d in denoising.load_preset('ul2r').denoisers}
  assert example['provenance/denoiser'].decode() in names


def test_vocabularies_compare_equal_to_the_models(mixed, vocabulary_path):
  task = seqio.get_mixture_or_task('mixed')
  models = seqio.SentencePieceVocabulary(vocabulary_path, extra_ids=100)
  for feature in task.output_features.values():
    assert feature.vocabulary == models


def test_another_vocabulary_is_found(make, vocabulary_path):
  output = make('other')
  other = seqio.SentencePieceVocabulary(vocabulary_path, extra_ids=99)
  register.register(str(output), vocabulary=other)
  with pytest.raises(UserError, match='extra ids 100, not extra ids 99'):
    read('other', use_cached=True)


def test_a_name_that_is_taken(make):
  seqio.TaskRegistry.add(
    'taken',
    source=seqio.TextLineDataSource({'train': 'none.txt'}),
    output_features={},
    preprocessors=[],
  )
  with pytest.raises(UserError, match="'taken' is registered already"):
    register.register(str(make('taken')))


def test_an_output_without_a_manifest(tmp_path):
  with pytest.raises(UserError, match=r'manifest\.json'):
    register.register(str(tmp_path))


def test_a_changed_manifest_is_refused(make, tmp_path):
  text = (make('changed') / 'manifest.json').read_text()
  path = tmp_path / 'manifest.json'
  path.write_text(text.replace('"length": 128', '"length": 129'))
  assert path.read_text() != text
  with pytest.raises(UserError, match=r'anew with --overwrite') as error:
    register.register(str(tmp_path))
  assert str(error.value).startswith(f'{path} is not as its run wrote it')
  assert 'changed' not in seqio.TaskRegistry.names()


def test_registration_opens_no_shard(make):
  output = make('unopened')
  for path in output.rglob('*'):
    if path.is_file() and path.name != 'manifest.json':
      path.unlink()
  assert register.register(str(output)) == ['unopened']
  task = seqio.get_mixture_or_task('unopened')
  assert task.num_input_examples('train') > 0
  assert len(task.source.list_shards('train')) == 4


def split_of(name: str, split: str, examples: int, shards: int):
  paths = [manifest.shard_path(name, split, i, shards) for i in range(shards)]
  return manifest.Split(
    tuple(manifest.Shard(path, examples, 1000, '0123abcd') for path in paths),
    {'examples': examples, 'inputs_tokens': 9, 'targets_tokens': 9},
  )


@pytest.fixture
def collection(tmp_path) -> manifest.Manifest:
  """A run of every task in the collection's four settings."""
  data_sets, evaluations, mixtures = {}, {}, {'collection': {}}
  for task in catalog.tasks(inverted=False):
    for setting in SETTINGS[:4]:
      name = f'collection:{task.name}:{setting}'
      examples = task.examples or 1000
      data_sets[name] = {
        'train': split_of(name, 'train', examples, 1 + examples // 20000),
        'validation': split_of(name, 'validation', 100, 1),
      }
      evaluations[name] = evaluation_of(task, setting)
      group = f'collection:{task.suite}:{setting}'
      for mixture in ('collection', group):
        mixtures.setdefault(mixture, {})[name] = float(examples)
  made = manifest.Manifest(
    name='collection',
    features=dict.fromkeys(
      ('inputs', 'targets'), manifest.Feature('int32', 2048, add_eos=True)
    ),
    vocabulary={'path': 'gs://none/none.model', 'sha256': '', 'extra_ids': 100},
    decoder_only=False,
    data_sets=data_sets,
    mixtures=mixtures,
    run={'evaluation': evaluations},
  )
  (tmp_path / 'manifest.json').write_bytes(manifests.to_json(made))
  return made


@pytest.fixture
def empty_registries(monkeypatch):
  monkeypatch.setattr(seqio.TaskRegistry, '_REGISTRY', {})
  monkeypatch.setattr(seqio.MixtureRegistry, '_REGISTRY', {})


@pytest.mark.usefixtures('empty_registries')
def test_the_whole_collection_in_under_three_seconds(collection, tmp_path):
  start = time.process_time()
  names = register.register(str(tmp_path))
  assert time.process_time() - start < 3
  assert names[0] == 'collection'
  assert len(names) == 4 * 1838 + 4 * 6 + 1
  assert len(seqio.TaskRegistry.names()) == 4 * 1838
  mixture = seqio.get_mixture_or_task('collection:cot:zs_opt')
  assert len(mixture.tasks) == 9
  for task in mixture.tasks:
    expected = collection.data_sets[task.name]['train']
    assert mixture.get_rate(task) == expected.examples
    assert task.num_input_examples('train') == expected.examples
    assert task.source.list_shards('train') == [
      f'{tmp_path}/{shard.path}' for shard in expected.shards
    ]
    assert len(task.metric_fns) == 1


@pytest.mark.usefixtures('empty_registries')
def test_what_is_empty_is_in_no_mixture(collection, tmp_path):
  names = [n for n in collection.data_sets if ':cot:' in n]
  some = {
    name: {'validation': collection.data_sets[name]['validation']}
    if name.endswith('zs_opt')
    else {'train': split_of(name, 'train', int(name.endswith('fs_opt')), 1)}
    for name in names
  }
  few = dataclasses.replace(collection, data_sets=some)
  path = tmp_path / 'manifest.json'
  path.write_bytes(manifests.to_json(few))
  registered = register.register(str(path))
  assert registered[0] == 'collection'
  assert set(registered[1:]) == {'collection:cot:fs_opt', *some}
  for name in registered[:2]:
    tasks = seqio.get_mixture_or_task(name).tasks
    assert [t.name for t in tasks] == sorted(
      n for n in names if n.endswith('fs_opt')
    )


def test_what_tensorflow_cannot_open_is_told():
  with pytest.raises(UserError, match=r's3://b/o.*opens local files and gs://'):
    register.register('s3://b/o')
