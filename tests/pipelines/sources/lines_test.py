"""Lines are read once each, whatever the division, blocks and compression."""

import gzip
import itertools
from pathlib import Path
from unittest import mock

from hypothesis import given
from hypothesis import strategies as st
import pytest
from support.corpora import COMPRESS, write

from ul2_flan.pipelines.sources import Piece, SourceOptions, decompress
from ul2_flan.pipelines.sources import lines as lines_lib
from ul2_flan.pipelines.sources.lines import Lines, read_lines

# Lines of every sort: empty, white space, carriage returns, several bytes a
# character. None has a newline; the file may end with one or not.
LINES = st.lists(
  st.text(st.sampled_from('ab \r\t€𝄞é'), max_size=12).map(str.encode),
  max_size=12,
)


def content(lines: list[bytes], last_newline: bool) -> bytes:
  return b'\n'.join(lines) + b'\n' * (last_newline and bool(lines))


def expected(data: bytes) -> list[tuple[int, bytes]]:
  """Each line and its offset, read in the plainest way."""
  found = data.removesuffix(b'\n').split(b'\n') if data else []
  steps = (len(line) + 1 for line in found[:-1])
  return list(zip(itertools.accumulate(steps, initial=0), found, strict=False))


def read(
  path: Path, bounds: list[int], block_bytes: int, limit: int = 1 << 20
) -> list[Lines]:
  """The lines of all pieces between bounds, read in small steps."""
  options = SourceOptions(block_bytes=block_bytes, max_document_bytes=limit)
  with mock.patch.object(decompress, '_STEP_BYTES', block_bytes):
    return [
      block
      for start, stop in itertools.pairwise(bounds)
      for block in read_lines(
        Piece(str(path), 'jsonl', start, stop, stop - start), options
      )
    ]


def placed(blocks: list[Lines]) -> list[tuple[int, bytes]]:
  return [
    pair
    for block in blocks
    for pair in zip(block.places(), block.lines, strict=bool(block.lines))
  ]


@pytest.fixture(scope='module')
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
  return tmp_path_factory.mktemp('lines')


def test_a_piece_is_read_alone(folder: Path):
  """Not a whole block behind its end, only what ends its last line."""
  path = folder / 'long.jsonl'
  path.write_bytes(b'0123456789abcde\n' * (1 << 16))
  read: list[int] = []
  steps = decompress.Stream.read_decompressed

  def counted(stream: decompress.Stream, size: int) -> bytes:
    read.append(size)
    return steps(stream, size)

  with (
    mock.patch.object(decompress.Stream, 'read_decompressed', counted),
    mock.patch.object(lines_lib, '_BEHIND_BYTES', 1 << 8),
  ):
    piece = Piece(str(path), 'jsonl', 1 << 10, 1 << 14, 15 << 10)
    (lines,) = read_lines(piece, SourceOptions(block_bytes=1 << 20))
  assert (lines.offset, len(lines.lines)) == (1 << 10, (15 << 10) // 16)
  assert sum(read) <= (15 << 10) + (1 << 8) + 1


@given(
  lines=LINES,
  last_newline=st.booleans(),
  cuts=st.lists(st.floats(0, 1), max_size=5),
  block_bytes=st.integers(1, 40),
)
def test_any_division_has_every_line_once_in_order(
  folder: Path, lines, last_newline, cuts, block_bytes
):
  data = content(lines, last_newline)
  path = folder / 'a.jsonl'
  path.write_bytes(data)
  inner = sorted({round(c * len(data)) for c in cuts} - {0, len(data)})
  found = placed(read(path, [0, *inner, len(data)], block_bytes))
  assert found == expected(data)
  for place, line in found:
    assert data[place:].startswith(line)


@given(
  lengths=st.lists(st.integers(0, 40), max_size=6),
  first=st.booleans(),
  limit=st.integers(1, 9),
  cut=st.floats(0, 1),
  block_bytes=st.integers(1, 20),
)
def test_of_many_newlines_the_first_are_read_and_no_line_is_lost(
  folder: Path, lengths, first, limit, cut, block_bytes
):
  runs = [
    (b'\n' if i % 2 == first else b'a') * n for i, n in enumerate(lengths)
  ]
  data = b''.join(runs)
  path = folder / 'newlines.jsonl'
  path.write_bytes(data)
  bounds = sorted({0, round(cut * len(data)), len(data)})
  with mock.patch.object(lines_lib, '_MAX_EMPTY_LINES', 10):
    blocks = read(path, bounds, block_bytes, limit)
  found = placed(blocks)
  assert [(at, line) for at, line in found if line] == [
    (at, line[:limit]) for at, line in expected(data) if line
  ]
  # For each run and piece: two chunks that may begin or end it, and the limit.
  assert len(found) <= (len(runs) + 2) * (2 * block_bytes + 10 + 2)


@given(lines=LINES, last_newline=st.booleans(), block_bytes=st.integers(1, 40))
def test_every_compression_gives_the_same_lines(
  folder: Path, lines, last_newline, block_bytes
):
  data = content(lines, last_newline)
  for suffix in ('.gz', '.bz2', '.zst'):
    path = Path(write(folder / f'a.jsonl{suffix}', data))
    blocks = read(path, [0, path.stat().st_size], block_bytes)
    assert placed(blocks) == expected(data)


@pytest.mark.parametrize('suffix', ['.gz', '.bz2', '.zst'])
@given(parts=st.lists(st.binary(min_size=1, max_size=60), min_size=1))
def test_concatenated_files_are_one_file(folder: Path, suffix: str, parts):
  path = folder / f'joined.jsonl{suffix}'
  path.write_bytes(b''.join(map(COMPRESS[suffix], parts)))
  found = placed(read(path, [0, path.stat().st_size], 7))
  assert found == expected(b''.join(parts))


@given(
  lengths=st.lists(st.integers(0, 30), max_size=10),
  limit=st.integers(1, 20),
  cuts=st.lists(st.floats(0, 1), max_size=3),
  block_bytes=st.integers(1, 100),
)
def test_a_line_over_the_limit_is_set_aside_and_the_next_are_read(
  folder: Path, lengths, limit, cuts, block_bytes
):
  lines = [bytes([97 + i]) * n for i, n in enumerate(lengths)]
  data = content(lines, True)
  path = folder / 'long.jsonl'
  path.write_bytes(data)
  inner = sorted({round(c * len(data)) for c in cuts} - {0, len(data)})
  blocks = read(path, [0, *inner, len(data)], block_bytes, limit)
  long = placed([b for b in blocks if b.too_long])
  short = placed([b for b in blocks if not b.too_long])
  assert short == [(at, x) for at, x in expected(data) if len(x) <= limit]
  assert long == [
    (at, line[:limit]) for at, line in expected(data) if len(line) > limit
  ]


def test_a_long_line_never_fills_memory(tmp_path: Path):
  path = Path(write(tmp_path / 'a.jsonl.gz', b'x' * (1 << 22) + b'\n{}\n'))
  blocks = read(path, [0, path.stat().st_size], 1 << 12, limit=1 << 13)
  assert max(len(line) for _, line in placed(blocks)) == 1 << 13
  assert placed(blocks)[-1] == ((1 << 22) + 1, b'{}')


@pytest.mark.parametrize('suffix', ['.gz', '.bz2', '.zst'])
def test_a_file_cut_off_gives_what_can_be_read_and_its_damage(
  tmp_path: Path, suffix: str
):
  data = b''.join(b'{"text": "line %d"}\n' % (i * 7919) for i in range(90_000))
  whole = COMPRESS[suffix](data)
  path = tmp_path / f'cut.jsonl{suffix}'
  path.write_bytes(whole[: len(whole) * 3 // 4])
  blocks = read(path, [0, path.stat().st_size], 1 << 16)
  found = placed(blocks)
  # bz2 has blocks of 900 kB.
  assert len(data) // 3 < found[-1][0] < len(data)
  assert found == expected(data)[: len(found)]
  assert 'it ends early' in blocks[-1].damage
  assert all(not block.damage for block in blocks[:-1])


@pytest.mark.parametrize('suffix', ['.gz', '.bz2', '.zst'])
def test_a_file_that_is_not_what_its_name_says_is_damaged(
  tmp_path: Path, suffix: str
):
  path = tmp_path / f'plain.jsonl{suffix}'
  path.write_bytes(b'{"text": "not compressed at all"}\n')
  (block,) = read(path, [0, path.stat().st_size], 1 << 16)
  assert block.damage
  assert not block.lines


def test_a_checksum_that_does_not_fit_is_damage(tmp_path: Path):
  path = tmp_path / 'a.jsonl.gz'
  whole = bytearray(gzip.compress(b'{"text": "abc"}\n' * 20_000))
  whole[-6] ^= 1  # the last eight bytes are the CRC and the length
  path.write_bytes(whole)
  blocks = read(path, [0, path.stat().st_size], 1 << 16)
  assert blocks[-1].damage
  assert len(placed(blocks)) > 10_000


@pytest.mark.parametrize('piece_bytes', [10, 700, 1 << 20])
@pytest.mark.parametrize('block_bytes', [600, 1 << 20])
def test_a_hole_of_zeros_is_damage_of_what_lies_before_it(
  tmp_path: Path, piece_bytes: int, block_bytes: int
):
  path = tmp_path / 'a.txt'
  lines = [b'%05d' % i for i in range(500)]
  text = b'\n'.join(lines)
  path.write_bytes(text[:1503] + bytes(2000) + text[1503:] + b'\n')
  size = path.stat().st_size
  options = SourceOptions(block_bytes=block_bytes)
  found, damage = [], []
  for start in range(0, size, piece_bytes):
    stop = min(start + piece_bytes, size)
    piece = Piece(str(path), 'text', start, stop, stop - start)
    for block in read_lines(piece, options):
      found += block.lines
      damage += [block.offset] if block.damage else []
  # One line began before the hole. What comes later in its piece is lost too.
  assert damage == [1500]
  assert found[:250] == lines[:250]
  assert set(found) <= {*lines}
  if piece_bytes < 1 << 20:
    assert found[-1] == lines[-1]


@pytest.mark.parametrize('ending', ['gz', 'zst', 'bz2'])
def test_a_compressed_file_of_no_bytes_is_damaged(tmp_path: Path, ending: str):
  path = tmp_path / f'a.jsonl.{ending}'
  path.touch()
  (block,) = read_lines(Piece(str(path), 'jsonl', 0, 0, 0), SourceOptions())
  assert 'it is empty' in block.damage
