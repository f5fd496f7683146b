"""Each Example of a TFRecord file gives a document."""

from pathlib import Path
import zlib

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest
from support.corpora import (
  COMPRESS,
  blocks_of,
  reasons_of,
  rejects_of,
  texts_of,
  tfrecord,
  write,
)

from ul2_flan.pipelines.sources import SourceOptions
from ul2_flan.tasks import records
from ul2_flan.tasks.ragged import Ragged

WITH_ID = SourceOptions(id_field='id')


@pytest.fixture(scope='module')
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
  return tmp_path_factory.mktemp('tfrecord')


@given(texts=st.lists(st.text(), max_size=20), block_bytes=st.integers(1, 99))
def test_every_record_is_a_document(
  folder: Path, texts: list[str], block_bytes: int
):
  data = tfrecord({'text': t.encode(), 'url': b'u'} for t in texts)
  for suffix in ('', '.gz'):
    path = write(folder / f'a.tfrecord{suffix}', data)
    found = texts_of(blocks_of(path, SourceOptions(block_bytes=block_bytes)))
    assert found == list(enumerate(texts))


@given(
  at=st.floats(0, 1, exclude_max=True),
  flip=st.integers(1, 255),
  cut=st.booleans(),
)
def test_damage_is_found_wherever_it_is(
  folder: Path, at: float, flip: int, cut: bool
):
  texts = [f'document {i}' for i in range(8)]
  frames = [tfrecord([{'text': t.encode()}]) for t in texts]
  data = bytearray(b''.join(frames))
  place = int(at * len(data))
  if cut:
    del data[place:]
  else:
    data[place] ^= flip
  whole = place // len(frames[0])
  path = write(folder / 'bad.tfrecord', bytes(data))
  blocks = blocks_of(path)
  assert texts_of(blocks) == list(enumerate(texts[:whole]))
  at_a_border = cut and place % len(frames[0]) == 0
  assert reasons_of(blocks) == [(whole, 'damaged_file')] * (not at_a_border)


def test_a_compressed_file_cut_off_is_damaged(tmp_path: Path):
  texts = [f'{i * 7919} document {i}' for i in range(9000)]
  data = tfrecord({'text': t.encode()} for t in texts)
  path = Path(write(tmp_path / 'a.tfrecord.gz', data))
  path.write_bytes(path.read_bytes()[:-1000])
  blocks = blocks_of(str(path))
  found = texts_of(blocks)
  assert found == list(enumerate(texts[: len(found)]))
  assert len(found) > 1000
  assert reasons_of(blocks) == [(len(found), 'damaged_file')]


BY_CONTENT = {
  **COMPRESS,
  'zlib': zlib.compress,
  'zlib, fast': lambda data: zlib.compress(data, 1),
}


@pytest.mark.parametrize('compress', BY_CONTENT.values(), ids=BY_CONTENT)
@pytest.mark.parametrize(
  'name',
  [
    'a.tfrecord',
    'a.tfrecord.gz',
    'a.tfrecord-00000-of-00001',
    'a.tfrecord.gz-00000-of-00001',
  ],
)
def test_the_content_tells_the_compression(tmp_path: Path, name, compress):
  # TensorFlow, too, compresses files whose names do not say so.
  texts = [f'{i * 7919} document {i}' for i in range(900)]
  path = tmp_path / name
  path.write_bytes(compress(tfrecord({'text': t.encode()} for t in texts)))
  assert texts_of(blocks_of(str(path))) == list(enumerate(texts))
  path.write_bytes(path.read_bytes()[:-9])
  blocks = blocks_of(str(path))
  left = texts_of(blocks)
  assert left == list(enumerate(texts))[: len(left)]
  assert reasons_of(blocks) == [(len(left), 'damaged_file')]


def test_a_length_like_a_compression_is_a_length(tmp_path: Path):
  # 0x8b1f: the first bytes are those of gzip.
  text = 'a' * (0x8B1F - len(records.encode_examples({'text': [b'']})[0]))
  data = tfrecord([{'text': text.encode()}])
  while data[:2] != b'\x1f\x8b':
    text = text[:-1]
    data = tfrecord([{'text': text.encode()}])
  path = tmp_path / 'a.tfrecord'
  path.write_bytes(data)
  assert texts_of(blocks_of(str(path))) == [(0, text)]


@pytest.mark.parametrize(
  ('record', 'reason'),
  [
    (b'\x08\x01', 'not_an_example'),
    (b'not a proto', 'not_an_example'),
    (b'', 'missing_field'),
    (records.encode_examples({'txt': [b'a']})[0], 'missing_field'),
    (records.encode_examples({'text': [b'\xff']})[0], 'invalid_utf8'),
    (records.encode_examples({'text': Ragged.of([[1, 2]])})[0], 'wrong_type'),
    (records.encode_examples({'text': Ragged.of([[1]])})[0], 'wrong_type'),
  ],
)
def test_a_bad_record_is_rejected_and_its_neighbours_are_read(
  tmp_path: Path, record: bytes, reason: str
):
  good = records.encode_examples({'text': [b'good']})[0]
  data = records.frame_records([good, record, good])
  blocks = blocks_of(write(tmp_path / 'a.tfrecord', data))
  assert texts_of(blocks) == [(0, 'good'), (2, 'good')]
  assert reasons_of(blocks) == [(1, reason)]
  assert rejects_of(blocks)[0].record == record


def test_a_record_over_the_limit_is_rejected_and_its_neighbours_are_read(
  tmp_path: Path,
):
  data = tfrecord({'text': t.encode()} for t in ('a', 'b' * 100, 'c'))
  path = write(tmp_path / 'a.tfrecord', data)
  blocks = blocks_of(path, SourceOptions(max_document_bytes=99))
  assert texts_of(blocks) == [(0, 'a'), (2, 'c')]
  assert reasons_of(blocks) == [(1, 'too_long_record')]


def test_other_features_may_be_anything(tmp_path: Path):
  columns = {
    'text': [b'a'],
    'image': [b'\xff\xd8'],
    'ids': Ragged.of([[1, 2, 3]]),
    'none': Ragged.of([np.zeros(0, np.int32)]),
  }
  data = records.frame_records(records.encode_examples(columns))
  assert texts_of(blocks_of(write(tmp_path / 'a.tfrecord', data))) == [(0, 'a')]


def test_ids_are_strings_or_integers(tmp_path: Path):
  rows = [
    {'text': [b'a'], 'id': [b'x']},
    {'text': [b'b'], 'id': Ragged.of([[7]])},
    {'text': [b'c'], 'id': [b'\xff']},
    {'text': [b'd']},
  ]
  data = records.frame_records(
    [records.encode_examples(row)[0] for row in rows]
  )
  (block,) = blocks_of(write(tmp_path / 'a.tfrecord', data), WITH_ID)
  assert block.ids == ['x', '7']
  assert [(r.place, r.reason) for r in block.rejects] == [
    (2, 'invalid_utf8'),
    (3, 'missing_field'),
  ]


def test_features_of_floats_do_not_hide_the_text(tmp_path: Path):
  # feature { key: "text" value { bytes_list { value: "a" } } }
  text = b'\x0a\x0d\x0a\x04text\x12\x05\x0a\x03\x0a\x01a'
  # feature { key: "f" value { float_list { value: 1.0 } } }
  floats = b'\x0a\x0d\x0a\x01f\x12\x08\x12\x06\x0a\x04\x00\x00\x80\x3f'
  body = text + floats
  data = records.frame_records([b'\x0a' + bytes([len(body)]) + body])
  assert texts_of(blocks_of(write(tmp_path / 'a.tfrecord', data))) == [(0, 'a')]
