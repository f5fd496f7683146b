"""Examples are read from their ids as their text was."""

from pathlib import Path

import numpy as np
import pytest
from support.corpora import prose

from ul2_flan.tasks.contamination.characters import characters_of
from ul2_flan.tasks.contamination.pieces import PieceTable
from ul2_flan.tasks.denoising.sentinels import corrupt
from ul2_flan.tasks.ragged import Ragged, offsets_of
from ul2_flan.tasks.vocabulary import Vocabulary

TEXTS = [*prose(3, 30), 'Grün, wie “ἀγορά”: 中 x', '', 'One']


@pytest.fixture(params=['vocabulary_path', 'vocabulary_with_sentinels_path'])
def vocabulary(request: pytest.FixtureRequest) -> Vocabulary:
  return Vocabulary(Path(request.getfixturevalue(request.param)).read_bytes())


def words(values: np.ndarray) -> list[str]:
  return ''.join(map(chr, values.tolist())).replace('\x01', ' ').split()


def of_each(table: PieceTable, inputs: Ragged, targets: Ragged):
  made = table.characters_of(inputs, targets)
  return [
    words(made.values[start:stop])
    for start, stop in zip(made.offsets[:-1], made.offsets[1:], strict=True)
  ]


def decoded(vocabulary: Vocabulary, ids: Ragged) -> list[list[str]]:
  """What decoding the ids gives, without unknown characters."""
  texts = [vocabulary.decode(one).replace(' ⁇ ', '') for one in ids]
  return [words(characters_of([text]).values) for text in texts]


def test_an_answer_follows_its_question(vocabulary: Vocabulary):
  inputs, targets = (
    vocabulary.encode_block(texts) for texts in (TEXTS, TEXTS[::-1])
  )
  made = of_each(PieceTable(vocabulary), inputs, targets)
  sides = zip(
    decoded(vocabulary, inputs), decoded(vocabulary, targets), strict=True
  )
  assert made == [one + other for one, other in sides]


@pytest.mark.parametrize('noise_first', [False, True])
def test_what_was_masked_is_put_back(vocabulary: Vocabulary, noise_first: bool):
  ids = vocabulary.encode_block(TEXTS[:3])
  place = np.concatenate([np.arange(n) for n in ids.lengths])
  noise = (place % 7 < 3) == noise_first
  sides = corrupt(
    ids, noise, np.array([True, True, False]), vocabulary.sentinels
  )
  # A mode token, as text.
  mode = np.array(vocabulary.encode('[NLU]'), np.int32)
  inputs = Ragged.of([np.concatenate([mode, one]) for one in sides[0]])
  made = of_each(PieceTable(vocabulary), inputs, sides[1])
  for found, whole in zip(made[:2], decoded(vocabulary, ids)[:2], strict=True):
    assert found[-len(whole) + 1 :] == whole[1:]
    assert ' '.join(found).endswith(' '.join(whole)[1:])


def test_pieces_of_bytes_make_characters():
  import io

  import sentencepiece

  model = io.BytesIO()
  sentencepiece.SentencePieceTrainer.train(
    sentence_iterator=iter(TEXTS[:3]),
    model_writer=model,
    vocab_size=400,
    hard_vocab_limit=False,
    byte_fallback=True,
    pad_id=0, eos_id=1, unk_id=2, bos_id=-1,
    num_threads=1,
    minloglevel=2,
  )  # fmt: skip
  vocabulary = Vocabulary(model.getvalue())
  ids = vocabulary.encode_block(['日本語 and ก'])
  (made,) = of_each(
    PieceTable(vocabulary),
    ids,
    Ragged(ids.values[:0], offsets_of(np.zeros(1, np.int64))),
  )
  assert made == ['日本語', 'and', 'ก']
