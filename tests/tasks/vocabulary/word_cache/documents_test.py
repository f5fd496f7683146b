"""Documents that are for the cache come through, in their order, once each."""

import dataclasses
import gzip
import json
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest
import sentencepiece

from ul2_flan.tasks.vocabulary.word_cache import documents as lib
from ul2_flan.tasks.vocabulary.word_cache import rules_of
from ul2_flan.tasks.vocabulary.word_cache.rules import Rules


@pytest.fixture(scope='module')
def rules(vocabulary_path: str) -> Rules:
  data = Path(vocabulary_path).read_bytes()
  processor = sentencepiece.SentencePieceProcessor(model_proto=data)
  rules = rules_of(data, processor)
  assert rules is not None
  return rules


word = st.sampled_from(['one', 'two', 'é', '一段', 'a\0b', '▁', '<x_1>', ''])
text = st.lists(word, max_size=6).map(' '.join)


def is_for_the_cache(text: str, user: str) -> bool:
  beyond = len(text.encode()) - len(text)
  return (
    '\0' not in text
    and '▁' not in text
    and not (user and user in text)
    and 20 * beyond <= len(text.encode())
  )


@given(
  texts=st.lists(text, max_size=12),
  user=st.sampled_from(['', '<x_']),
  size=st.sampled_from([0, 9, 1000]),
)
def test_documents_come_through_once(
  rules: Rules, texts: list[str], user: str, size: int
):
  rules = dataclasses.replace(rules, user_defined=user)
  with pytest.MonkeyPatch.context() as patch:
    patch.setattr(lib, '_CHUNK_BYTES', size)
    chunks = list(lib.chunks_of(texts, rules))
  wanted = [i for i, t in enumerate(texts) if is_for_the_cache(t, user)]
  assert [i for chunk in chunks for i in chunk.documents] == wanted
  for chunk in chunks:
    units = chunk.strings(np.arange(chunk.bounds[-1]))
    assert ''.join(unit.decode() for unit in units).split() == [
      word for i in chunk.documents for word in texts[i].split()
    ]
    # A chunk ends with the document that fills it.
    sizes = [len(texts[i]) for i in chunk.documents]
    assert sum(sizes[:-1]) <= size


def test_characters_of_other_alphabets_do_not_count():
  assert lib.cacheable_chars(['some text', '一段較長的中文文字', 'é' * 9]) == 9
  # So far it looks.
  assert lib.cacheable_chars(['a' * 1000 + 'é' * 1000]) == 2000


def test_words_recur_in_text_of_one_language(shared_data: Path):
  def read(name: str) -> list[str]:
    (path,) = (shared_data / 'text').glob(name)
    with gzip.open(path) as lines:
      return [json.loads(line)['text'] for line in lines]

  for name in ('en/en.00003-*', 'code/*'):
    texts = read(name)
    assert lib.repeats_words(texts)
    # However long the texts are.
    assert lib.repeats_words([' '.join(texts)])
    assert lib.repeats_words([text[:500] for text in texts])
  assert not lib.repeats_words(read('multilingual/*.00000-*'))
  assert lib.repeats_words([])
