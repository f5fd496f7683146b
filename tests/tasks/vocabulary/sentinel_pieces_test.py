"""Sentinels are found by their names, in either order, anywhere."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from sentencepiece import sentencepiece_model_pb2

from ul2_flan.tasks.denoising.sentinels import Sentinels
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.vocabulary import Vocabulary
from ul2_flan.tasks.vocabulary.sentencepiece_model import SentencePieceModel
from ul2_flan.tasks.vocabulary.sentinel_pieces import find


def model_of(path: str, names: Sequence[str], at: int) -> bytes:
  """A model with more pieces, from the id `at` on."""
  model = sentencepiece_model_pb2.ModelProto()
  model.ParseFromString(Path(path).read_bytes())
  symbol = sentencepiece_model_pb2.ModelProto.SentencePiece.USER_DEFINED
  for i, name in enumerate(names):
    piece = type(model.pieces[0])(piece=name, score=0.0, type=symbol)
    model.pieces.insert(at + i, piece)
  return model.SerializeToString()


def found(model: bytes, given: str = '') -> Sentinels:
  return find(SentencePieceModel(model), given)


@pytest.mark.parametrize('name', ['<extra_id_{}>', '▁<extra_id_{}>'])
@pytest.mark.parametrize('at', [3, 150])
def test_extra_ids_in_either_order_anywhere(
  vocabulary_path: str, name: str, at: int
):
  names = [name.format(k) for k in range(12)]
  model = model_of(vocabulary_path, names, at)
  assert found(model) == Sentinels(at, 12, step=1)
  assert Vocabulary(model).extra_ids == 0
  model = model_of(vocabulary_path, names[::-1], at)
  assert found(model) == Sentinels(at + 11, 12, step=-1)


def test_named_pieces(vocabulary_path: str):
  names = [f'<unused{k}>' for k in range(20)]
  model = model_of(vocabulary_path, names, 7)
  assert found(model, '<unused{}>:0-19') == Sentinels(7, 20, step=1)
  assert found(model, '<unused{}>:12-3') == Sentinels(19, 10, step=-1)
  assert found(model, '<unused{}>:5-5') == Sentinels(12, 1)
  assert found(model).count == 0


def test_the_last_pieces(vocabulary_path: str):
  vocabulary = Vocabulary(Path(vocabulary_path).read_bytes(), 0, 'last:9')
  assert vocabulary.sentinels == Sentinels(vocabulary.size - 1, 9)
  assert vocabulary.sentinels_are_pieces
  # Extra ids are not needed, but a model may have them.
  more = Vocabulary(Path(vocabulary_path).read_bytes(), 5, 'last:9')
  assert more.sentinels == vocabulary.sentinels
  assert more.decode([more.size - 2]) == '<extra_id_1>'


@pytest.mark.parametrize(
  ('given', 'message'),
  [
    ('<unused{}>:0-20', "no piece '<unused20>'"),
    ('<unused{}>', 'give names with their numbers'),
    ('<unused>:0-3', 'give names with their numbers'),
    ('last:0', 'the model has '),
    ('last:999999', 'the model has '),
  ],
)
def test_what_the_model_has_not_is_refused(
  vocabulary_path: str, given: str, message: str
):
  names = [f'<unused{k}>' for k in range(20)]
  with pytest.raises(UserError, match=message):
    found(model_of(vocabulary_path, names, 7), given)


def test_ids_that_are_not_in_a_row_are_refused(vocabulary_path: str):
  names = [f'<extra_id_{k}>' for k in (0, 2, 1)]
  with pytest.raises(UserError, match=r'not in a row: \[3, 5, 4\]'):
    found(model_of(vocabulary_path, names, 3))
