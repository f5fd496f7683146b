"""Reads a host's share of the training data, as T5X does. Needs T5X.

    python read_share.py MANIFEST PORT HOST HOSTS OUTPUT

Writes, as JSON, the share's number and the examples, inputs and targets.
"""

import dataclasses
import json
from pathlib import Path
import sys

import jax
from t5x import models, partitioning

from ul2_flan.trainer_plugin import data


def main(manifest: str, port: str, host: int, hosts: int, output: str) -> None:
  jax.distributed.initialize(f'127.0.0.1:{port}', hosts, host)
  config = dataclasses.replace(
    # An example a batch, so that none is left over.
    data.for_training(manifest, batch_size=hosts, seed=1),
    pack=False,
  )
  layout = partitioning.PjitPartitioner(num_partitions=1).get_data_layout(
    config.batch_size
  )
  dataset = data.get_dataset(
    config,
    layout.shard_id,
    layout.num_shards,
    models.EncoderDecoderModel.FEATURE_CONVERTER_CLS,
    num_epochs=1,
  )
  examples = [
    [batch[f'{side}_tokens'][0].tolist() for side in SIDES]
    for batch in dataset.as_numpy_iterator()
  ]
  found = {'share': layout.shard_id, 'examples': examples}
  Path(output).write_text(json.dumps(found))


SIDES = ('encoder_input', 'decoder_target')

if __name__ == '__main__':
  main(*sys.argv[1:3], *map(int, sys.argv[3:5]), sys.argv[5])
