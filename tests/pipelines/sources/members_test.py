"""Joined files are one, garbage costs nothing, and every window is read."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
import pytest
from support.corpora import COMPRESS
import zstandard

from ul2_flan.pipelines.sources.decompress import (
  TrailingGarbageError,
  open_stream,
)


@pytest.fixture(scope='module')
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
  return tmp_path_factory.mktemp('members')


@pytest.mark.parametrize('suffix', ['.gz', '.bz2', '.zst'])
@given(
  parts=st.lists(st.binary(max_size=99), min_size=1, max_size=4),
  garbage=st.binary(max_size=40),
  size=st.integers(1, 300),
)
def test_garbage_costs_nothing_of_what_came_before_it(
  folder: Path, suffix: str, parts: list[bytes], garbage: bytes, size: int
):
  path = folder / f'garbage{suffix}'
  whole = b''.join(map(COMPRESS[suffix], parts))
  # Zeros fill up a tape's block. Nothing else begins with `x`.
  path.write_bytes(whole + b'\0' * 5 + (garbage and b'x' + garbage))
  read = []
  with open_stream(str(path)) as stream:
    try:
      while part := stream.read_decompressed(size):
        read.append(part)
      assert not garbage
    except TrailingGarbageError:
      assert garbage
  assert b''.join(read) == b''.join(parts)


@pytest.mark.parametrize('suffix', ['.gz', '.bz2', '.zst'])
@given(data=st.binary(min_size=50, max_size=300), cut=st.integers(1, 20))
def test_a_file_that_ends_early_is_damaged(
  folder: Path, suffix: str, data: bytes, cut: int
):
  path = folder / f'cut{suffix}'
  whole = COMPRESS[suffix](data)
  path.write_bytes(whole[:-cut])
  with open_stream(str(path)) as stream:
    read, damage = stream.read_whole(1000)
  assert data.startswith(read)
  assert damage
  assert f'it ends early; {len(whole) - cut} bytes of it gave' in str(damage)


def test_windows_of_any_size_are_read(tmp_path: Path):
  data = b'far apart'
  parameters = zstandard.ZstdCompressionParameters(window_log=31)
  frame = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
  path = tmp_path / 'a.zst'
  path.write_bytes(frame.compress(data) + frame.flush())
  window = zstandard.get_frame_parameters(path.read_bytes()).window_size
  assert window == 1 << 31
  with open_stream(str(path)) as stream:
    assert stream.read_whole(99) == (data, None)
