"""Examples as bytes: `tf.train.Example` protos in TFRecord files, and back.

To write, encode a block of examples and frame the records; to read, take the
records out of their frames and decode them:

    columns --encode_examples--> records --frame_records--> bytes of a file
    columns <--decode_example--- records <--read_records--- bytes of a file

`frames` has TFRecord's frames and checksums, `examples` the protos, and
`blocks` reads thousands of our own examples at once. None needs TensorFlow,
which takes a worker ten seconds to import. The bytes are those that protobuf's
deterministic serialisation and TensorFlow's `TFRecordWriter` give.

>>> import io
>>> from ul2_flan.tasks.ragged import Ragged
>>> records = encode_examples({'inputs': Ragged.of([[7, 300]]), 'id': [b'a']})
>>> file = io.BytesIO(frame_records(records))
>>> [record] = read_records(file, 'a.tfrecord')
>>> decode_example(record)
{'id': [b'a'], 'inputs': array([  7, 300])}
"""

from ul2_flan.tasks.records.examples import (
  Column,
  Feature,
  decode_example,
  encode_examples,
)
from ul2_flan.tasks.records.frames import (
  FRAME_HEAD,
  FRAME_TAIL,
  MAX_RECORD_BYTES,
  CorruptRecordError,
  Frames,
  LongRecord,
  frame_records,
  is_frame_head,
  read_records,
)
