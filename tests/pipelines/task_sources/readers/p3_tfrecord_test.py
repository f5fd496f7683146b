"""Shards of P3: good rows are read, bad ones rejected."""

import json
from pathlib import Path
import zlib

from support.corpora import tfrecord
from support.task_sources.task_rows import Rows, rows_of

from ul2_flan.pipelines.sources import tfrecord as tfrecord_source
from ul2_flan.tasks import catalog, records

TASK = next(catalog.tasks(suite='t0_sf'))
NAME = TASK.sources[0].locator


def read(folder: Path, *shards: bytes) -> Rows:
  (folder / NAME).mkdir(parents=True, exist_ok=True)
  for i, data in enumerate(shards):
    name = f'train.tfrecord-{i:05d}-of-{len(shards):05d}'
    (folder / NAME / name).write_bytes(data)
  return rows_of(TASK, folder)


def test_shards_may_be_compressed(tmp_path):
  data = tfrecord(row(i) for i in range(3))
  plain = read(tmp_path / 'plain', data)
  for name in ('train.tfrecord', 'train.tfrecord.gz'):
    path = tmp_path / name / NAME / f'{name}-00000-of-00001'
    path.parent.mkdir(parents=True)
    path.write_bytes(zlib.compress(data))
    assert rows_of(TASK, tmp_path / name) == plain


def row(i: int) -> dict[str, bytes]:
  return {
    'inputs_pretokenized': f'Is it {i}?'.encode(),
    'targets_pretokenized': b'\nYes',
    'idx': b'left out',
  }


def test_shards_are_read_in_order(tmp_path):
  shards = [tfrecord(row(i) for i in range(n, n + 3)) for n in (0, 3)]
  rows = read(tmp_path, *shards)
  assert rows.rows == [
    {'inputs_pretokenized': f'Is it {i}?', 'targets_pretokenized': '\nYes'}
    for i in range(6)
  ]
  assert rows.places == [0, 1, 2] * 2
  assert len(set(rows.keys)) == 6


def message(field: int, *parts: bytes) -> bytes:
  """A field of a proto with less than 128 bytes; see `tasks.records`."""
  body = b''.join(parts)
  return bytes([8 * field + 2, len(body)]) + body


def example(features: dict[str, list[bytes]]) -> bytes:
  """An Example whose features have any number of texts."""
  entries = [
    message(
      1,
      message(1, name.encode()),
      message(2, message(1, *(message(1, value) for value in values))),
    )
    for name, values in features.items()
  ]
  return message(1, *entries)


def test_several_targets_are_a_list_in_any_format(tmp_path):
  several = {
    'inputs_pretokenized': [b'P'],
    'targets_pretokenized': [b'\nYes', b'\nNo'],
  }
  shard = records.frame_records([example(several)]) + tfrecord([row(0)])
  rows = read(tmp_path, shard)
  assert rows.rows == [
    {'inputs_pretokenized': 'P', 'targets_pretokenized': ['\nYes', '\nNo']},
    {'inputs_pretokenized': 'Is it 0?', 'targets_pretokenized': '\nYes'},
  ]
  # In JSON a list of one may stand for a text.
  lines = [rows.rows[0], {name: [text] for name, text in rows.rows[1].items()}]
  folder = tmp_path / 'lines' / NAME
  folder.mkdir(parents=True)
  text = '\n'.join(map(json.dumps, lines))
  (folder / 'train.jsonl').write_text(text)
  again = rows_of(TASK, tmp_path / 'lines')
  assert (again.rows, again.keys) == (rows.rows, rows.keys)


def test_bad_rows_are_rejected(tmp_path):
  good = tfrecord([row(0)])
  data = (
    good
    + records.frame_records([b'\xff\xff'])
    + tfrecord([{'inputs_pretokenized': b'a'}])
    + tfrecord([{**row(0), 'inputs_pretokenized': b'\xff'}])
    + good
  )
  rows = read(tmp_path, data)
  assert rows.places == [0, 4]
  assert rows.reasons == [
    (1, 'not_an_example'),
    (2, 'missing_field'),
    (3, 'invalid_utf8'),
  ]


def test_the_end_of_a_cut_shard_is_rejected(tmp_path):
  rows = read(tmp_path, tfrecord(row(i) for i in range(3))[:-5])
  assert rows.places == [0, 1]
  assert rows.reasons == [(2, 'damaged_file')]


def test_a_row_over_the_limit_is_rejected_unread(tmp_path, monkeypatch):
  long = {**row(1), 'inputs_pretokenized': b'a' * 1000}
  defaults = (500,)
  monkeypatch.setattr(tfrecord_source.read_frames, '__defaults__', defaults)
  rows = read(tmp_path, tfrecord([row(0), long, row(2)]))
  assert rows.places == [0, 2]
  assert rows.reasons == [(1, 'too_long_record')]
