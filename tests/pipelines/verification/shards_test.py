"""A shard that is not as it was written is named, with what is wrong."""

from pathlib import Path

import pytest
from support import tiny_manifests
from support.tiny_manifests import DATA, MANIFEST, SHARD

from ul2_flan.pipelines.storage import files
from ul2_flan.pipelines.verification import listing, shards
from ul2_flan.tasks import records


@pytest.fixture
def path(tmp_path) -> Path:
  tiny_manifests.write(tmp_path)
  return tmp_path / SHARD.path


def problems(path: Path, quick: bool = False) -> list[str]:
  output = str(path.parents[2])
  sizes = listing.Listing.of(MANIFEST, output).sizes
  return [*shards.problems(MANIFEST, output, sizes, quick)]


def test_a_whole_shard(path):
  assert problems(path) == problems(path, quick=True) == []


@pytest.mark.parametrize(
  ('data', 'word'),
  [
    (DATA[:-1], 'truncated'),
    (DATA + b'x', 'too long'),
    (DATA[:-1] + b'x', 'corrupt'),
    (records.frame_records([b'two', b'one']), 'stale'),
  ],
)
def test_a_changed_shard(path, data: bytes, word: str):
  path.write_bytes(data)
  (problem,) = problems(path)
  assert problem.startswith(f'{word}: {path}')
  assert problems(path, quick=True) == [problem] * (len(data) != len(DATA))


def test_a_missing_shard(path):
  path.unlink()
  assert problems(path, quick=True) == [f'missing: {path}']


def test_a_shard_that_cannot_be_read(path, monkeypatch):
  def refuse(path: str) -> None:
    raise OSError(5, 'Input/output error', path)

  monkeypatch.setattr(files, 'open_read', refuse)
  assert problems(path) == [f'unreadable: {path}: Input/output error']
