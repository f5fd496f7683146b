"""Chunks of a file are read as the file."""

import gzip
from pathlib import Path

import pytest

from ul2_flan.pipelines.sources import Piece, SourceOptions
from ul2_flan.pipelines.sources.joined import JoinedFiles
from ul2_flan.pipelines.sources.lines import read_lines

LINES = [b'line %d' % i for i in range(500)]


def cut(folder: Path, data: bytes, step: int) -> list[str]:
  paths = []
  for start in range(0, len(data), step):
    path = folder / f'part{start:05d}'
    path.write_bytes(data[start : start + step])
    paths.append(str(path))
  return paths


@pytest.mark.parametrize(
  'compress', [bytes, gzip.compress], ids=['plain', 'gzip']
)
@pytest.mark.parametrize('step', [7, 300, 900])
def test_chunks_have_the_lines_of_the_file(tmp_path, compress, step):
  paths = cut(tmp_path, compress(b'\n'.join(LINES)), step)
  whole = Piece(paths[0], 'jsonl', 0, step, step)
  read = read_lines(whole, SourceOptions(block_bytes=100), paths[1:])
  assert [line for lines in read for line in lines.lines] == LINES


def test_joined_files_go_back_to_their_start_and_nowhere_else(tmp_path):
  joined = JoinedFiles(cut(tmp_path, b'abcdef', 4))
  assert [joined.read(3) for _ in range(4)] == [b'abc', b'd', b'ef', b'']
  joined.seek(0)
  assert joined.read(9) == b'abcd'
  with pytest.raises(OSError, match='start'):
    joined.seek(2)
  joined.close()


def test_a_missing_end_of_the_chunks_is_damage(tmp_path):
  paths = cut(tmp_path, gzip.compress(b'\n'.join(LINES)), 300)
  whole = Piece(paths[0], 'jsonl', 0, 300, 300)
  *_, last = read_lines(whole, SourceOptions(), paths[1:-1])
  assert last.damage
