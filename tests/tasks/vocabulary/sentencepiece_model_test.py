"""Ids do not depend on how texts are cut, grouped and looked up."""

from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
import pytest

from ul2_flan.tasks.vocabulary import Vocabulary
from ul2_flan.tasks.vocabulary import sentencepiece_model as lib

words = st.text(
  st.sampled_from('aeinorst<>_.é你😀'), min_size=1, max_size=12
).map(lambda word: word + 'e')


@given(block=st.lists(st.lists(words).map(' '.join), max_size=4))
def test_long_texts_have_the_ids_of_the_whole(
  small: Vocabulary, block: list[str]
):
  whole = [list(small.encode(text)) for text in block]
  with pytest.MonkeyPatch.context() as patch:
    patch.setattr(lib, 'MAX_TEXT_CHARS', 40)
    assert [ids.tolist() for ids in small.encode_block(block)] == whole


def test_long_real_texts_have_the_ids_of_the_whole(
  shared_data: Path, multilingual: list[str], monkeypatch: pytest.MonkeyPatch
):
  vocabulary = Vocabulary(
    (shared_data / 'vocab' / 't5.spiece.model').read_bytes()
  )
  block = [' '.join(text.split()) for text in multilingual]
  # Where a stretch has no space, it is cut anywhere, and so differently.
  block = [text for text in block if max(map(len, text.split(' '))) < 100]
  assert len(block) > 300
  whole = vocabulary.encode_block(block)
  monkeypatch.setattr(lib, 'MAX_TEXT_CHARS', 200)
  pieces = vocabulary.encode_block(block)
  assert whole.offsets.tolist() == pieces.offsets.tolist()
  assert whole.values.tolist() == pieces.values.tolist()


def test_a_text_without_spaces_is_not_lost(
  small: Vocabulary, monkeypatch: pytest.MonkeyPatch
):
  monkeypatch.setattr(lib, 'MAX_TEXT_CHARS', 50)
  block = small.encode_block(['short', 'stone' * 100, ''])
  assert [len(ids) > 0 for ids in block] == [True, True, False]
  assert small.decode(block[1]).replace(' ', '') == 'stone' * 100


@pytest.mark.parametrize('texts', [1, 31, 32, 90])
def test_few_texts_and_many_have_the_same_ids(small: Vocabulary, texts: int):
  block = [f'It rained {i} times. ' * (i % 3) for i in range(texts)]
  ids = small.encode_block(block)
  assert [tuple(i.tolist()) for i in ids] == [*map(small.encode, block)]


@pytest.mark.parametrize('chars', [1, 5_000, 60_000])
def test_large_blocks_are_encoded_in_groups(
  vocabulary_path: str, monkeypatch: pytest.MonkeyPatch, chars: int
):
  vocabulary = Vocabulary(Path(vocabulary_path).read_bytes())
  texts = [f'{i} words of a text. ' * (i % 90) for i in range(1500)]
  assert sum(map(len, texts)) > lib.MIN_CACHED_CHARS
  whole = vocabulary.encode_block(texts)
  monkeypatch.setattr(lib, 'MAX_LOOKED_UP_CHARS', chars)
  parts = vocabulary.encode_block(texts)
  assert parts.values.tolist() == whole.values.tolist()
  assert parts.offsets.tolist() == whole.offsets.tolist()


@pytest.mark.parametrize(
  ('word', 'learns'), [('some words ', True), ('一些文字', False)]
)
def test_rules_are_learnt_only_where_the_cache_pays(
  vocabulary_path: str, monkeypatch: pytest.MonkeyPatch, word: str, learns: bool
):
  learnt = []
  monkeypatch.setattr(
    lib.word_cache, 'rules_of', lambda *given: learnt.append(given)
  )
  monkeypatch.setattr(lib, 'LARGE_BLOCK_CHARS', 100)
  monkeypatch.setattr(lib, 'MIN_CACHED_CHARS', 100)
  model = lib.SentencePieceModel(Path(vocabulary_path).read_bytes())
  texts = [word * 50] * 3
  enough = lib.CHARS_PER_PIECE * len(model.pieces)
  came = 0
  while came < 2 * enough:
    ids = model.encode_block(texts)
    assert [i.tolist() for i in ids] == [[*model.encode(t)] for t in texts]
    came += sum(map(len, texts))
    assert bool(learnt) is (learns and came >= enough)
  # There are no rules, and so no cache; they are asked for once.
  assert len(learnt) == learns


def test_small_blocks_teach_rules_later(
  vocabulary_path: str, monkeypatch: pytest.MonkeyPatch
):
  looked_up = []
  encode = lib.word_cache.WordCache.encode

  def seen(self: lib.word_cache.WordCache, texts: list[str], directly: Any):
    looked_up.append(len(texts))
    return encode(self, texts, directly)

  monkeypatch.setattr(lib.word_cache.WordCache, 'encode', seen)
  model = lib.SentencePieceModel(Path(vocabulary_path).read_bytes())
  text = 'some words ' * 100
  small, tiny = [text] * 20, [text]
  enough = lib.CHARS_PER_PIECE * len(model.pieces) * lib.SMALL_BLOCK_FACTOR
  for _ in range(int(enough / len(text) / len(small))):
    model.encode_block(small)
    model.encode_block(tiny)
  assert not looked_up
  for block in (small, tiny, small):
    ids = model.encode_block(block)
    assert [i.tolist() for i in ids] == [[*model.encode(text)]] * len(block)
  assert looked_up == [len(small), len(small)]


def test_a_large_file_does_not_teach_rules_with_its_last_block(
  vocabulary_path: str, monkeypatch: pytest.MonkeyPatch
):
  monkeypatch.setattr(lib, 'LARGE_BLOCK_CHARS', 50_000)
  model = lib.SentencePieceModel(Path(vocabulary_path).read_bytes())
  large, small = ['some words ' * 5_000], ['some words ' * 4_000]
  enough = 2 * len(large[0])
  monkeypatch.setattr(lib, 'CHARS_PER_PIECE', enough // len(model.pieces))
  for block, learnt in ((small, 0), (large, 0), (small, 0), (large, 1)):
    model.encode_block(block)
    assert ('_word_cache' in model.__dict__) is bool(learnt)


def test_text_of_ever_new_words_teaches_no_rules(
  vocabulary_path: str, monkeypatch: pytest.MonkeyPatch
):
  looks = []
  repeats = lib.word_cache.repeats_words
  monkeypatch.setattr(
    lib.word_cache,
    'repeats_words',
    lambda texts: looks.append(repeats(texts)) or looks[-1],
  )
  monkeypatch.setattr(lib, 'LARGE_BLOCK_CHARS', 50_000)
  model = lib.SentencePieceModel(Path(vocabulary_path).read_bytes())
  new = [' '.join(map(str, range(10_000, 20_000)))]
  monkeypatch.setattr(lib, 'CHARS_PER_PIECE', len(new[0]) // len(model.pieces))
  for count in (1, 1, 2, 2, 3):
    model.encode_block(new)
    assert looks == [False] * count
  assert '_word_cache' not in model.__dict__
  while '_word_cache' not in model.__dict__:
    model.encode_block(['some words ' * 6_000])
  assert looks == [False] * 3 + [True]
