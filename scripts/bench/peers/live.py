"""Compares live seqio preprocessing with T5's: segments, and examples a second.

    PYTHONPATH=scripts .venv/bin/python -m bench.peers.live

It joins and cuts the text of ../shared/data/text/en for each denoiser of UL2R
that has spans, once as the `ul2` command and once as T5's `unsupervised`, and
prints how long segments are. Then it reads examples from both for some seconds
of CPU time.
"""

from collections.abc import Callable, Iterator
import dataclasses
import functools
from pathlib import Path
import tempfile
import time

import bench.corpus
import numpy as np
from scipy import stats
import seqio
from t5.data import preprocessors
import tensorflow as tf

from ul2_flan.pipelines.ul2.documents import Documents
from ul2_flan.pipelines.ul2.joining import Joiner
from ul2_flan.tasks import denoising
from ul2_flan.tasks.denoising import FeatureLengths
from ul2_flan.tasks.denoising.preprocessors import ul2
from ul2_flan.tasks.ragged import Int64s, Ragged
from ul2_flan.tasks.vocabulary import Vocabulary

LENGTHS = {'inputs': 512, 'targets': 512}
JOINED = 128
SECONDS = 5
ROUNDS = 3


def main() -> None:
  with tempfile.TemporaryDirectory() as folder:
    corpus, path = bench.corpus.find(Path(folder))
    texts = bench.corpus.texts(corpus)
    model = Vocabulary(Path(path).read_bytes())
    documents = model.encode_block(texts)
    size = sum(len(text.encode()) for text in texts) / 1e6
    print(f'{corpus}: {size:.0f} MB, {len(documents):,} documents\n')
    _lengths(documents, model)
    _speed(documents, path)


def _lengths(documents: Ragged, model: Vocabulary) -> None:
  print('| denoiser | segments: ours, T5 | full | mean | KS |')
  print('|---|---|---|---|---|')
  preset = denoising.load_preset('ul2r')
  for denoiser in preset.denoisers:
    if denoiser.corruption != 'spans':
      continue
    objective = denoising.solve(
      dataclasses.replace(preset, denoisers=(denoiser,)),
      FeatureLengths(**LENGTHS),
      [()],
      model.sentinels,
      seed=0,
      min_tokens=16,
    )
    full = objective.raw[0].tokens
    ours, theirs = _ours(documents, objective), _t5s(documents, full)
    shares = ', '.join(f'{(x == full).mean():.3%}' for x in (ours, theirs))
    means = ', '.join(f'{x.mean():.2f}' for x in (ours, theirs))
    distance = stats.ks_2samp(ours, theirs).statistic
    numbers = f'{len(ours):,}, {len(theirs):,}'
    columns = (denoiser.name, numbers, shares, means, f'{distance:.5f}')
    print(f'| {" | ".join(columns)} |')


def _ours(documents: Ragged, objective: denoising.Objective) -> Int64s:
  n = len(documents)
  keys = np.arange(n, dtype=np.uint64)
  joiner = Joiner(JOINED)
  read = Documents([''] * n, keys, [*range(n)], 'a')
  groups = joiner.add(read, documents, np.zeros(n, np.bool_)) + joiner.rest()
  return np.concatenate(
    [objective.cut(g.tokens, g.keys).tokens.lengths for g in groups if g.names]
  )


def _t5s(documents: Ragged, full: int) -> Int64s:
  made = preprocessors.split_tokens(
    preprocessors.reduce_concat_tokens(_dataset(documents), batch_size=JOINED),
    max_tokens_per_segment=full,
  )
  lengths = made.map(lambda example: tf.size(example['targets']))
  return np.fromiter(lengths.as_numpy_iterator(), np.int64)


def _dataset(documents: Ragged) -> tf.data.Dataset:
  return tf.data.Dataset.from_tensor_slices(
    tf.RaggedTensor.from_row_splits(documents.values, documents.offsets)
  ).map(lambda ids: {'targets': ids})


def _speed(documents: Ragged, path: str) -> None:
  vocabulary = seqio.SentencePieceVocabulary(path, extra_ids=100)
  features = {side: seqio.Feature(vocabulary) for side in LENGTHS}
  dataset = _dataset(documents)
  ways: dict[str, Callable[[], tf.data.Dataset]] = {
    "T5's span_corruption": functools.partial(
      preprocessors.span_corruption,
      dataset,
      LENGTHS,
      features,
      merge_examples_to_reduce_padding=True,
    ),
    **{
      f'ul2({preset!r})': functools.partial(
        ul2(preset), dataset, LENGTHS, features
      )
      for preset in ('span_corruption', 'ul2r')
    },
  }
  print('\nexamples per CPU second, in rounds:')
  for _ in range(ROUNDS):
    rates = {name: _rate(make()) for name, make in ways.items()}
    print(', '.join(f'{name} {rate:,.0f}' for name, rate in rates.items()))


def _rate(dataset: tf.data.Dataset) -> float:
  """Counts the examples that a CPU second gives, in a stretch of the data."""
  examples: Iterator[object] = iter(dataset)
  for _ in range(500):
    next(examples)
  start, count = time.process_time(), 0
  while (spent := time.process_time() - start) < SECONDS:
    if next(examples, None) is None:
      break
    count += 1
  return count / spent


if __name__ == '__main__':
  main()
