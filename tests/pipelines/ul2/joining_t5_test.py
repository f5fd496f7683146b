"""Beside T5: the same joined documents, cuts and masks give the same."""

from collections import Counter
import functools

import numpy as np
import pytest
import seqio
from t5.data import preprocessors
import tensorflow as tf

from ul2_flan.pipelines.ul2.documents import Documents
from ul2_flan.pipelines.ul2.joining import Joiner
from ul2_flan.tasks import denoising
from ul2_flan.tasks.denoising.sentinels import corrupt
from ul2_flan.tasks.ragged import Ragged

LENGTHS = {'inputs': 128, 'targets': 128}
JOINED = 128


def documents_of(count: int, ids: range) -> Ragged:
  """Documents of log-normal lengths, as C4's; no segment has a token twice."""
  generator = np.random.default_rng(5)
  lengths = generator.lognormal(4, 1, count).astype(np.int64) + 1
  offsets = np.concatenate([[0], np.cumsum(lengths)])
  values = ids.start + np.arange(offsets[-1]) % len(ids)
  return Ragged(values.astype(np.int32), offsets)


def t5s(documents: Ragged, length: int, denoiser, features) -> list:
  """The examples of `t5.data.preprocessors.unsupervised`, with joining."""
  texts = tf.data.Dataset.from_generator(
    lambda: ({'targets': ids} for ids in documents),
    output_signature={'targets': tf.TensorSpec([None], tf.int32)},
  )
  mask = functools.partial(
    preprocessors.random_spans_noise_mask,
    mean_noise_span_length=denoiser.mean_span,
  )
  steps = [
    functools.partial(preprocessors.select_random_chunk, max_length=65536),
    functools.partial(preprocessors.reduce_concat_tokens, batch_size=JOINED),
    functools.partial(
      preprocessors.split_tokens, max_tokens_per_segment=length
    ),
    functools.partial(
      preprocessors.denoise,
      noise_density=denoiser.density,
      noise_mask_fn=mask,
      inputs_fn=preprocessors.noise_span_to_unique_sentinel,
      targets_fn=preprocessors.nonnoise_span_to_unique_sentinel,
    ),
  ]
  with seqio.map_seed_manager(3):
    made = preprocessors.unsupervised(texts, steps, features, LENGTHS)
  return [(e['inputs'], e['targets']) for e in made.as_numpy_iterator()]


@pytest.mark.parametrize('name', ['r_3_15', 'x_32_15', 'x_3_50'])
def test_examples_of_the_same_masks_are_t5s(vocabulary_path: str, name: str):
  vocabulary = seqio.SentencePieceVocabulary(vocabulary_path, extra_ids=100)
  features = {side: seqio.Feature(vocabulary) for side in LENGTHS}
  size = vocabulary.vocab_size
  (denoiser,) = (
    d for d in denoising.load_preset('ul2r').denoisers if d.name == name
  )
  table = denoising.DenoiserTable('a', '', (denoiser,))
  sentinels = denoising.Sentinels(size - 1, 100)
  objective = denoising.solve(
    table, denoising.FeatureLengths(*LENGTHS.values()), [()], sentinels, 0, 2
  )
  documents = documents_of(300, range(3, size - 100))
  theirs = t5s(documents, objective.raw[0].tokens, denoiser, features)
  joiner = Joiner(JOINED)
  n = len(documents)
  read = Documents([''] * n, np.arange(n, dtype=np.uint64), [*range(n)], 'a')
  groups = joiner.add(read, documents, np.zeros(n, np.bool_)) + joiner.rest()
  segments = [
    ids
    for group in groups
    if group.names
    for ids in objective.cut(group.tokens, group.keys).tokens
  ]
  # The last segment of a group may be too short for us.
  assert len(segments) > 100
  short = len(theirs) - len(segments)
  assert short <= 3
  tokens = Ragged.of([s for s in segments if len(s) > 2])
  restored = denoising.restore(
    *(Ragged.of([e[i] for e in theirs]) for i in (0, 1)), sentinels
  )
  assert [s.tolist() for s in restored if len(s) > 2] == [
    s.tolist() for s in tokens
  ]
  # So the lengths of segments are the same, and most are full.
  sizes = Counter(len(s) for s in restored if len(s) > 2)
  assert sizes == Counter(tokens.lengths.tolist())
  assert sizes[objective.raw[0].tokens] > 0.95 * len(tokens)
  kept = [e for e, s in zip(theirs, restored, strict=True) if len(s) > 2]
  masks = [
    ~np.isin(s, inputs) for s, (inputs, _) in zip(tokens, kept, strict=True)
  ]
  inputs, targets = corrupt(
    tokens, np.concatenate(masks), np.ones(len(tokens), np.bool_), sentinels
  )
  for ours_in, ours_out, (their_in, their_out) in zip(
    inputs, targets, kept, strict=True
  ):
    assert ours_in.tolist() == their_in.tolist()
    assert ours_out.tolist() == their_out.tolist()
