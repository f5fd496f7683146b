"""JSON lines: good rows are read, bad ones rejected with their places."""

from support.corpora import json_lines, write
from support.task_sources.exports import TASK, export, numbered
from support.task_sources.task_rows import rows_of, splits_of, task_with

from ul2_flan.pipelines.sources import Piece
from ul2_flan.pipelines.task_sources.readers import jsonl


def test_bad_rows_are_rejected_with_their_places(tmp_path):
  fields = {'premise': 'text', 'hypothesis': '{label} {found}'}
  task = task_with(kind='export', locator='org/name/config', fields=fields)
  lines = [
    b'\xef\xbb\xbf{"text": "a", "label": 1, "found": true, "more": 5}',
    b'{"text": "a", "label": 1}',
    b'[1]',
    b'{"text": "\xff"}',
    b'{"text": ',
    b'',
    b'{"text": "b", "label": 1, "found": null}',
  ]
  path = write(tmp_path / 'org/name/config/train.jsonl', b'\n'.join(lines))
  starts = [sum(len(line) + 1 for line in lines[:i]) for i in range(7)]
  read = rows_of(task, tmp_path)
  assert read.rows == [
    {'text': 'a', 'label': 1, 'found': True},
    {'text': 'b', 'label': 1, 'found': None},
  ]
  assert read.places == [starts[0], starts[6]]
  assert read.reasons == list(
    zip(
      starts[1:5],
      ['missing_field', 'wrong_type', 'invalid_utf8', 'not_json'],
      strict=True,
    )
  )
  assert {r.source for r in read.rejects} == {path}
  assert 'text, label' in read.rejects[0].detail


def test_the_rows_before_damage_are_read(tmp_path):
  export(tmp_path, 'train.jsonl.gz', numbered(5000))
  path = tmp_path / 'org/name/config/train.jsonl.gz'
  path.write_bytes(path.read_bytes()[:-400])
  read = rows_of(TASK, tmp_path)
  assert read.rows == numbered(5000)[: len(read.rows)]
  assert read.rows
  assert read.reasons[-1][1] == 'damaged_file'


def test_a_file_that_ends_within_a_row_is_damaged(tmp_path):
  export(tmp_path, 'train.jsonl', numbered(9))
  path = tmp_path / 'org/name/config/train.jsonl'
  path.write_bytes(path.read_bytes()[:-9])
  read = rows_of(TASK, tmp_path)
  assert read.rows == numbered(8)
  assert [reason for _, reason in read.reasons] == ['damaged_file']


def test_damage_behind_a_slice_is_rejected(tmp_path):
  own = {'train': 'train[:-5]', 'validation': 'train[-5:]'}
  task = task_with(kind='export', locator='org/name/config', splits=own)
  export(tmp_path, 'train.jsonl.gz', numbered(5000))
  path = tmp_path / 'org/name/config/train.jsonl.gz'
  path.write_bytes(path.read_bytes()[:-400])
  found = splits_of(task, tmp_path)
  assert found['validation'].reasons[-1][1] == 'damaged_file'


def test_rows_are_counted_good_or_bad(tmp_path):
  data = json_lines(numbered(3)) + b'\n  \nno JSON\n{"last": 1}'
  for name in ('a.jsonl', 'a.jsonl.gz'):
    path = write(tmp_path / name, data)
    assert jsonl.count(Piece(path, 'jsonl', 0, len(data), len(data))) == 5
