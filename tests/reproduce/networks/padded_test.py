"""Each example has a row of its own, also where T5X asks to pack."""

import numpy as np
from reproduce.networks import padded
import tensorflow as tf


def test_it_never_packs():
  examples = [([5, 6], [7, 1]), ([8], [9, 1])]
  data = tf.data.Dataset.from_generator(
    lambda: ({'inputs': a, 'targets': b} for a, b in examples),
    output_signature={
      side: tf.TensorSpec([None], tf.int32) for side in ('inputs', 'targets')
    },
  )
  # T5X asks so for training.
  converter = padded.Converter(pack=True, apply_length_check=False)
  rows = [*converter(data, {'inputs': 8, 'targets': 8}).as_numpy_iterator()]
  targets = [row['decoder_target_tokens'] for row in rows]
  assert np.array_equal(
    [row[:4] for row in targets], [[5, 6, 7, 1], [8, 9, 1, 0]]
  )
  assert all(not row[4:].any() for row in targets)
