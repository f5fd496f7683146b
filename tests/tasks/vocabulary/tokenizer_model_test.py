"""Ids are those of `tokenizers`, but no text gives a special token."""

import json
import pickle
import sys

from hypothesis import assume, given, settings
from hypothesis import strategies as st
import numpy as np
import pytest
from support.corpora import prose
from support.vocabularies.tokenizer_files import MAKERS, data, tokenizer

from ul2_flan.tasks.denoising.sentinels import Sentinels
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.vocabulary import Vocabulary, tokenizer_model

KINDS = pytest.mark.parametrize('kind', MAKERS)

# Those that neither change characters nor lack any.
LOSSLESS = ('gpt2', 'llama3', 'llama', 'gemma')

WORDS = [word for text in prose(20) for word in text.split()]
texts = st.lists(
  st.one_of(
    st.sampled_from([*WORDS, ' ', '  ', '\n', '    ', '<unused3>', '▁']),
    st.text(max_size=8),
  ),
  max_size=12,
).map(' '.join)


def expected(kind: str, text: str) -> list[int]:
  ids: list[int] = tokenizer(kind).encode(text, add_special_tokens=False).ids
  return ids


def special_tokens(kind: str) -> dict[str, int]:
  added = json.loads(data(kind))['added_tokens']
  return {t['content']: t['id'] for t in added if t['special']}


@KINDS
@settings(max_examples=30)
@given(block=st.lists(texts, max_size=4))
def test_ids_are_those_of_tokenizers(kind: str, block: list[str]):
  # Hypothesis draws constants of our code too, and '<s>' is one.
  assume(not any(s in text for text in block for s in special_tokens(kind)))
  ids = Vocabulary(data(kind)).encode_block(block)
  assert ids.values.dtype == np.int32
  assert [i.tolist() for i in ids] == [expected(kind, t) for t in block]


@KINDS
def test_long_texts_have_the_ids_of_the_whole(
  kind: str, monkeypatch: pytest.MonkeyPatch
):
  vocabulary = Vocabulary(data(kind))
  text = ' '.join(filter(str.isalpha, WORDS))
  whole = vocabulary.encode(text)
  assert whole == (*expected(kind, text),)
  monkeypatch.setattr(tokenizer_model, 'MAX_TEXT_CHARS', 60)
  monkeypatch.setattr(tokenizer_model, 'MAX_CHARS_AT_ONCE', 200)
  short, long, none = vocabulary.encode_block(['short', text, ''])
  assert (*long.tolist(),) == whole
  assert len(short) > 0
  assert len(none) == 0


@KINDS
def test_no_text_gives_a_special_token(kind: str):
  vocabulary = Vocabulary(data(kind))
  special = special_tokens(kind)
  special = {k: i for k, i in special.items() if i != vocabulary.unk_id}
  for text in (' a '.join(special), ''.join(special), *special):
    assert not {*special.values()} & {*vocabulary.encode(text)}
  # With the library alone it does.
  assert {*special.values()} & {*expected(kind, ' '.join(special))}
  text = f'It is {"".join(special)} alone.'
  if kind in LOSSLESS:
    assert vocabulary.decode(vocabulary.encode(text)) == text
  assert {k: vocabulary.id_of(k) for k in special} == special
  assert vocabulary.encode_mode('</s>') == (
    (special['</s>'],) if '</s>' in special else vocabulary.encode('</s>')
  )


@pytest.mark.parametrize('kind', LOSSLESS)
@settings(max_examples=40)
@given(text=st.text(max_size=30).map(lambda text: f'a{text}'))
def test_decoded_text_is_the_text(kind: str, text: str):
  vocabulary = Vocabulary(data(kind))
  ids = [*vocabulary.encode(text), vocabulary.eos_id, 0]
  assert vocabulary.decode(ids) == text


@KINDS
def test_spelled_stretches_join(kind: str):
  vocabulary = Vocabulary(data(kind))
  text = 'the list and the name'
  ids = vocabulary.encode(text)
  assert vocabulary.decode(ids).strip() == text
  assert vocabulary.spell(ids).strip() == text
  assert vocabulary.spell(ids[:3]) + vocabulary.spell(ids[3:]) == (
    vocabulary.spell(ids)
  )
  assert vocabulary.spell([-1, vocabulary.size]) == (
    f'<id -1><id {vocabulary.size}>'
  )
  blank = [vocabulary.spell([i]) for i in vocabulary.blank_ids]
  assert ' ' in blank
  assert not ''.join(blank).strip()


@KINDS
def test_pickled_is_the_same(kind: str):
  vocabulary = Vocabulary(data(kind), None, '', '')
  copy = pickle.loads(pickle.dumps(vocabulary))
  assert (copy.size, copy.sentinels) == (vocabulary.size, vocabulary.sentinels)
  assert copy.encode('the name') == vocabulary.encode('the name')
  assert copy.kind == 'tokenizer_json'


@pytest.mark.parametrize(
  ('kind', 'special', 'sentinels'),
  [
    ('gpt2', (1, -1), Sentinels(799, 100)),
    ('llama3', (1, -1), Sentinels(700, 100, step=1)),
    ('t5', (1, 2), Sentinels(102, 100)),
    ('first_space', (2, 3), Sentinels(699, 100)),
    ('llama', (2, 0), Sentinels(1055, 100)),
  ],
)
def test_what_is_found(kind: str, special: tuple[int, int], sentinels: object):
  vocabulary = Vocabulary(data(kind))
  assert (vocabulary.eos_id, vocabulary.unk_id) == special
  assert vocabulary.sentinels == sentinels
  # A sentinel that is a special token is in no text.
  text = '<extra_id_0> and <extra_id_1>'
  ids = np.array(vocabulary.encode(text))
  assert not vocabulary.sentinels.among(ids).any()
  first = vocabulary.sentinels.first
  assert vocabulary.decode([first, *ids]).startswith('<extra_id_0>')


def test_sentinels_and_eos_that_are_named():
  model = data('with_tokens')
  vocabulary = Vocabulary(model, 0, '<unused{}>:39-0', '<unused7>')
  assert vocabulary.sentinels == Sentinels(739, 40, step=-1)
  assert vocabulary.eos_id == 707
  assert vocabulary.size == 741
  # Text may have a token that is not special, unless it is EOS.
  assert vocabulary.encode('<unused8>') == (708,)
  assert 707 not in vocabulary.encode('<unused7>')
  copy = pickle.loads(pickle.dumps(vocabulary))
  assert (copy.eos_id, copy.named_eos) == (707, '<unused7>')


def test_the_library_is_an_extra(monkeypatch: pytest.MonkeyPatch):
  monkeypatch.setitem(sys.modules, 'tokenizers', None)
  with pytest.raises(UserError, match=r"pip install 'ul2-flan\[tokenizers\]'"):
    tokenizer_model.TokenizerModel(data('gpt2'))
