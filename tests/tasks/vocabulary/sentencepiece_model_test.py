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


class Learns:
  """Tells a model when to learn; see `Prospect`."""

  def __init__(self, when: int):
    self.seen: list[int] = []
    self._when = when

  def expect(self, tokens: float, times: float) -> bool:
    return tokens >= self._when * times

  def pays(self, texts: list[str]) -> bool:
    return len(self.seen) >= self._when

  def saw(self, texts: list[str], tokens: int) -> None:
    self.seen.append(tokens)


@pytest.fixture
def model(vocabulary_path: str) -> lib.SentencePieceModel:
  return lib.SentencePieceModel(Path(vocabulary_path).read_bytes())


@pytest.fixture
def looked_up(monkeypatch: pytest.MonkeyPatch) -> list[int]:
  """How many texts each block had that was looked up."""
  sizes = []
  encode = lib.word_cache.WordCache.encode

  def seen(self: lib.word_cache.WordCache, texts: list[str], directly: Any):
    sizes.append(len(texts))
    return encode(self, texts, directly)

  monkeypatch.setattr(lib.word_cache.WordCache, 'encode', seen)
  return sizes


def test_large_blocks_are_looked_up_once_it_pays(
  model: lib.SentencePieceModel, looked_up: list[int]
):
  model._prospect = Learns(when=2)
  text = 'some words ' * 100
  ids = [*model.encode(text)]
  # Small ones neither teach rules nor use them.
  for count in (20, 1, 21, 1, 22, 1, 23):
    block = model.encode_block([text] * count)
    assert [i.tolist() for i in block] == [ids] * count
  assert model._prospect.seen == [20 * len(ids), 21 * len(ids)]
  assert looked_up == [22, 23]


@pytest.mark.parametrize('processes', [1, 2])
def test_what_forks_would_learn_is_learnt_before(
  model: lib.SentencePieceModel, processes: int, monkeypatch
):
  learnt = []
  rules_of = lib.word_cache.rules_of
  monkeypatch.setattr(
    lib.word_cache,
    'rules_of',
    lambda *given: learnt.append(given) or rules_of(*given),
  )
  model._prospect = Learns(when=100)
  model.expect(100 * processes - 1, 1, processes)
  model.expect(100 * processes, 2, processes)
  assert not learnt
  model.expect(100 * processes, 1, processes)
  # One process learns when its first block comes.
  assert len(learnt) == (processes > 1)
  model._prospect = Learns(when=0)
  model.encode_block(['some words ' * 5000])
  assert len(learnt) == 1


def test_where_there_are_no_rules_they_are_asked_for_once(
  model: lib.SentencePieceModel, monkeypatch: pytest.MonkeyPatch
):
  asked = []
  monkeypatch.setattr(
    lib.word_cache, 'rules_of', lambda *given: asked.append(given)
  )
  model._prospect = Learns(when=0)
  text = 'some words ' * 5000
  for _ in range(3):
    assert [*model.encode_block([text])[0]] == [*model.encode(text)]
  assert len(asked) == 1
