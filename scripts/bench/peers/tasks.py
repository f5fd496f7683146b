"""The same work with seqio and t5, which text.py measures beside ours.

Two seqio tasks read the TFRecord file $BENCH_SAMPLE with the vocabulary
$BENCH_VOCABULARY, for `seqio_cache_tasks` to cache. One is T5's span
corruption. The other has UL2's seven denoisers, put together as in the paper's
appendix 9.2: each denoises a share of the data, and examples are drawn from all
seven.
"""

import functools
import os

import seqio
from t5.data import preprocessors
import tensorflow as tf

LENGTHS = {'inputs': 512, 'targets': 512}
MODES = {'R': '[NLU]', 'S': '[S2S]', 'X': '[NLG]'}
SPANS = [
  ('R', 3.0, 0.15),
  ('R', 8.0, 0.15),
  ('X', 3.0, 0.5),
  ('X', 8.0, 0.5),
  ('X', 64.0, 0.15),
  ('X', 64.0, 0.5),
]

VOCABULARY = seqio.SentencePieceVocabulary(
  os.environ['BENCH_VOCABULARY'], extra_ids=100
)
FEATURES = {k: seqio.Feature(VOCABULARY) for k in ('inputs', 'targets')}


def rename(dataset: tf.data.Dataset) -> tf.data.Dataset:
  return dataset.map(lambda x: {'targets': x['text']})


def span_corruption(dataset: tf.data.Dataset) -> tf.data.Dataset:
  return preprocessors.span_corruption(
    dataset, LENGTHS, FEATURES, merge_examples_to_reduce_padding=False
  )


def ul2(dataset: tf.data.Dataset) -> tf.data.Dataset:
  parts = []
  for i, (mode, mean_span, density) in enumerate(SPANS):
    raw, _ = preprocessors.random_spans_helper(
      inputs_length=LENGTHS['inputs'],
      noise_density=density,
      mean_noise_span_length=mean_span,
      extra_tokens_per_span_inputs=1,
      extra_tokens_per_span_targets=1,
    )
    part = preprocessors.split_tokens(
      dataset.shard(len(SPANS) + 1, i), max_tokens_per_segment=raw
    )
    part = preprocessors.denoise(
      part,
      FEATURES,
      noise_density=density,
      noise_mask_fn=functools.partial(
        preprocessors.random_spans_noise_mask, mean_noise_span_length=mean_span
      ),
      inputs_fn=preprocessors.noise_span_to_unique_sentinel,
      targets_fn=preprocessors.nonnoise_span_to_unique_sentinel,
    )
    parts.append(_prepend(part, mode))
  last = dataset.shard(len(SPANS) + 1, len(SPANS))
  prefix = preprocessors.prefix_lm(last, LENGTHS, FEATURES, noise_density=0.25)
  parts.append(_prepend(prefix, 'S'))
  return tf.data.Dataset.sample_from_datasets(parts, seed=7)


def _prepend(dataset: tf.data.Dataset, mode: str) -> tf.data.Dataset:
  ids = tf.constant(VOCABULARY.encode(MODES[mode]), tf.int32)
  return dataset.map(lambda x: x | {'inputs': tf.concat([ids, x['inputs']], 0)})


for objective in (span_corruption, ul2):
  seqio.TaskRegistry.add(
    f'peer_{objective.__name__}',
    source=seqio.TFExampleDataSource(
      {'train': os.environ['BENCH_SAMPLE']},
      {'text': tf.io.FixedLenFeature([], tf.string)},
    ),
    preprocessors=[
      rename,
      seqio.preprocessors.tokenize,
      objective,
      seqio.CacheDatasetPlaceholder(),
      seqio.preprocessors.append_eos_after_trim,
    ],
    output_features=FEATURES,
  )
