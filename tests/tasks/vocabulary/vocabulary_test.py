"""Ids are seqio's, whether texts come alone or in blocks, whole or cut."""

import hashlib
import io
from pathlib import Path
import pickle

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest
import sentencepiece
from sentencepiece import sentencepiece_model_pb2

from ul2_flan.tasks.denoising.sentinels import Sentinels
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.vocabulary import Vocabulary

TEXTS = [
  '',
  ' ',
  'The "with" statement is used to wrap the execution of a block.',
  'Grüße, 你好 мир 😀 e\u0301\u00a0\u200b\ttab\nline  two  spaces ',
  '</s> <pad> <unk> [NLU] <extra_id_> extra_id_0',
  'x' * 300,
]


def load(path: str | Path, extra_ids: int | None = None) -> Vocabulary:
  return Vocabulary(Path(path).read_bytes(), extra_ids)


def assert_seqios(path: str, extra_ids: int | None, texts: list[str]) -> None:
  import seqio

  ours = load(path, extra_ids)
  theirs = seqio.SentencePieceVocabulary(path, ours.extra_ids)
  assert ours.size == theirs.vocab_size
  assert (ours.eos_id, ours.unk_id) == (theirs.eos_id, theirs.unk_id)
  expected = [theirs.encode(text) for text in texts]
  assert [ids.tolist() for ids in ours.encode_block(texts)] == expected
  assert [list(ours.encode(text)) for text in texts[:20]] == expected[:20]


@pytest.mark.parametrize('extra_ids', [None, 0, 7])
def test_ids_are_seqios(vocabulary_path: str, extra_ids: int | None):
  assert_seqios(vocabulary_path, extra_ids, TEXTS)


@pytest.mark.parametrize(
  ('name', 'extra_ids', 'size', 'sentinels'),
  [
    ('t5.spiece.model', None, 32_100, Sentinels(32_099, 100)),
    ('t5.spiece.model', 100, 32_100, Sentinels(32_099, 100)),
    ('t5.spiece.model', 0, 32_000, Sentinels(31_999, 0)),
    ('mt5.spiece.model', None, 250_100, Sentinels(250_099, 100)),
    ('mt5.spiece.model', 0, 250_100, Sentinels(250_099, 100)),
  ],
)
def test_released_vocabularies(
  shared_data: Path,
  multilingual: list[str],
  name: str,
  extra_ids: int | None,
  size: int,
  sentinels: Sentinels,
):
  path = shared_data / 'vocab' / name
  vocabulary = load(path, extra_ids)
  assert (vocabulary.size, vocabulary.sentinels) == (size, sentinels)
  assert (vocabulary.eos_id, vocabulary.unk_id) == (1, 2)
  assert len(multilingual) > 900
  assert_seqios(str(path), extra_ids, TEXTS + multilingual)


def test_sentinels_are_appended_or_pieces(
  small: Vocabulary, vocabulary_with_sentinels_path: str
):
  pieces = small.size - 100
  assert small.extra_ids == 100
  assert small.sentinels == Sentinels(pieces + 99, 100)
  own = load(vocabulary_with_sentinels_path)
  assert (own.extra_ids, own.size) == (0, pieces + 100)
  assert own.sentinels == Sentinels(pieces + 99, 100)
  # A text may have a sentinel that is a piece, but never an appended one.
  assert own.sentinels.first in own.encode('<extra_id_0>')
  assert not small.sentinels.among(small.encode_block(TEXTS).values).any()


def test_pieces_that_users_listed_are_the_sentinels(
  vocabulary_path: str, tmp_path: Path
):
  model = sentencepiece_model_pb2.ModelProto()
  model.ParseFromString(Path(vocabulary_path).read_bytes())
  symbol = sentencepiece_model_pb2.ModelProto.SentencePiece.USER_DEFINED
  # Where SentencePiece's trainer puts them.
  for k in range(20):
    listed = type(model.pieces[0])(
      piece=f'<extra_id_{k}>', score=0.0, type=symbol
    )
    model.pieces.insert(3 + k, listed)
  path = tmp_path / 'listed.model'
  path.write_bytes(model.SerializeToString())
  for extra_ids in (None, 0):
    listed = load(path, extra_ids)
    assert (listed.extra_ids, listed.size) == (0, len(model.pieces))
    assert listed.sentinels == Sentinels(3, 20, step=1)
    assert 4 in listed.encode('<extra_id_1>')


def test_text_never_has_an_appended_sentinel(
  small: Vocabulary, vocabulary_path: str
):
  import seqio

  # The one difference from seqio, where a text can look like targets.
  text = 'a <extra_id_0> b'
  first = small.sentinels.first
  assert first in seqio.SentencePieceVocabulary(vocabulary_path, 100).encode(
    text
  )
  assert first not in small.encode(text)


def test_sentinels_are_not_appended_twice(vocabulary_with_sentinels_path: str):
  with pytest.raises(UserError, match='has 100 sentinels as pieces'):
    load(vocabulary_with_sentinels_path, 100)


texts = st.lists(st.text(max_size=40), max_size=6)


@given(texts=texts)
def test_a_block_has_the_ids_of_its_texts(small: Vocabulary, texts: list[str]):
  block = small.encode_block(texts)
  assert [tuple(ids.tolist()) for ids in block] == [
    small.encode(text) for text in texts
  ]
  assert block.values.dtype == np.int32


def test_pickled_is_the_same(vocabulary_path: str):
  for extra_ids in (None, 0, 7):
    vocabulary = load(vocabulary_path, extra_ids)
    copy = pickle.loads(pickle.dumps(vocabulary))
    assert copy.extra_ids == vocabulary.extra_ids
    assert copy.size == vocabulary.size
    assert copy.sentinels == vocabulary.sentinels
    assert copy.sha256 == vocabulary.sha256
    assert copy.encode(TEXTS[2]) == vocabulary.encode(TEXTS[2])


def test_sha256_is_that_of_the_file(vocabulary_path: str):
  expected = hashlib.sha256(Path(vocabulary_path).read_bytes()).hexdigest()
  assert load(vocabulary_path).sha256 == expected


def test_decode_shows_sentinels(
  small: Vocabulary, vocabulary_with_sentinels_path: str
):
  first = small.sentinels.first
  ids = [first, *small.encode('the list'), first - 1, first - 99]
  shown = '<extra_id_0> the list <extra_id_1> <extra_id_99>'
  assert small.decode(ids) == shown
  assert small.decode(np.array(ids, np.int32)) == shown
  assert small.decode([]) == ''
  assert small.decode(small.encode('one two')) == 'one two'
  own = load(vocabulary_with_sentinels_path)
  assert '<extra_id_0>' in own.decode([own.sentinels.first])


@given(st.lists(st.integers(0, 599), max_size=20), st.integers(0, 20))
def test_spelled_stretches_join(small: Vocabulary, ids: list[int], cut: int):
  whole = small.spell(ids)
  assert small.spell(ids[:cut]) + small.spell(ids[cut:]) == whole
  text = 'the list and the river'
  assert small.spell(small.encode(text)).strip() == text


@pytest.mark.parametrize('data', [b'', b'not a model', bytes(50)])
def test_other_bytes_are_refused(data: bytes):
  with pytest.raises(UserError, match='not a SentencePiece model'):
    Vocabulary(data)


@pytest.fixture
def with_modes(vocabulary_path: str, tmp_path: Path) -> Path:
  """A model with pieces for two mode tokens."""
  model = sentencepiece_model_pb2.ModelProto()
  model.ParseFromString(Path(vocabulary_path).read_bytes())
  symbol = sentencepiece_model_pb2.ModelProto.SentencePiece.USER_DEFINED
  for name in ('[NLU]', '[S2S]'):
    model.pieces.add(piece=name, score=0.0, type=symbol)
  path = tmp_path / 'modes.model'
  path.write_bytes(model.SerializeToString())
  return path


def test_a_mode_token_is_its_piece(with_modes: Path, small: Vocabulary):
  from ul2_flan.trainer_plugin import blanks

  vocabulary = load(with_modes)
  pieces = small.size - 100
  expected = {'[NLU]': (pieces,), '[S2S]': (pieces + 1,), '': ()}
  assert {k: vocabulary.encode_mode(k) for k in expected} == expected
  assert vocabulary.encode('[NLU]') != (pieces,)
  # The model has no piece for it.
  assert vocabulary.encode_mode('[NLG]') == vocabulary.encode('[NLG]')
  # Prompts for the trained model have the same ids.
  for token in (*expected, '[NLG]'):
    mode = list(vocabulary.encode_mode(token))
    prompt = blanks.encode('The name', vocabulary, token)
    assert prompt == [*mode, *vocabulary.encode('The name')]


def trained(**options: object) -> bytes:
  model = io.BytesIO()
  sentencepiece.SentencePieceTrainer.train(
    sentence_iterator=iter(TEXTS[2:4] * 20),
    model_writer=model,
    vocab_size=400,
    hard_vocab_limit=False,
    num_threads=1,
    minloglevel=2,
    **options,
  )
  return model.getvalue()


LLAMA = {'unk_id': 0, 'bos_id': 1, 'eos_id': 2, 'pad_id': -1}


@pytest.mark.parametrize('model_type', ['bpe', 'unigram'])
@pytest.mark.parametrize('extra_ids', [None, 0])
def test_the_special_ids_of_llama(
  tmp_path: Path, model_type: str, extra_ids: int | None
):
  model = trained(byte_fallback=True, model_type=model_type, **LLAMA)
  vocabulary = Vocabulary(model, extra_ids)
  assert (vocabulary.unk_id, vocabulary.eos_id) == (0, 2)
  path = tmp_path / 'llama.model'
  path.write_bytes(model)
  texts = [*TEXTS, '\0 \x01 😀 漢字 \u2581']
  assert_seqios(str(path), extra_ids, texts)
  ids = vocabulary.encode_block(texts).values
  assert not np.isin(ids, [0, 1, 2]).any()


@pytest.mark.parametrize(
  ('options', 'message'),
  [
    (
      LLAMA,
      r"id 0 is '<unk>', which text can give.*--unk_id=0 --byte_fallback",
    ),
    ({'pad_id': 0, 'unk_id': 1, 'eos_id': -1, 'bos_id': -1}, 'has no EOS'),
    (
      {'pad_id': -1, 'unk_id': 1, 'eos_id': 0, 'bos_id': -1},
      "'</s>', EOS; but",
    ),
  ],
)
def test_special_ids_that_would_be_masked_are_refused(
  options: dict[str, object], message: str
):
  with pytest.raises(UserError, match=message):
    Vocabulary(trained(**options))


@pytest.mark.parametrize('kind', ['NORMAL', 'USER_DEFINED'])
def test_a_piece_of_text_as_id_0_is_refused(vocabulary_path: str, kind: str):
  model = sentencepiece_model_pb2.ModelProto()
  model.ParseFromString(Path(vocabulary_path).read_bytes())
  model.pieces[0].piece = 'zero'
  model.pieces[0].type = getattr(
    sentencepiece_model_pb2.ModelProto.SentencePiece, kind
  )
  with pytest.raises(UserError, match="'zero', which text can give"):
    Vocabulary(model.SerializeToString())


def test_sentencepiece_says_itself_which_is_eos(vocabulary_path: str):
  model = Path(vocabulary_path).read_bytes()
  with pytest.raises(UserError, match="--eos '</s>' is for a token"):
    Vocabulary(model, eos='</s>')
