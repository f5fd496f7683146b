"""The cache gives SentencePiece's ids, to the last one."""

from collections.abc import Callable, Sequence
import gzip
import json
from pathlib import Path

import hypothesis
from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest
import sentencepiece

from ul2_flan.tasks.vocabulary.word_cache import cache as word_cache
from ul2_flan.tasks.vocabulary.word_cache import documents, rules_of
from ul2_flan.tasks.vocabulary.word_cache.cache import WordCache


class Model:
  """A model, and how many texts it was itself asked to encode."""

  def __init__(self, path: str | Path):
    data = Path(path).read_bytes()
    self.processor = sentencepiece.SentencePieceProcessor(model_proto=data)
    rules = rules_of(data, self.processor)
    assert rules is not None
    self.rules = rules
    self.asked = 0

  def directly(self, texts: Sequence[str]) -> list[np.ndarray]:
    self.asked += len(texts)
    return self.processor.encode(
      list(texts), return_type='numpy', num_threads=1
    )

  def cache(self, capacity: int = 1 << 16) -> WordCache:
    return WordCache(self.rules, self.processor, capacity)

  def check(self, cache: WordCache, texts: Sequence[str]) -> int:
    """Compares ids; returns how many texts went through the cache."""
    expected = self.directly(texts)
    self.asked = 0
    found = cache.encode(texts, self.directly)
    assert found.values.dtype == np.int32
    assert len(found) == len(texts)
    for ids, other, text in zip(found, expected, texts, strict=True):
      assert np.array_equal(ids, other), text[:200]
    return len(texts) - self.asked


@pytest.fixture(scope='session')
def small(vocabulary_path: str) -> Model:
  return Model(vocabulary_path)


@pytest.fixture(scope='session', params=['t5', 'mt5'])
def released(shared_data: Path, request: pytest.FixtureRequest) -> Model:
  return Model(shared_data / 'vocab' / f'{request.param}.spiece.model')


@pytest.fixture(autouse=True)
def _learns_all(monkeypatch: pytest.MonkeyPatch):
  """New words and other alphabets go through the cache, too."""
  monkeypatch.setattr(word_cache, '_NEW_SHARE', 0)
  monkeypatch.setattr(documents, '_ASCII_SHARE', 1)


@pytest.fixture(scope='session')
def stored(shared_data: Path) -> Callable[[str], list[str]]:
  def read(name: str) -> list[str]:
    texts = []
    for path in sorted((shared_data / 'text').glob(name)):
      with gzip.open(path) as lines:
        texts += [json.loads(line)['text'] for line in lines]
    assert texts
    return texts

  return read


ascii_text = st.text(st.characters(max_codepoint=127), max_size=60)
# Few characters, so that words repeat them and scores tie.
ties = st.text('aab-- \n{.0', max_size=80)
mixed = st.text(
  st.sampled_from('aeE 1.,-–“”’é\u0301…\u00a0\u200b\u3000¨½ﬁ你😀\x01\x7f▁<>_'),
  max_size=60,
)
words = st.lists(
  st.sampled_from(
    ['the', 'extra', '<extra_id_0>', '＜extra_id_0＞', 'a\u0301b']
  )
  | st.text(max_size=5),
  max_size=12,
).map(' '.join)
blocks = st.lists(ascii_text | ties | mixed | words, max_size=8)


@given(block=blocks)
def test_any_text(small: Model, block: list[str]):
  small.check(small.cache(), block)


@given(block=blocks)
def test_any_text_with_released_models(released: Model, block: list[str]):
  released.check(released.cache(), block)


def test_words_are_found_again(small: Model):
  cache = small.cache()
  texts = ['one two, three', 'two one-one', ' three \n']
  assert small.check(cache, texts) == 3
  size = len(cache._store)
  assert small.check(cache, texts[::-1] * 3) == 9
  assert len(cache._store) == size
  assert small.check(cache, []) == 0
  assert small.check(cache, ['', ' \n']) == 2


@pytest.mark.parametrize('name', ['code/*', 'en/en.00003-*'])
def test_real_text(
  released: Model, stored: Callable[[str], list[str]], name: str
):
  texts = stored(name)[::2]
  cache = released.cache(1 << 18)
  through = sum(
    released.check(cache, texts[i : i + 500]) for i in range(0, len(texts), 500)
  )
  assert through > 0.8 * len(texts)


def test_real_text_of_all_languages(
  released: Model, stored: Callable[[str], list[str]]
):
  texts = [text[:2000] for text in stored('multilingual/*')[::5]]
  assert released.check(released.cache(1 << 18), texts) > 0.05 * len(texts)


# Words with the same pieces wherever they are, and words whose two best ways
# tie, or nearly do.
SURE = ['the', 'of', 'and', 'a', 'to', 'in', 'is', 'that', 'for', 'with']
NEAR = ['xxx', '----', 'ravine', '-Monsieur', '16.6', 'catching', 'honours']


@given(seed=st.integers(0, 1 << 20), size=st.sampled_from([300, 3000, 30_000]))
@hypothesis.settings(max_examples=20)
def test_rounding_far_into_a_text(released: Model, seed: int, size: int):
  # Sums of scores reach -100,000 several times, where they are begun anew.
  rng = np.random.default_rng(seed)
  near = rng.random(size) < 0.1
  chosen = np.where(near, rng.choice(NEAR, size), rng.choice(SURE, size))
  text = ' '.join(chosen.tolist())
  assert released.check(released.cache(), [text, text[1:]]) == 2


def test_rounding_matters(released: Model, monkeypatch: pytest.MonkeyPatch):
  # Without `settle`, such a text has other ids.
  monkeypatch.setattr(word_cache, 'settle', lambda *_: [])
  text = ' '.join([*SURE, *NEAR] * 700)
  with pytest.raises(AssertionError):
    released.check(released.cache(), [text])


def test_texts_that_are_not_for_the_cache_are_encoded_directly(
  released: Model, monkeypatch: pytest.MonkeyPatch
):
  texts = ['plain', 'a\0b', 'a▁b', 'x' * 300, '你好你好']
  texts += ['a <extra_id_0>', 'ＡＢ', '😀 b']
  monkeypatch.setattr(documents, '_ASCII_SHARE', 20)
  through = released.check(released.cache(), [t + ' ' * 99 for t in texts])
  # In mT5's model the last three might have sentinels, or bytes as pieces.
  assert through == (2 if released.rules.user_defined else 4)


def test_blocks_of_new_words_are_encoded_directly(
  small: Model, monkeypatch: pytest.MonkeyPatch
):
  monkeypatch.setattr(word_cache, '_NEW_SHARE', 6)
  cache = small.cache()
  fresh = [f'{"abcdefghij"[i % 10]}{i}' for i in range(60)]
  old = ['one two three ' * 20]
  assert small.check(cache, fresh) == 0
  assert small.check(cache, old) == 0  # the next is not tried
  assert small.check(cache, old) == 1
  assert small.check(cache, fresh) == 0
  assert small.check(cache, old) == 0
  assert small.check(cache, old) == 1


def test_memory_is_bounded(small: Model):
  cache = small.cache(capacity=64)
  through = 0
  for start in range(0, 400, 10):
    found = range(start, start + 10)
    texts = [chr(97 + i % 26) + chr(97 + i // 26) for i in found]
    through += small.check(cache, texts)
    assert len(cache._store) <= 64
  # When it is full, it is emptied.
  assert 100 < through < 400
