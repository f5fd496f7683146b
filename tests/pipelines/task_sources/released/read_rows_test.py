"""The four layouts give the same rows, and bad rows are rejects."""

import json

import pyarrow as pa
import pyarrow.parquet as pq
from support.task_sources import released

from ul2_flan.pipelines.sources import Piece
from ul2_flan.pipelines.task_sources import Index, ReadOptions
from ul2_flan.pipelines.task_sources.released import find, read


def texts(folder, with_names: bool = True) -> set[tuple[str, ...]]:
  dump = find(Index.of([str(folder)]), ReadOptions())
  return {
    (inputs, targets, *[data_set] * with_names)
    for unit in dump.pieces
    for rows in read(unit)
    for inputs, targets, data_set in zip(
      rows.inputs, rows.targets, rows.data_sets, strict=True
    )
  }


def test_all_layouts_give_the_same_texts(tmp_path):
  made = released.rows()
  expected = {
    (
      row['inputs'],
      row['targets'],
      f'{released.TASKS[row["task_name"]]}:{row["template_type"]}',
    )
    for row in made
  }
  assert texts(released.write_submix(tmp_path / 'a', made)) == expected
  assert texts(released.write_underscored(tmp_path / 'b', made)) == expected
  in_chunks = texts(released.write_chunks(tmp_path / 'c', made), False)
  assert in_chunks == {(i.replace('\n', ' '), t) for i, t, _ in expected}


def piece_of(path) -> Piece:
  size = path.stat().st_size
  return Piece(str(path), path.suffix[1:], 0, size, size)


def test_a_row_that_cannot_be_used_is_rejected_with_its_reason(tmp_path):
  good = {'inputs': 'a', 'targets': 'b', 'task': 'rte_10templates'}
  lines = [
    json.dumps(good),
    '{"inputs": "a"',
    json.dumps({**good, 'inputs': 3}),
    json.dumps({'targets': 'b', 'task': 'rte_10templates'}),
    json.dumps({**good, 'task': 'mmlu'}),
    '["a list"]',
    json.dumps({**good, 'task': ['rte']}),
    '',
  ]
  path = tmp_path / 'a.jsonl'
  path.write_text('\n'.join(lines) + '\n')
  (rows,) = [r for r in read([piece_of(path)]) if r.inputs]
  assert rows.data_sets == ['flan2021:rte:zs_opt']
  assert [reject.reason for reject in rows.rejects] == [
    'not_json', 'wrong_type', 'missing_field', 'unknown_task', 'wrong_type',
    'wrong_type',
  ]  # fmt: skip
  table = pa.table(
    {
      'inputs': pa.array(['a', None, b'\xff'], pa.binary()).view(pa.string()),
      'targets': ['b'] * 3,
      'task': ['rte_10templates'] * 3,
    }
  )
  path = tmp_path / 'a.parquet'
  pq.write_table(table, path)
  (rows,) = read([piece_of(path)])
  assert rows.inputs == ['a']
  assert [r.reason for r in rows.rejects] == ['wrong_type', 'invalid_utf8']
  path.write_bytes(path.read_bytes()[:-9])
  (rows,) = read([piece_of(path)])
  assert [r.reason for r in rows.rejects] == ['damaged_file']
