"""Each row of a Parquet file is read once; bad strings are rejected."""

import io
from pathlib import Path
from unittest import mock

from hypothesis import given
from hypothesis import strategies as st
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support.corpora import DEFAULT, blocks_of, pieces_of, reasons_of, texts_of

from ul2_flan.pipelines.sources import SourceOptions, parquet
from ul2_flan.pipelines.sources.decompress import DamagedFileError
from ul2_flan.pipelines.storage import files
from ul2_flan.tasks.errors import UserError

STRINGS = [pa.string(), pa.large_string(), pa.string_view()]
WITH_ID = SourceOptions(id_field='id')


@pytest.fixture(scope='module')
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
  return tmp_path_factory.mktemp('parquet')


def write(path: Path, rows: int = 1000, **columns: object) -> str:
  pq.write_table(pa.table(columns), path, row_group_size=rows)
  return str(path)


def not_utf8(kind: pa.DataType) -> pa.Array:
  """Three strings of which the second is none: nothing checks it."""
  storage = pa.large_binary() if pa.types.is_large_string(kind) else pa.binary()
  raw = pa.array([b'good', b'\xff\xfe', b'fine'], storage)
  return pa.Array.from_buffers(kind, 3, raw.buffers())


@given(
  texts=st.lists(st.none() | st.text(max_size=20), min_size=1, max_size=40),
  group_rows=st.integers(1, 12),
  max_bytes=st.integers(1, 2000),
  block_bytes=st.integers(1, 2000),
)
def test_every_row_is_read_once_in_order(
  folder: Path, texts, group_rows, max_bytes, block_bytes
):
  column = pa.array(texts, pa.string())
  path = write(folder / 'a.parquet', group_rows, text=column)
  options = SourceOptions(block_bytes=block_bytes)
  pieces = pieces_of(path, options, max_bytes)
  bounds = [(p.start, p.stop) for p in pieces]
  assert bounds[0][0] == 0
  assert [start for start, _ in bounds[1:]] == [stop for _, stop in bounds[:-1]]
  assert sum(p.size for p in pieces) == pytest.approx(
    Path(path).stat().st_size, abs=len(pieces)
  )
  blocks = blocks_of(path, options, max_bytes)
  assert texts_of(blocks) == [
    (row, t) for row, t in enumerate(texts) if t is not None
  ]
  assert reasons_of(blocks) == [
    (row, 'missing_field') for row, t in enumerate(texts) if t is None
  ]


@pytest.mark.parametrize('kind', STRINGS)
def test_all_kinds_of_strings_are_read(tmp_path: Path, kind: pa.DataType):
  path = write(tmp_path / 'a.parquet', text=pa.array(['a', None, 'c'], kind))
  assert texts_of(blocks_of(path)) == [(0, 'a'), (2, 'c')]


def test_a_dictionary_is_read(tmp_path: Path):
  texts = pa.array(['a', 'b', None, 'a']).dictionary_encode()
  path = write(tmp_path / 'a.parquet', text=texts)
  assert texts_of(blocks_of(path)) == [(0, 'a'), (1, 'b'), (3, 'a')]


@pytest.mark.parametrize('kind', STRINGS[:2])
def test_a_string_that_is_not_utf8_is_rejected(tmp_path: Path, kind):
  path = write(tmp_path / 'a.parquet', text=not_utf8(kind))
  blocks = blocks_of(path)
  assert texts_of(blocks) == [(0, 'good'), (2, 'fine')]
  assert reasons_of(blocks) == [(1, 'invalid_utf8')]
  assert blocks[0].rejects[0].record == b'\xff\xfe'


def test_an_id_that_is_not_utf8_is_rejected(tmp_path: Path):
  path = write(
    tmp_path / 'a.parquet', text=['a', 'b', 'c'], id=not_utf8(pa.string())
  )
  (block,) = blocks_of(path, WITH_ID)
  assert block.ids == ['good', 'fine']
  assert [(r.place, r.reason) for r in block.rejects] == [(1, 'invalid_utf8')]
  assert "'id'" in block.rejects[0].detail


def test_ids_may_be_integers(tmp_path: Path):
  path = write(tmp_path / 'a.parquet', text=['a', 'b'], id=[7, None])
  (block,) = blocks_of(path, WITH_ID)
  assert block.ids == ['7']
  assert [(r.place, r.reason) for r in block.rejects] == [(1, 'missing_field')]


@pytest.mark.parametrize(
  ('columns', 'options', 'message'),
  [
    ({'texts': ['a']}, DEFAULT, r"'text'. Did you mean 'texts'\?"),
    ({'text': ['a']}, WITH_ID, r"unknown column 'id'"),
    ({'text': [1]}, DEFAULT, r"'text' holds int64, not strings.*--text_field"),
    ({'text': [['a']]}, DEFAULT, r'holds list<.*not strings'),
    ({'text': [b'a']}, DEFAULT, r'holds binary, not strings'),
  ],
)
def test_a_wrong_column_is_an_error_before_work_starts(
  tmp_path: Path, columns, options, message
):
  path = write(tmp_path / 'a.parquet', **columns)
  with pytest.raises(UserError, match=rf'a\.parquet: .*{message}'):
    pieces_of(path, options)


def test_two_columns_of_one_name_are_an_error_if_it_is_the_texts(
  tmp_path: Path,
):
  path = str(tmp_path / 'a.parquet')
  columns = [pa.array(['a'])] * 3
  pq.write_table(pa.table(columns, ['text', 'other', 'other']), path)
  assert texts_of(blocks_of(path)) == [(0, 'a')]
  pq.write_table(pa.table(columns, ['text', 'other', 'text']), path)
  with pytest.raises(
    UserError, match=r"a\.parquet has 2 columns called 'text'"
  ):
    pieces_of(path)


@pytest.mark.parametrize('data', [b'', b'not Parquet', b'PAR1' + b'x' * 90])
def test_a_file_that_is_not_parquet_is_damaged(tmp_path: Path, data: bytes):
  path = tmp_path / 'a.parquet'
  path.write_bytes(data)
  assert len(pieces_of(str(path))) == 1
  assert reasons_of(blocks_of(str(path))) == [(0, 'damaged_file')]


def test_an_empty_column_rejects_its_rows_only(tmp_path: Path):
  path = write(tmp_path / 'a.parquet', text=[None, None])
  assert reasons_of(blocks_of(path)) == [
    (0, 'missing_field'),
    (1, 'missing_field'),
  ]


def test_a_damaged_row_group_is_rejected_and_the_others_are_read(
  tmp_path: Path,
):
  texts = [f'{i * 7919} text {i}' * 5 for i in range(3000)]
  path = Path(write(tmp_path / 'a.parquet', text=texts))
  data = bytearray(path.read_bytes())
  middle = len(data) // 2
  data[middle : middle + 2000] = b'\xa5' * 2000
  path.write_bytes(data)
  blocks = blocks_of(str(path))
  assert reasons_of(blocks) == [(1000, 'damaged_file')]
  assert '1000 rows of row group 1' in blocks[1].rejects[0].detail
  places = [place for place, _ in texts_of(blocks)]
  assert places == [*range(1000), *range(2000, 3000)]


class _Flaky(io.BytesIO):
  """Fails at its last read but so many."""

  reads_left = 1 << 30

  def read(self, size: int | None = -1) -> bytes:
    self.reads_left -= 1
    if self.reads_left < 0:
      raise ConnectionResetError('reset by peer')
    return super().read(size)


@pytest.mark.parametrize('compression', ['none', 'snappy'])
def test_a_failed_read_is_no_damage(tmp_path: Path, compression: str):
  path = tmp_path / 'a.parquet'
  table = pa.table({'text': [f'text {i}' for i in range(3000)]})
  pq.write_table(table, path, compression=compression, row_group_size=1000)
  (piece,) = pieces_of(str(path))

  def read(reads: int) -> tuple[int, int]:
    raw = _Flaky(path.read_bytes())
    raw.reads_left = reads
    with mock.patch.object(files, 'open_read', return_value=raw):
      count = sum(len(b.texts) for b in parquet.read(piece, DEFAULT))
    return count, reads - raw.reads_left

  count, reads = read(1 << 30)
  assert count == 3000
  assert reads > 3
  for fail_at in range(reads):
    with pytest.raises(ConnectionResetError, match='reset by peer'):
      read(fail_at)
  raw = _Flaky(path.read_bytes())
  raw.reads_left = 0
  with (
    mock.patch.object(files, 'open_read', return_value=raw),
    pytest.raises(ConnectionResetError),
  ):
    parquet.row_group_sizes(str(path), DEFAULT)


def test_fewer_rows_than_the_file_tells_are_damage(tmp_path: Path):
  pq.write_table(pa.table({'text': ['a', 'b']}), tmp_path / 'a.parquet')
  with open(tmp_path / 'a.parquet', 'rb') as raw:
    file = parquet.ParquetFile(raw)
    file.counts = [3]
    batches = file.batches(0, 9, None)
    assert next(batches).num_rows == 2
    with pytest.raises(DamagedFileError, match='1 rows are missing'):
      next(batches)
