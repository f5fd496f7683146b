"""Shards of prepared directories: rows, and what is damaged or bad."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
import pytest
from support.corpora import json_lines
from support.task_sources.prepared_directories import (
  FIELDS,
  TASK,
  encode,
  numbers,
  prepare,
  rows,
)
from support.task_sources.task_rows import rows_of, task_with

from ul2_flan.tasks import records
from ul2_flan.tasks.ragged import Ragged
from ul2_flan.tasks.records import encode_examples, frame_records


def test_a_row_and_its_key_have_the_columns_that_the_catalog_maps(
  tmp_path: Path,
):
  prepare(tmp_path / 'tfds', {'train': [3]})
  found = rows_of(TASK, tmp_path)
  assert found.rows == [
    {'sentence': f'Nr. {i}', 'label': i % 2} for i in range(3)
  ]
  assert found.places == [0, 1, 2]

  export = tmp_path / 'export/org/set/train.jsonl'
  export.parent.mkdir(parents=True)
  export.write_bytes(json_lines(rows(3)))
  other = task_with(kind='export', locator='org/set', fields=FIELDS)
  assert rows_of(other, tmp_path / 'export').keys == found.keys


@pytest.fixture(scope='module')
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
  return prepare(tmp_path_factory.mktemp('damaged'), {'train': [6]})


def shard_of(folder: Path) -> Path:
  return folder / 'some-train.tfrecord-00000-of-00001'


WHOLE = frame_records(encode(rows(6)))
ENDS = [len(frame_records(encode(rows(n)))) for n in range(7)]


@given(st.integers(0, len(WHOLE) - 1), st.booleans())
def test_rows_before_damage_are_read(prepared: Path, at: int, cut: bool):
  damaged = bytes([WHOLE[at] ^ 1]) + WHOLE[at + 1 :]
  shard_of(prepared).write_bytes(WHOLE[:at] + (b'' if cut else damaged))
  found = rows_of(TASK, prepared.parents[2])
  intact = sum(end <= at for end in ENDS[1:])
  assert numbers(found) == list(range(intact))
  assert found.reasons == [(intact, 'damaged_file')]


def test_a_bad_record_stops_nothing(prepared: Path):
  good = encode(rows(6))
  bad = [
    b'no example',
    encode_examples({'sentence': [b'x']})[0],
    encode_examples({'sentence': [b'\xff'], 'label': Ragged.of([[1]])})[0],
    encode_examples({'sentence': [b'x'], 'label': [b'1']})[0],
    encode_examples({'sentence': [b'x'], 'label': Ragged.of([[1, 2]])})[0],
  ]
  shard_of(prepared).write_bytes(frame_records([*bad, good[5]]))
  found = rows_of(TASK, prepared.parents[2])
  assert numbers(found) == [5]
  assert found.places == [5]
  assert found.reasons == [
    (0, 'not_an_example'),
    (1, 'missing_field'),
    (2, 'invalid_utf8'),
    (3, 'wrong_type'),
    (4, 'wrong_shape'),
  ]
  assert found.rejects[0].record == b'no example'


def test_a_row_over_the_limit_stops_nothing(
  prepared: Path, monkeypatch: pytest.MonkeyPatch
):
  shard_of(prepared).write_bytes(WHOLE)
  sizes = [len(record) for record in encode(rows(6))]
  monkeypatch.setattr(records.read_records, '__defaults__', (min(sizes) - 1,))
  found = rows_of(TASK, prepared.parents[2])
  assert found.reasons == [(i, 'too_long_record') for i in range(6)]
