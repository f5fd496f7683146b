"""A change of any byte that a piece was read from is found; a copy is none."""

import os
from pathlib import Path
import shutil

from hypothesis import given
from hypothesis import strategies as st
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support.corpora import json_lines, pieces_of, texts_of
from support.corpora import write as write_text

from ul2_flan.pipelines import sources
from ul2_flan.pipelines.sources import Piece, SourceOptions, marks
from ul2_flan.pipelines.storage import files


@pytest.fixture(scope='module')
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
  return tmp_path_factory.mktemp('marks')


def written(path: Path, data: bytes) -> None:
  """Writes a file, as if long after the last time."""
  before = path.stat().st_ctime_ns
  while path.stat().st_ctime_ns == before:  # clocks of file systems are coarse
    path.write_bytes(data)


def texts(piece: Piece) -> list[str]:
  blocks = sources.read(piece, SourceOptions())
  return [text for _, text in texts_of(blocks)]


@given(data=st.data(), max_bytes=st.integers(1, 90))
def test_whoever_reads_other_text_finds_that_the_file_changed(
  folder: Path, data: st.DataObject, max_bytes: int
):
  path = folder / 'a.jsonl'
  write_text(path, json_lines({'text': f'line {i}'} for i in range(9)))
  pieces = pieces_of(str(path), max_bytes=max_bytes)
  before = [(marks.mark(p), texts(p)) for p in pieces]
  assert all(mark and mark.is_same for mark, _ in before)
  whole = bytearray(path.read_bytes())
  at = data.draw(st.integers(0, len(whole) - 1))
  whole[at] = data.draw(st.sampled_from(b'x\n'))
  written(path, bytes(whole))
  for piece, (mark, text) in zip(pieces, before, strict=True):
    assert mark
    assert texts(piece) == text or not mark.is_same


def test_only_the_row_groups_of_a_piece_are_marked(tmp_path: Path):
  path = tmp_path / 'a.parquet'
  table = pa.table({'text': [f'{i * 7919} text' for i in range(300)]})
  pq.write_table(table, path, row_group_size=100)
  pieces = pieces_of(str(path), max_bytes=1)
  made = [marks.mark(piece) for piece in pieces]
  for group in range(3):
    row_group = pq.read_metadata(path).row_group(group).column(0)
    whole = bytearray(path.read_bytes())
    whole[row_group.data_page_offset + 40] ^= 1
    written(path, bytes(whole))
    changed = [bool(mark) and not mark.is_same for mark in made]
    assert changed == [i <= group for i in range(3)]


def test_a_copy_is_the_same_and_a_file_that_is_gone_is_not(tmp_path: Path):
  path = tmp_path / 'a.txt'
  path.write_bytes(b'text')
  (piece,) = pieces_of(str(path))
  mark = marks.mark(piece)
  assert mark
  shutil.copy(path, tmp_path / 'b.txt')
  path.unlink()
  assert not mark.is_same
  os.rename(tmp_path / 'b.txt', path)
  assert files.version(str(path)) != mark.version
  assert mark.is_same
  path.unlink()
  assert marks.mark(piece) is None


def test_a_file_that_was_cut_meanwhile_has_lost_its_end(tmp_path: Path):
  path = tmp_path / 'a.jsonl'
  write_text(path, json_lines({'text': f'line {i}'} for i in range(9)))
  pieces = pieces_of(str(path), max_bytes=40)
  os.truncate(path, 90)
  made = [(piece, marks.mark(piece)) for piece in pieces]
  lost = [marks.lost(piece, mark) for piece, mark in made if mark]
  assert lost[:3] == ['', '', 'at 90: it ends early; it went on to 120 before']
  assert all('at 90: it ends early' in told for told in lost[2:])


def test_what_is_not_parquet_is_marked_all_the_same(tmp_path: Path):
  path = tmp_path / 'a.parquet'
  path.write_bytes(b'not Parquet')
  (piece,) = pieces_of(str(path))
  mark = marks.mark(piece)
  assert mark
  assert (mark.start, mark.stop) == (0, 11)


def test_a_bucket_tells_and_is_not_read(monkeypatch: pytest.MonkeyPatch):
  versions = {'gs://b/a.txt': 'one'}
  monkeypatch.setattr(files, 'version', versions.__getitem__)
  mark = marks.mark(Piece('gs://b/a.txt', 'text', 0, 9, 9))
  assert mark
  assert mark.is_same
  versions['gs://b/a.txt'] = 'two'
  assert not mark.is_same
