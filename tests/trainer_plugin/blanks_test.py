from pathlib import Path

import pytest
import seqio

from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.vocabulary import Vocabulary
from ul2_flan.trainer_plugin import blanks


@pytest.fixture(scope='module')
def vocabulary(vocabulary_path):
  return seqio.SentencePieceVocabulary(vocabulary_path, extra_ids=100)


def test_a_blank_takes_the_place_of_words(vocabulary, vocabulary_path):
  # What training has: ids of the whole text, a span of them replaced.
  ids = Vocabulary(Path(vocabulary_path).read_bytes()).encode
  whole = ids('The value of the name is returned.')
  before, after = ids('The value of'), ids('is returned.')
  assert whole[: len(before)] == before
  assert whole[-len(after) :] == after
  sentinel = vocabulary.vocab_size - 1
  assert blanks.encode(
    'The value of <extra_id_0> is returned.', vocabulary
  ) == [*before, sentinel, *after]


def test_what_follows_without_a_space_begins_no_word(vocabulary):
  space = vocabulary.tokenizer.piece_to_id('▁')
  found = blanks.encode('The <extra_id_0>, <extra_id_1>', vocabulary)
  at = [i for i, x in enumerate(found) if x >= vocabulary.vocab_size - 2]
  assert len(at) == 2
  assert space not in found[at[0] :]
  assert found[at[1]] == vocabulary.vocab_size - 2


def test_a_mode_token_is_in_front(vocabulary):
  plain = blanks.encode('The name', vocabulary)
  mode = list(vocabulary.encode('[NLG]'))
  assert blanks.encode('The name', vocabulary, '[NLG]') == mode + plain


def test_sentinels_that_are_pieces(vocabulary_with_sentinels_path):
  vocabulary = seqio.SentencePieceVocabulary(
    vocabulary_with_sentinels_path, extra_ids=0
  )
  known = Vocabulary(Path(vocabulary_with_sentinels_path).read_bytes())
  found = blanks.encode('<extra_id_3>', vocabulary)
  assert found == [known.sentinels.first - 3]


def test_a_blank_that_the_vocabulary_lacks(vocabulary):
  with pytest.raises(UserError, match='100 extra ids'):
    blanks.encode('<extra_id_100>', vocabulary)
