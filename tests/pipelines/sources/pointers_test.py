"""A pointer in the place of a file is named by every reader."""

from pathlib import Path

import pytest
from support.corpora import blocks_of, rejects_of

from ul2_flan.pipelines.sources import SourceOptions, pointers

LFS = (
  b'version https://git-lfs.github.com/spec/v1\n'
  b'oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17\n'
  b'size 12345\n'
)
ANNEX = b'/annex/objects/SHA256E-s123--0e5a.jsonl.gz\n'


@pytest.mark.parametrize(
  ('data', 'told'), [(LFS, 'git lfs pull'), (ANNEX, 'git annex get')]
)
@pytest.mark.parametrize(
  'name',
  [
    *('a.jsonl', 'a.jsonl.gz', 'a.jsonl.bz2', 'a.jsonl.zst', 'a.parquet'),
    *('a.txt', 'a.tfrecord', 'a.tfrecord.gz'),
  ],
)
def test_every_reader_names_a_pointer(tmp_path: Path, name, data, told: str):
  path = tmp_path / name
  path.write_bytes(data)
  (reject,) = rejects_of(blocks_of(str(path)))
  assert reject.reason == 'damaged_file'
  assert told in reject.detail


def test_paragraphs_may_begin_like_a_pointer_in_a_large_file(tmp_path: Path):
  path = tmp_path / 'a.txt'
  path.write_bytes(LFS + b'x' * pointers.MOST_BYTES)
  (block,) = blocks_of(str(path), SourceOptions(format='paragraphs'))[:1]
  assert not block.rejects
