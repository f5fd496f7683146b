"""Tasks refuse lengths and vocabularies that their data was not made with."""

import dataclasses
from pathlib import Path

import pytest
import seqio
from support.vocabularies import tokenizer_files
import tensorflow as tf

from ul2_flan.pipelines.storage import vocabularies
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.manifest import Feature, Manifest, Shard, Split
from ul2_flan.tasks.registration.task import (
  PackedTask,
  SumBoundedTask,
  TaskAdder,
  _check_vocabulary,
)
from ul2_flan.tasks.registration.vocabulary import (
  TokenizerVocabulary,
  described,
)
from ul2_flan.tasks.vocabulary import Vocabulary

DATASET = tf.data.Dataset.from_tensors({'inputs': [7] * 9, 'targets': [7]})


@pytest.fixture(autouse=True)
def _empty_registry(monkeypatch):
  monkeypatch.setattr(seqio.TaskRegistry, '_REGISTRY', {})


def _dataset(split, shuffle_files, seed=None):
  return DATASET


def make(cls: type, **more: object) -> seqio.Task:
  source = seqio.FunctionDataSource(_dataset, splits=['train'])
  return cls('a', source=source, output_features={}, preprocessors=[], **more)


@pytest.mark.parametrize('lengths', [None, {'inputs': 4, 'targets': 6}])
def test_a_sum_is_not_trimmed_on_one_side(lengths):
  task = make(SumBoundedTask, max_sum=10)
  (example,) = task._trim_output_features(DATASET, lengths)
  assert len(example['inputs']) == 9


def test_a_sum_that_is_too_short_is_an_error():
  with pytest.raises(UserError, match=r'of 10 tokens together.* are 9'):
    make(SumBoundedTask, max_sum=10)._trim_output_features(
      DATASET, {'inputs': 4, 'targets': 5}
    )


ENC_DEC = {'inputs': 9, 'inputs_segment_ids': 9, 'targets': 4}
DECODER = {'targets': 9, 'decoder_segment_ids': 9}


@pytest.mark.parametrize(
  ('lengths', 'given', 'fits'),
  [
    (ENC_DEC, ENC_DEC, True),
    (ENC_DEC, {**ENC_DEC, 'targets': 3}, False),
    # Stock converters would take a sequence for one example.
    (ENC_DEC, {'inputs': 9, 'targets': 4}, False),
    (ENC_DEC, {**ENC_DEC, 'inputs': 10}, True),
    (DECODER, {'targets': 9}, True),
    (DECODER, {'inputs': 5, 'targets': 4}, True),
    (DECODER, {'targets': 10}, False),
    (DECODER, {'inputs': 5, 'targets': 5}, False),
  ],
)
def test_packed_sequences_are_not_cut(lengths, given, fits):
  task = make(PackedTask, lengths=lengths)
  if fits:
    assert task._trim_output_features(DATASET, given) is DATASET
  else:
    with pytest.raises(UserError, match='holds packed sequences'):
      task._trim_output_features(DATASET, given)


@pytest.fixture
def manifest(vocabulary_path: str) -> Manifest:
  vocabulary = Vocabulary(Path(vocabulary_path).read_bytes())
  split = Split((Shard('a', 1, 1, ''),), {'examples': 1})
  return Manifest(
    name='run',
    features={
      'inputs': Feature('int32', 8, add_eos=False),
      'targets': Feature('int32', 8, add_eos=True),
    },
    vocabulary={
      'path': vocabulary_path,
      'sha256': vocabulary.sha256,
      'extra_ids': 100,
    },
    decoder_only=False,
    data_sets={'run:a': {'train': split}, 'run:b': {'train': split}},
    mixtures={},
    run={'evaluation': {'run:a': 'squad'}},
  )


def test_tasks_share_what_is_the_same(manifest, vocabulary_path):
  vocabulary = seqio.SentencePieceVocabulary(vocabulary_path, extra_ids=100)
  add = TaskAdder(manifest, '/out', vocabulary)
  for name in manifest.data_sets:
    add(name)
  one, other = (seqio.TaskRegistry.get(name) for name in manifest.data_sets)
  assert one.output_features['targets'] is other.output_features['targets']
  assert [f.add_eos for f in one.output_features.values()] == [False, True]
  # Only the first says how it is scored.
  assert len(one.metric_fns) == 1
  assert not other.metric_fns


@pytest.mark.parametrize(
  ('extra_ids', 'message'),
  [(100, ''), (99, 'extra ids 100, not extra ids 99 of')],
)
def test_another_vocabulary_is_refused_when_data_is_read(
  manifest, vocabulary_path, extra_ids, message
):
  vocabulary = seqio.SentencePieceVocabulary(
    vocabulary_path, extra_ids=extra_ids
  )
  TaskAdder(manifest, '/out', vocabulary)('run:a')
  check = seqio.TaskRegistry.get('run:a').preprocessors[1]
  features = {'targets': seqio.Feature(vocabulary)}
  if not message:
    assert check(DATASET, features) is DATASET
    return
  with pytest.raises(UserError, match=message):
    check(DATASET, features)


@pytest.mark.parametrize(
  ('given', 'message'),
  [
    ((100, '', '<unused0>'), r'EOS 700, not EOS 1 of \S+\. Its ids'),
    ((0, '<unused{}>:0-9', ''), 'extra ids 0, sentinels <unused{}>:0-9, not'),
  ],
)
def test_all_that_names_a_vocabulary_is_compared(
  manifest, tmp_path, given, message
):
  path = tmp_path / 'tokenizer.json'
  path.write_bytes(tokenizer_files.data('with_tokens'))
  made = vocabularies.load(str(path), *given)
  known = vocabularies.described(made, str(path))
  manifest = dataclasses.replace(manifest, vocabulary=known)
  same, other = (
    {'targets': seqio.Feature(v)}
    for v in (described(known), TokenizerVocabulary(str(path), 100))
  )
  assert same['targets'].vocabulary.loaded.sentinels == made.sentinels
  TaskAdder(manifest, '/out', same['targets'].vocabulary)('run:a')
  check = seqio.TaskRegistry.get('run:a').preprocessors[1]
  assert check(DATASET, same) is DATASET
  with pytest.raises(UserError, match=message):
    check(DATASET, other)


def test_a_users_own_vocabulary_has_the_same_eos(manifest):
  for eos, right in ((1, True), (2, False)):
    vocabulary = seqio.PassThroughVocabulary(600, eos)
    check = _check_vocabulary(manifest)
    features = {'targets': seqio.Feature(vocabulary)}
    if right:
      assert check(DATASET, features) is DATASET
    else:
      with pytest.raises(UserError, match='EOS 1, not EOS 2 of PassThrough'):
        check(DATASET, features)
