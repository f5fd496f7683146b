"""A live task has the examples of the objective, fresh in each epoch."""

import functools

import numpy as np
import pytest
import seqio
from support.corpora import prose
import t5.data
import tensorflow as tf

from ul2_flan.tasks import denoising
from ul2_flan.tasks.denoising.preprocessors import ul2
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.ragged import Ragged
from ul2_flan.tasks.registration.task import SumBoundedTask
from ul2_flan.tasks.registration.vocabulary import without_tensorflow

LENGTHS = {'inputs': 64, 'targets': 48}
TEXTS = prose(40, 100)


@pytest.fixture(scope='module')
def features(vocabulary_path):
  vocabulary = seqio.SentencePieceVocabulary(vocabulary_path, extra_ids=100)
  return {side: seqio.Feature(vocabulary) for side in LENGTHS}


@pytest.fixture
def task_of(monkeypatch, features):
  """Makes a task that is preprocessed live."""
  monkeypatch.setattr(seqio.TaskRegistry, '_REGISTRY', {})

  def texts(split, shuffle_files, seed=None):
    return tf.data.Dataset.from_tensor_slices({'targets': TEXTS})

  def make(*preprocessors, **more):
    return seqio.TaskRegistry.add(
      'live',
      source=seqio.FunctionDataSource(texts, splits=['train']),
      preprocessors=[
        seqio.preprocessors.tokenize,
        *preprocessors,
        seqio.preprocessors.append_eos,
      ],
      output_features=features,
      **more,
    )

  return make


def read(task, seed=0, epochs=1) -> list[tuple[bytes, bytes]]:
  dataset = task.get_dataset(
    LENGTHS, 'train', shuffle=False, seed=seed, num_epochs=epochs
  )
  return [
    (e['inputs'].tobytes(), e['targets'].tobytes())
    for e in dataset.as_numpy_iterator()
  ]


def ids_of(examples) -> list[tuple[np.ndarray, np.ndarray]]:
  return [(np.frombuffer(x, 'i4'), np.frombuffer(y, 'i4')) for x, y in examples]


@pytest.mark.parametrize('join', [None, 0])
def test_all_text_comes_back(task_of, features, join):
  known = without_tensorflow(features['targets'].vocabulary)
  preprocessor = ul2('ul2', min_tokens=2, join_documents=join)
  examples = ids_of(read(task_of(preprocessor)))
  modes = [known.encode_mode(m) for m in ('[NLU]', '[S2S]', '[NLG]')]
  restored = []
  for inputs, targets in examples:
    assert len(inputs) <= LENGTHS['inputs']
    assert len(targets) <= LENGTHS['targets']
    assert inputs[-1] == targets[-1] == 1
    (mode,) = [m for m in modes if tuple(inputs[: len(m)]) == m]
    sides = (inputs[len(mode) : -1], targets[:-1])
    restored += denoising.restore(
      *(Ragged.of([side]) for side in sides), known.sentinels
    )
  # TensorFlow's SentencePiece, which may break a tie otherwise than Python's.
  encode = features['targets'].vocabulary.encode_tf
  text = [i for t in TEXTS for i in encode(t).numpy().tolist()]
  found = np.concatenate(restored).tolist()
  if join is None:
    assert found == text[: len(found)]
  # Each document may have a remainder of one token.
  assert len(text) - len(TEXTS) <= len(found) <= len(text)


def test_seqios_seeds_are_those_of_the_masks(task_of):
  # Two blocks in each epoch.
  task = task_of(ul2('ul2r', join_documents=20))
  first = read(task, seed=7)
  assert read(task, seed=7) == first
  assert not {*first} & {*read(task, seed=8)}
  # Blocks are the same in both; masks and cuts are not.
  both = read(task, seed=7, epochs=2)
  assert both[: len(first)] == first
  assert not {*first} & {*both[len(first) :]}


def test_examples_are_of_t5s_lengths(task_of):
  """Beside `t5.data.preprocessors.unsupervised` with joining."""
  preset = denoising.load_preset('span_corruption')
  ours = ids_of(read(task_of(ul2(table=preset, mode_tokens='none'))))
  seqio.TaskRegistry.remove('live')
  theirs = ids_of(read(task_of(functools.partial(
    t5.data.preprocessors.span_corruption, merge_examples_to_reduce_padding=True
  ))))  # fmt: skip
  sizes = [{(len(x), len(y)) for x, y in e} for e in (ours, theirs)]
  # Most segments are full: all but the first and last here, but the last there.
  full = max(sizes[1])
  counts = [sum((len(x), len(y)) == full for x, y in e) for e in (ours, theirs)]
  assert max(sizes[0]) == full
  assert min(counts) > 50
  assert abs(counts[0] - counts[1]) <= 2
  assert len(ours) - counts[0] <= 2


def test_a_prefix_lm_fills_the_sum_of_both(task_of):
  both = sum(LENGTHS.values())
  preprocessor = ul2('prefix_lm', decoder_only=True)
  task = task_of(preprocessor, task_cls=SumBoundedTask, max_sum=both)
  examples = ids_of(read(task))
  # EOS of the inputs, which a decoder's features would not append, is beyond.
  assert max(len(x) + len(y) for x, y in examples) == both + 1
  assert max(len(x) for x, _ in examples) > LENGTHS['inputs']


@pytest.mark.parametrize(
  ('given', 'message'),
  [
    ({'preset': 'ul3'}, "unknown preset 'ul3'"),
    ({'mode_tokens': 'nlu'}, "unknown mode_tokens 'nlu'"),
  ],
)
def test_names_that_are_not_there(given, message):
  with pytest.raises(UserError, match=message):
    ul2(**given)
