"""Lengths in tokens are right, whatever was counted before."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
import pytest

from ul2_flan.pipelines.flan import encode as encode_lib
from ul2_flan.tasks.rendering import Charset
from ul2_flan.tasks.vocabulary import Vocabulary

LENGTHS = {'inputs': 64, 'targets': 64, 'inputs_eos': True}
TEXTS = st.lists(st.text('ab c', max_size=9), max_size=9)


@pytest.fixture(scope='module')
def vocabulary(vocabulary_path: str) -> Vocabulary:
  return Vocabulary(Path(vocabulary_path).read_bytes())


@given(calls=st.lists(TEXTS, max_size=6), limit=st.integers(0, 40))
def test_counts_are_those_of_the_vocabulary(
  vocabulary: Vocabulary, calls: list[list[str]], limit: int
) -> None:
  encoder = encode_lib.Encoder(
    vocabulary, Charset(), LENGTHS, provenance=False, keep_text=False
  )
  with pytest.MonkeyPatch.context() as patch:
    patch.setattr(encode_lib, '_KNOWN_CHARS', limit)
    for texts in calls:
      counts = encoder.count_tokens(texts)
      assert counts == [len(vocabulary.encode(text)) for text in texts]
      # What is kept is bounded, but for the texts of the last call.
      kept = sum(map(len, encoder._known))
      assert kept <= max(limit, sum(map(len, texts)))
