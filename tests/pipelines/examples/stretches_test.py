"""Ids become stretches that say the same text."""

import itertools
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
import pytest

from ul2_flan.pipelines.examples.stretches import divide
from ul2_flan.tasks.vocabulary import Vocabulary


@pytest.fixture(scope='module')
def vocabulary(vocabulary_path) -> Vocabulary:
  return Vocabulary(Path(vocabulary_path).read_bytes())


@given(data=st.data())
def test_stretches_join_to_the_whole(data, vocabulary):
  """Neighbours differ in kind or number, and no id is lost."""
  ids = data.draw(st.lists(st.integers(0, vocabulary.size - 1), max_size=30))
  found = list(divide(ids, vocabulary))
  sentinels = [vocabulary.sentinels.first - s.number for s in found
               if s.kind == 'sentinel']  # fmt: skip
  assert sentinels == [
    i
    for n, i in enumerate(ids)
    if vocabulary.sentinels.first - vocabulary.sentinels.count < i
    and (n == 0 or ids[n - 1] != i)
  ]
  text = ''.join(s.text for s in found)
  plain = [i for i in ids if i <= vocabulary.size - 101]
  assert text == vocabulary.spell(plain)
  for one, other in itertools.pairwise(found):
    assert (one.kind, one.number) != (other.kind, other.number)


def test_marks_are_told(vocabulary):
  mode = vocabulary.encode('[NLU]')
  ids = [*mode, *vocabulary.encode('a river'), vocabulary.unk_id]
  ids += [vocabulary.sentinels.first - 3, vocabulary.eos_id]
  found = list(divide(ids, vocabulary, len(mode)))
  assert [s.kind for s in found] == [
    *('mode', 'text', 'unknown', 'sentinel', 'eos')
  ]
  assert found[0].text == '[NLU]'
  assert found[1].text == ' a river'
  assert found[3].number == 3


def test_without_a_vocabulary_there_are_numbers():
  (found,) = divide([5, 6], None)
  assert (found.kind, found.text) == ('ids', '5 6')
