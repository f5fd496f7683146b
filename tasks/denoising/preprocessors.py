"""UL2's objective for live seqio tasks: fresh masks while a model trains.

    seqio.TaskRegistry.add(
      'ul2r_live',
      source=seqio.TextLineDataSource({'train': 'text.txt'}),
      preprocessors=[
        functools.partial(
          seqio.preprocessors.rekey, key_map={'targets': 'text'}),
        seqio.preprocessors.tokenize,
        ul2(preset='ul2r'),
        seqio.preprocessors.append_eos,
      ],
      output_features={
        side: seqio.Feature(vocabulary) for side in ('inputs', 'targets')
      },
    )

It takes the place of `t5.data.preprocessors.unsupervised`. The functions are
those of the `ul2` command: in TensorFlow's graph, `tf.numpy_function` calls
them on a block of documents at once, with a seed of seqio's for each block.
"""

from collections.abc import Callable, Mapping
import dataclasses

import numpy as np
import seqio
import tensorflow as tf

from ul2_flan.tasks import denoising
from ul2_flan.tasks.denoising import DenoiserTable, FeatureLengths, Objective
from ul2_flan.tasks.errors import unknown
from ul2_flan.tasks.ragged import Int32s, Int64s, Ragged
from ul2_flan.tasks.registration.vocabulary import without_tensorflow

# A block has so many documents if they are not joined; T5 joins as many.
_BLOCK = 128

Preprocessor = Callable[..., tf.data.Dataset]


def ul2(
  preset: str = 'ul2r',
  table: DenoiserTable | None = None,
  mode_tokens: str = 'nlu_s2s_nlg',
  join_documents: int | None = None,
  min_tokens: int = 16,
  decoder_only: bool = False,
  sentinels: str = '',
) -> Preprocessor:
  """Makes a preprocessor of documents: 'targets' to 'inputs' and 'targets'.

  Neither side has EOS; `seqio.preprocessors.append_eos` appends it. Segments
  fill the sequence lengths that a reader asks for, EOS included.

  Args:
    preset: the shipped table of denoisers.
    table: one of `denoising.parse_table` to use instead.
    mode_tokens: a name of `denoising.MODE_TOKENS`.
    join_documents: how many documents to join before they are cut, 0 to cut
      each alone; by default the table says it.
    min_tokens: shorter documents and remainders are dropped.
    decoder_only: bound the sum of both lengths, for a prefix LM. Then the task
      needs `task_cls=ul2_flan.tasks.registration.task.SumBoundedTask`, or seqio
      would cut long prefixes.
    sentinels: pieces of the vocabulary to take, as for the `ul2` command.

  Raises:
    UserError: there is no such preset or set of mode tokens; or, when data is
      read, no segment fits the sequence lengths.
  """
  table = table or denoising.load_preset(preset)
  if mode_tokens not in denoising.MODE_TOKENS:
    raise unknown('mode_tokens', mode_tokens, denoising.MODE_TOKENS)
  modes = denoising.MODE_TOKENS[mode_tokens]
  joined = table.join_documents if join_documents is None else join_documents

  def preprocess(
    dataset: tf.data.Dataset,
    sequence_length: Mapping[str, int],
    output_features: Mapping[str, seqio.Feature],
  ) -> tf.data.Dataset:
    vocabulary = without_tensorflow(
      output_features['targets'].vocabulary, sentinels
    )
    sides = (sequence_length['inputs'], sequence_length['targets'])
    objective = denoising.solve(
      table,
      FeatureLengths(*sides, decoder_only),
      [vocabulary.encode_mode(modes[d.mode]) for d in table.denoisers],
      vocabulary.sentinels,
      seed=0,  # each block has its own
      min_tokens=min_tokens,
    )
    blocks = dataset.map(
      lambda example: tf.cast(example['targets'], tf.int32)
    ).ragged_batch(joined or _BLOCK, row_splits_dtype=tf.int64)
    return _denoised(blocks, objective, joined > 0).unbatch().map(_dense)

  return preprocess


def _denoised(
  blocks: tf.data.Dataset, objective: Objective, joins: bool
) -> tf.data.Dataset:
  """Makes examples of blocks of documents, int32 [n, None] each."""

  def make(
    values: Int32s, offsets: Int64s, seed: Int32s
  ) -> tuple[Int32s, Int64s, Int32s, Int64s]:
    if joins:
      offsets = offsets[[0, -1]]
    documents = Ragged(values, offsets)
    seeded = dataclasses.replace(
      objective, seed=int.from_bytes(seed.tobytes(), 'little')
    )
    keys = np.arange(len(documents), dtype=np.uint64)
    # Blocks are the same in every epoch, so cuts must move.
    inputs, targets = seeded.denoise(seeded.cut(documents, keys, shifted=True))
    return inputs.values, inputs.offsets, targets.values, targets.offsets

  @seqio.map_over_dataset(num_seeds=1)
  def denoise(block: tf.RaggedTensor, seed: tf.Tensor) -> dict[str, tf.Tensor]:
    parts = tf.numpy_function(
      make,
      [block.values, block.row_splits, seed],
      [tf.int32, tf.int64] * 2,
      stateful=False,
    )
    for part in parts:
      part.set_shape([None])
    return {
      side: tf.RaggedTensor.from_row_splits(*parts[i : i + 2], validate=False)
      for i, side in ((0, 'inputs'), (2, 'targets'))
    }

  return denoise(blocks)


def _dense(example: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
  """Makes plain tensors of an example's rows of ragged ones."""
  return {
    side: value.to_tensor() if isinstance(value, tf.RaggedTensor) else value
    for side, value in example.items()
  }
