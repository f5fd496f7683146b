"""seqio's vocabulary of a `tokenizer.json` gives what ours gives."""

from pathlib import Path
import pickle

import pytest
import seqio
from support.vocabularies.tokenizer_files import data
import tensorflow as tf

from ul2_flan.tasks.registration.vocabulary import (
  TokenizerVocabulary,
  described,
  without_tensorflow,
)
from ul2_flan.tasks.vocabulary import Vocabulary

TEXT = 'The naïve </s> name'


@pytest.fixture(params=['gpt2', 't5', 'llama'])
def vocabulary(request, tmp_path: Path) -> TokenizerVocabulary:
  path = tmp_path / 'tokenizer.json'
  path.write_bytes(data(request.param))
  known = Vocabulary(path.read_bytes())
  return TokenizerVocabulary(str(path), known.extra_ids)


def test_ids_and_texts_are_ours(vocabulary: TokenizerVocabulary):
  ours = without_tensorflow(vocabulary)
  assert ours is vocabulary.loaded
  ids = list(ours.encode(TEXT))
  assert vocabulary.encode(TEXT) == ids
  assert vocabulary.encode_tf(TEXT).numpy().tolist() == ids
  assert vocabulary.encode_tf(['', TEXT]).to_list() == [[], ids]
  text = ours.decode(ids)
  ended = [*ids, vocabulary.eos_id, ids[0], 0]
  assert vocabulary.decode(ended) == text
  assert vocabulary.decode_tf(tf.constant([ended])).numpy().tolist() == [
    text.encode()
  ]
  assert vocabulary.decode_tf(tf.constant(ended)).numpy() == text.encode()
  assert vocabulary.vocab_size == ours.size
  assert (vocabulary.eos_id, vocabulary.pad_id) == (ours.eos_id, 0)
  assert vocabulary.unk_id == (None if ours.unk_id < 0 else ours.unk_id)
  assert vocabulary.bos_id is None


def test_seqio_tokenizes_with_it(vocabulary: TokenizerVocabulary):
  features = {'targets': seqio.Feature(vocabulary)}
  texts = tf.data.Dataset.from_tensor_slices({'targets': [TEXT, 'a b']})
  tokens = seqio.preprocessors.tokenize(texts, features)
  ended = seqio.preprocessors.append_eos(tokens, features)
  assert [e['targets'].tolist() for e in ended.as_numpy_iterator()] == [
    [*vocabulary.encode(text), vocabulary.eos_id] for text in (TEXT, 'a b')
  ]


def test_it_is_compared_by_what_it_is(vocabulary, tmp_path, vocabulary_path):
  copy = tmp_path / 'copy.json'
  copy.write_bytes(Path(vocabulary.path).read_bytes())
  extra_ids = vocabulary.extra_ids
  same = TokenizerVocabulary(str(copy), extra_ids)
  assert same == vocabulary == pickle.loads(pickle.dumps(vocabulary))
  assert hash(same) == hash(vocabulary)
  for other in (
    TokenizerVocabulary(vocabulary.path, extra_ids + 1),
    TokenizerVocabulary(vocabulary.path, extra_ids, '', '</s>'),
    seqio.SentencePieceVocabulary(vocabulary_path, extra_ids),
  ):
    assert other != vocabulary
  copy.write_bytes(data('plain'))
  assert TokenizerVocabulary(str(copy), extra_ids) != vocabulary


def test_a_manifest_describes_either_and_opens_no_file():
  known = {'path': 'none', 'extra_ids': 9}
  made = described(known)
  assert isinstance(made, seqio.SentencePieceVocabulary)
  assert (made.sentencepiece_model_file, made.extra_ids) == ('none', 9)
  made = described({**known, 'kind': 'tokenizer_json'}, 'moved')
  assert isinstance(made, TokenizerVocabulary)
  assert (made.path, made.extra_ids) == ('moved', 9)


def test_a_sentencepiece_model_with_its_sentinels(vocabulary_path):
  vocabulary = seqio.SentencePieceVocabulary(vocabulary_path, extra_ids=3)
  ours = without_tensorflow(vocabulary, 'last:7')
  assert (ours.extra_ids, ours.sentinels.count) == (3, 7)
