"""The name tells how to decompress; damage and failed reads differ."""

import io
from pathlib import Path
from unittest import mock

from hypothesis import assume, given
from hypothesis import strategies as st
import pytest
from support.corpora import write

from ul2_flan.pipelines.sources import pointers
from ul2_flan.pipelines.sources.decompress import (
  DamagedFileError,
  compression_of,
  open_stream,
)
from ul2_flan.pipelines.storage import files


@pytest.fixture(scope='module')
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
  return tmp_path_factory.mktemp('decompress')


@pytest.mark.parametrize('suffix', ['', '.gz', '.bz2', '.zst'])
@given(data=st.binary(max_size=300_000), size=st.integers(1, 100_000))
def test_compressed_files_can_be_read_in_any_steps(
  folder: Path, suffix: str, data: bytes, size: int
):
  assume(not pointers.of(data))
  path = Path(write(folder / f'a{suffix}', data))
  with open_stream(str(path)) as stream:
    parts = []
    while part := stream.read_decompressed(size):
      parts.append(part)
    assert stream.source_bytes == path.stat().st_size
  assert b''.join(parts) == data
  # Only the last part may be shorter than what was asked for.
  assert all(len(part) >= size for part in parts[:-1])


def test_a_plain_file_is_read_from_any_byte(tmp_path: Path):
  path = write(tmp_path / 'a.txt', b'0123456789')
  with open_stream(path) as stream:
    stream.seek_plain(7)
    assert stream.read_decompressed(100) == b'789'


@pytest.mark.parametrize('suffix', ['', '.gz', '.zst'])
def test_a_failed_read_is_no_damage(tmp_path: Path, suffix: str):
  path = write(tmp_path / f'a.jsonl{suffix}', b'{"text": "a"}\n' * 9)
  raw = io.BytesIO(Path(path).read_bytes())
  raw.read = mock.Mock(side_effect=[raw.read(20), TimeoutError('later')])
  with (
    mock.patch.object(files, 'open_read', return_value=raw),
    open_stream(path) as stream,
    pytest.raises(TimeoutError, match='later'),
  ):
    stream.read_decompressed(1 << 20)


def test_damage_is_raised_again_at_every_read(tmp_path: Path):
  path = tmp_path / 'a.gz'
  path.write_bytes(b'no gzip')
  with open_stream(str(path)) as stream:
    for _ in range(2):
      with pytest.raises(DamagedFileError, match='7 bytes of it gave 0'):
        stream.read_decompressed(1)


@pytest.mark.parametrize(
  ('path', 'compression'),
  [('a.gz', 'gzip'), ('a.bz2', 'bz2'), ('a.zst', 'zstd'), ('a.gz.txt', '')],
)
def test_the_name_tells_the_compression(path: str, compression: str):
  assert compression_of(path) == compression
