"""Rows of TSV and CSV come back as written; others are rejected."""

import csv
import io
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
import pytest
from support.corpora import write
from support.task_sources.task_rows import Rows, rows_of, task_with

from ul2_flan.pipelines.task_sources import ReadOptions
from ul2_flan.tasks import catalog

FIELDS = {'premise': 'a', 'hypothesis': 'b c'}
NUMBERS = {'premise': '0', 'hypothesis': '2'}
# Neither line breaks, which TSV has no way to write, nor half surrogates.
CELL = st.text(
  st.characters(exclude_characters='\t\r\n', exclude_categories=['Cs']),
  max_size=5,
).filter(lambda text: text == text.strip())
QUOTED = st.text(st.sampled_from('a," \n\té\''), max_size=6)


@pytest.fixture(scope='module')
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
  return tmp_path_factory.mktemp('separated')


def read(folder: Path, data: bytes, kind: str, fields=FIELDS) -> Rows:
  write(folder / f'train.{kind}', data)
  task = task_with(kind=kind, locator=f'{{split}}.{kind}', fields=fields)
  return rows_of(task, folder, options=ReadOptions(block_rows=2))


@given(st.lists(st.tuples(CELL, CELL, CELL), max_size=6), st.booleans())
def test_tsv(folder, rows, windows):
  rows = [row for row in rows if any(row)]
  newline = '\r\n' if windows else '\n'
  lines = ['\t'.join(row) + newline for row in rows]
  named = read(folder, ''.join(['a\tx\tb c' + newline, *lines]).encode(), 'tsv')
  assert named.rows == [{'a': a, 'b c': b} for a, _, b in rows]
  numbered = read(folder, ''.join(lines).encode(), 'tsv', NUMBERS)
  assert numbered.rows == [{'0': a, '2': b} for a, _, b in rows]
  assert not named.rejects
  assert not numbered.rejects


@given(st.lists(st.tuples(QUOTED, QUOTED, QUOTED), max_size=6))
def test_csv(folder, rows):
  text = io.StringIO()
  csv.writer(text, quoting=csv.QUOTE_ALL).writerows([('a', 'x', 'b c'), *rows])
  found = read(folder, text.getvalue().encode(), 'csv')
  assert found.rows == [{'a': a, 'b c': b} for a, _, b in rows]
  assert found.places == list(range(len(rows)))


def test_rows_of_another_width_are_rejected(folder):
  data = '\ufeffa\tx\tb c\n1\t2\n1\t2\t3\n\n1\t2\t3\t4\n'.encode()
  rows = read(folder, data, 'tsv')
  assert rows.rows == [{'a': '1', 'b c': '3'}]
  assert rows.reasons == [(0, 'wrong_columns'), (2, 'wrong_columns')]
  # Without a header no more is known than which columns are needed.
  rows = read(folder, b'1\t2\n1\t2\t3\t4\n', 'tsv', NUMBERS)
  assert rows.rows == [{'0': '1', '2': '3'}]
  assert rows.reasons == [(0, 'wrong_columns')]


def test_a_column_that_is_missing_is_named(folder):
  rows = read(folder, b'a,b\n1,2\n', 'csv')
  assert rows.reasons == [(0, 'missing_field')]
  assert "no 'b c'; the record has a, b" in rows.rejects[0].detail


@pytest.mark.parametrize('kind', ['tsv', 'csv'])
def test_what_is_not_utf8_is_rejected(folder, kind):
  mark = b'\t' if kind == 'tsv' else b','
  lines = [b'a,b c', b'1,2', b'\xff,2', b'3,4']
  data = b'\n'.join(lines).replace(b',', mark)
  rows = read(folder, data, kind)
  assert [r['a'] for r in rows.rows] == ['1', '3']
  assert rows.reasons == [(1, 'invalid_utf8')]


def test_a_quote_that_is_never_closed_is_rejected(folder):
  filler = b'x' * 1000 + b'\n'
  rows = read(folder, b'a,b c\n1,2\n"open,2\n' + filler * 200 + b'3,4\n', 'csv')
  assert rows.rows[0] == {'a': '1', 'b c': '2'}
  assert rows.rows[-1] == {'a': '3', 'b c': '4'}
  assert rows.reasons[0] == (1, 'not_csv')


def test_the_rows_before_damage_are_read(folder):
  lines = [f'{i * i}\t{i}\n' for i in range(20000)]
  data = ''.join(['a\tb c\n', *lines]).encode()
  path = Path(write(folder / 'damaged' / 'train.tsv.gz', data))
  path.write_bytes(path.read_bytes()[:-9000])
  task = task_with(kind='tsv', locator='damaged/{split}.tsv', fields=FIELDS)
  rows = rows_of(task, folder)
  assert rows.rows
  assert rows.reasons[-1][1] == 'damaged_file'


def test_chains_of_thought_have_escaped_newlines(tmp_path):
  task = catalog.load('cot:gsm8k')
  data = b'One?\\nTwo?\t5\tSo \\frac{1}{2}.\n\t6\n'
  write(tmp_path / 'gsm8k_train.tsv', data)
  rows = rows_of(task, tmp_path)
  assert rows.rows == [
    {
      'question': 'One?\nTwo?',
      'answer': '5',
      'chain_of_thought': 'So \\frac{1}{2}.',
    }
  ]
  assert rows.reasons == [(1, 'wrong_columns')]
