"""The tokenizer that Transformers loads gives the vocabulary's ids."""

import io
import json
from pathlib import Path
import warnings

import pytest
import sentencepiece
from sentencepiece import sentencepiece_model_pb2
from support import corpora
from support.vocabularies import tokenizer_files

from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.vocabulary import Vocabulary
from ul2_flan.trainer_plugin import blanks
from ul2_flan.trainer_plugin.to_hugging_face import tokenizer

BLANKS = (
  'The <extra_id_0> is <extra_id_1>.',
  '<extra_id_0> walks',
  'not <extra_id_0>s, a<extra_id_1>b  <extra_id_2>  c',
)


def loaded(folder: Path, model: bytes, vocabulary: Vocabulary, **more):
  """Loads it as users do."""
  with warnings.catch_warnings():
    warnings.simplefilter('ignore')  # that there is no PyTorch
    transformers = pytest.importorskip('transformers')
  for name, content in tokenizer.files(model, vocabulary, **more).items():
    (folder / name).write_bytes(content)
  (folder / 'config.json').write_text('{"model_type": "t5"}')
  return transformers.AutoTokenizer.from_pretrained(folder)


@pytest.fixture(params=['small', 'with_sentinels'])
def model(request, vocabulary_path, vocabulary_with_sentinels_path) -> bytes:
  """A SentencePiece model to whose pieces sentinels are added, or belong."""
  paths = {
    'small': vocabulary_path,
    'with_sentinels': vocabulary_with_sentinels_path,
  }
  return Path(paths[request.param]).read_bytes()


def test_texts_and_blanks_have_the_ids_of_training(model: bytes, tmp_path):
  vocabulary = Vocabulary(model)
  score = sentencepiece.SentencePieceProcessor(model_proto=model).get_score
  theirs = loaded(tmp_path, model, vocabulary)
  texts = [' '.join(text.split()) for text in corpora.prose(1000)]
  ids = theirs(texts).input_ids
  for text, encoded in zip(texts, ids, strict=True):
    ours = vocabulary.encode(text)
    assert encoded[-1] == vocabulary.eos_id
    # There may be two ways to write it that are as good.
    scores = [sum(map(score, of)) for of in (ours, encoded[:-1])]
    assert scores[0] == pytest.approx(scores[1], rel=1e-6)
    said = theirs.decode(encoded[:-1])
    assert said.replace('<unk>', ' ⁇ ') == vocabulary.decode(ours)
  for prompt in BLANKS:
    assert theirs(prompt).input_ids[:-1] == blanks.encode(prompt, vocabulary)
  assert len(theirs) == vocabulary.size


def test_special_tokens(model: bytes, tmp_path):
  theirs = loaded(tmp_path, model, Vocabulary(model))
  assert (theirs.pad_token_id, theirs.eos_token_id) == (0, 1)
  assert theirs.unk_token_id == 2
  sentinels = Vocabulary(model).sentinels
  names = [f'<extra_id_{k}>' for k in (0, 1, 99)]
  ids = [sentinels.first + sentinels.step * k for k in (0, 1, 99)]
  assert theirs.convert_tokens_to_ids(names) == ids
  assert {*names} <= {*theirs.all_special_tokens}
  # What a model says of two blanks.
  answer = [ids[0], *Vocabulary(model).encode('and'), ids[1], 1]
  assert theirs.decode(answer) == '<extra_id_0> and<extra_id_1></s>'
  assert theirs.decode(answer, skip_special_tokens=True) == 'and'


def test_a_mode_token_that_is_a_piece_has_no_space(vocabulary_path, tmp_path):
  proto = sentencepiece_model_pb2.ModelProto()
  proto.ParseFromString(Path(vocabulary_path).read_bytes())
  proto.pieces.add(piece='[NLU]', score=0.0, type=4)
  model = proto.SerializeToString()
  vocabulary = Vocabulary(model)
  theirs = loaded(tmp_path, model, vocabulary, appends_eos=False)
  want = blanks.encode('The cat', vocabulary, '[NLU]')
  assert theirs('[NLU] The cat').input_ids == want


@pytest.mark.parametrize('byte_fallback', [False, True])
def test_byte_pairs_of_sentencepiece(tmp_path, byte_fallback: bool):
  file = io.BytesIO()
  sentencepiece.SentencePieceTrainer.train(
    sentence_iterator=iter(corpora.prose(40)),
    model_writer=file,
    model_type='bpe',
    vocab_size=700,
    byte_fallback=byte_fallback,
    pad_id=0,
    eos_id=1,
    unk_id=2,
    bos_id=3,
    num_threads=1,
    minloglevel=2,
  )
  model = file.getvalue()
  vocabulary = Vocabulary(model)
  theirs = loaded(tmp_path, model, vocabulary)
  for text in corpora.prose(100):
    ours = [*vocabulary.encode(text), 1]
    assert theirs(text).input_ids == ours


@pytest.mark.parametrize('kind', tokenizer_files.MAKERS)
def test_a_tokenizer_json_keeps_its_ids(kind: str, tmp_path):
  model = tokenizer_files.data(kind)
  try:
    vocabulary = Vocabulary(model)
  except UserError:
    pytest.skip('no vocabulary, since text may give the id 0')
  theirs = loaded(tmp_path, model, vocabulary)
  for text in corpora.prose(100):
    ours = [*vocabulary.encode(text), vocabulary.eos_id]
    assert theirs(text).input_ids == ours
  assert 'spiece.model' not in {path.name for path in tmp_path.iterdir()}
  first = vocabulary.sentinels.first
  assert theirs('<extra_id_0>').input_ids[0] == first


def test_pieces_that_are_sentinels_are_renamed(tmp_path):
  model = tokenizer_files.data('with_tokens')
  vocabulary = Vocabulary(model, 0, '<unused{}>:0-39')
  theirs = loaded(tmp_path, model, vocabulary)
  assert theirs('<extra_id_3>').input_ids[0] == vocabulary.sentinels.first + 3
  named = json.loads((tmp_path / 'tokenizer.json').read_text())
  assert '<unused3>' not in {t['content'] for t in named['added_tokens']}


def test_a_model_of_characters_is_refused(vocabulary_path):
  proto = sentencepiece_model_pb2.ModelProto()
  proto.ParseFromString(Path(vocabulary_path).read_bytes())
  proto.trainer_spec.model_type = 4
  model = proto.SerializeToString()
  with pytest.raises(UserError, match='of words or characters'):
    tokenizer.files(model, Vocabulary(model))
