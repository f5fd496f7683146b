"""Bytes of every format become rows."""

import gzip
import io

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.evaluation.reading import parse


def rows(data: bytes, name: str):
  return [*parse.rows_of(data, name)]


def test_mmlu_with_and_without_a_header():
  row = b'"What,\nnow?",a,"b ""c""",d,e,B\n'
  with_header = rows(
    b'question,choice0,choice1,choice2,choice3,answer\n' + row, 'x.csv'
  )
  without = rows(row, 'x.csv')
  assert [*with_header[0].values()] == [*without[0].values()]
  assert [*without[0]] == ['question', *'ABCD', 'answer']
  assert [*without[0].values()] == ['What,\nnow?', 'a', 'b "c"', 'd', 'e', 'B']


def test_cells_with_tabs_between_them_are_not_quoted():
  assert rows('Say "a\u2028b\t5\n'.encode(), 'mgsm_en.tsv') == [
    {'question': 'Say "a\u2028b', 'answer': '5'}
  ]
  assert rows(b'answer\tquestion\n5\tSay\n', 'mgsm_en.tsv') == [
    {'question': 'Say', 'answer': '5'}
  ]


def test_json_lines_parquet_and_gzip_are_the_same():
  made = [{'input': 'x\u2028', 'target': 'y'}, {'input': '', 'target': 'z'}]
  file = io.BytesIO()
  pq.write_table(pa.Table.from_pylist(made), file)
  lines = '{"input": "x\u2028", "target": "y"}\n{"input": "", "target": "z"}\n'
  assert rows(file.getvalue(), 'test.parquet') == made
  table = pa.Table.from_pylist(made)
  arrow = io.BytesIO()
  with pa.ipc.new_stream(arrow, table.schema) as writer:
    writer.write_table(table)
  assert rows(arrow.getvalue(), 'data-0.arrow') == made
  assert rows(lines.encode(), 'test.jsonl') == made
  assert rows(gzip.compress(lines.encode()), 'test.jsonl.gz') == made


def test_nested_questions_come_with_their_passage():
  text = b'{"data": [{"paragraphs": [{"context": "P", "qas": [{"id": "1"}]}]}]}'
  assert rows(text, 'x.json') == [{'context': 'P', 'id': '1'}]


@pytest.mark.parametrize(
  ('name', 'data', 'message'),
  [
    ('x.csv', b'a,b,c\n', 'row 0 has 3 columns, not 6'),
    ('x.csv', b'"a', 'cannot be read'),
    ('x.tsv', b'no tab\n', 'cannot be read'),
    ('x.json', b'{"rows": []}', r"cannot be read: KeyError\('data'\)"),
    ('x.json', b'[', 'cannot be read'),
    ('x.jsonl', b'\xff', 'cannot be read'),
    ('x.arrow', b'\xff', 'cannot be read'),
    ('x.parquet', b'PAR1', 'cannot be read'),
    ('x.json.gz', gzip.compress(b'{}', mtime=0)[:-5], 'cannot be read'),
    (
      'y.json.gz',
      gzip.compress(b'{}', mtime=0)[:10] + b'\xff' * 9,
      'cannot be',
    ),
  ],
)
def test_what_cannot_be_read(name, data, message):
  with pytest.raises(UserError, match=message):
    rows(data, name)


@pytest.mark.parametrize(
  'text', ['MGSM_EXEMPLARS = f()', 'x = 1', '(', 'import os']
)
def test_no_exemplars(text):
  with pytest.raises(UserError, match=r"is not MGSM's exemplars\.py"):
    parse.mgsm_exemplars(text, 'exemplars.py')


def test_a_file_that_is_too_large_is_refused_unread(monkeypatch):
  data = b'question,A,B,C,D,answer\n' * 99
  monkeypatch.setattr(parse, 'MOST_BYTES', 999)
  for name, given in (('a.csv', data), ('a.csv.gz', gzip.compress(data))):
    with pytest.raises(UserError, match=f'^{name} has over'):
      rows(given, name)
