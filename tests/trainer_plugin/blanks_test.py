from pathlib import Path

import pytest
from support.vocabularies import tokenizer_files

from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.vocabulary import Vocabulary
from ul2_flan.trainer_plugin import blanks


@pytest.fixture(scope='module')
def vocabulary(vocabulary_path):
  return Vocabulary(Path(vocabulary_path).read_bytes())


def test_a_blank_takes_the_place_of_words(vocabulary):
  # What training has: ids of the whole text, a span of them replaced.
  ids = vocabulary.encode
  whole = ids('The value of the name is returned.')
  before, after = ids('The value of'), ids('is returned.')
  assert whole[: len(before)] == before
  assert whole[-len(after) :] == after
  sentinel = vocabulary.size - 1
  assert blanks.encode(
    'The value of <extra_id_0> is returned.', vocabulary
  ) == [*before, sentinel, *after]


def test_what_follows_without_a_space_begins_no_word(vocabulary):
  space = vocabulary.id_of('▁')
  found = blanks.encode('The <extra_id_0>, <extra_id_1>', vocabulary)
  at = [i for i, x in enumerate(found) if x >= vocabulary.size - 2]
  assert len(at) == 2
  assert space not in found[at[0] :]
  assert found[at[1]] == vocabulary.size - 2


def test_a_mode_token_is_in_front(vocabulary):
  plain = blanks.encode('The name', vocabulary)
  mode = list(vocabulary.encode('[NLG]'))
  assert blanks.encode('The name', vocabulary, '[NLG]') == mode + plain


def test_sentinels_that_are_pieces(vocabulary_with_sentinels_path):
  known = Vocabulary(Path(vocabulary_with_sentinels_path).read_bytes())
  found = blanks.encode('<extra_id_3>', known)
  assert found == [known.sentinels.first - 3]


def test_a_blank_that_the_vocabulary_lacks(vocabulary):
  with pytest.raises(UserError, match='100 sentinels'):
    blanks.encode('<extra_id_100>', vocabulary)


def test_sentinels_that_are_named(vocabulary_path):
  model = Path(vocabulary_path).read_bytes()
  vocabulary = Vocabulary(model, 0, 'last:9')
  found = blanks.encode('The <extra_id_8>', vocabulary)
  assert found[-1] == vocabulary.size - 9
  with pytest.raises(UserError, match='has 9 sentinels'):
    blanks.encode('<extra_id_9>', vocabulary)
  rising = Vocabulary(
    tokenizer_files.data('with_tokens'), sentinels='<unused{}>:3-30'
  )
  assert blanks.encode('<extra_id_2>', rising) == [rising.id_of('<unused5>')]


@pytest.mark.parametrize('kind', tokenizer_files.MAKERS)
def test_a_blank_in_other_vocabularies(kind):
  vocabulary = Vocabulary(tokenizer_files.data(kind))
  ids = vocabulary.encode
  whole = ids('The value of the name is returned.')
  before, masked = ids('The value of'), ids('The value of the name')
  assert whole[: len(masked)] == masked
  found = blanks.encode('The value of <extra_id_0> is returned.', vocabulary)
  after = whole[len(masked) :]
  assert found == [*before, vocabulary.sentinels.first, *after]
  found = blanks.encode('The value of <extra_id_0>.', vocabulary)
  assert found == [*before, vocabulary.sentinels.first, whole[-1]]
