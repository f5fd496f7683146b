"""Any change of a small file is found, and what cannot be read is named."""

import dataclasses
from pathlib import Path

import pytest
from support import tiny_manifests

from ul2_flan.pipelines.storage import files
from ul2_flan.pipelines.verification import listing, small_files

MANIFEST = tiny_manifests.MANIFEST


@pytest.fixture
def output(tmp_path) -> Path:
  tiny_manifests.write(tmp_path)
  return tmp_path


def problems(output: Path, manifest=MANIFEST) -> list[str]:
  listed = listing.Listing.of(manifest, str(output))
  return [*small_files.problems(manifest, str(output), listed.sizes)]


NAMES = (
  'n/a/info.train.json',
  'n/a/stats.train.json',
  'summary.txt',
  'quarantine/item-000000.jsonl',
)


def test_a_whole_output(output):
  assert problems(output) == []


@pytest.mark.parametrize('name', [*NAMES, 'n/a/COMPLETED'])
def test_a_missing_file(output, name: str):
  (output / name).unlink()
  (problem,) = problems(output)
  assert problem.startswith(f'missing: {output}/{name}')


@pytest.mark.parametrize('name', [*NAMES, 'n/a/COMPLETED'])
def test_a_longer_file(output, name: str):
  path = output / name
  path.write_bytes(path.read_bytes() + b'\n')
  (problem,) = problems(output)
  assert str(path) in problem


def test_a_summary_of_the_same_size(output):
  path = output / 'summary.txt'
  path.write_bytes(path.read_bytes().swapcase())
  assert problems(output) == [f'changed: {path} is not as the run wrote it']


def test_rejects_of_another_run(output):
  path = output / 'quarantine/item-000007.jsonl'
  path.touch()
  assert problems(output) == [f'stale: {path} was not written by this run']


def test_a_manifest_of_the_version_before_knows_neither(output):
  run = {k: MANIFEST.run[k] for k in ('job', 'counts')}
  before = dataclasses.replace(MANIFEST, run=run)
  path = output / 'summary.txt'
  path.write_text('any')
  assert problems(output, before) == []
  path.unlink()
  assert problems(output, before) == [f'missing: {path}']


def test_files_that_cannot_be_read_are_all_named(output, monkeypatch):
  def refuse(path: str) -> bytes:
    raise OSError(5, 'Input/output error', path)

  monkeypatch.setattr(files, 'read_bytes', refuse)
  assert problems(output) == [
    f'unreadable: {output}/{name}: Input/output error' for name in NAMES
  ]
