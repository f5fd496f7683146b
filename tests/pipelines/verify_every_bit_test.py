"""No flipped bit of an output escapes: each is found by some check of it."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from ul2_flan.pipelines import ul2, verify
from ul2_flan.pipelines.run import paths
from ul2_flan.pipelines.storage import files, manifest_of
from ul2_flan.pipelines.verification import listing, small_files
from ul2_flan.tasks import manifest as manifest_lib
from ul2_flan.tasks.errors import UserError


@pytest.fixture(scope='module')
def output(tmp_path_factory, vocabulary_path) -> Path:
  folder = tmp_path_factory.mktemp('every_bit')
  lines = ''.join(f'{{"text": "{f"text {i} " * 60}"}}\n' for i in range(40))
  (folder / 'text.jsonl').write_text(lines + 'not JSON\n')
  flags = ['--input', str(folder / 'text.jsonl'), '--min_shards', '1']
  flags += ['--vocabulary', str(vocabulary_path), '--max_reject_fraction', '1']
  flags += ['--output', str(folder / 'out'), '--validation_fraction', '0.1']
  assert ul2.main(flags) == 0
  assert verify.verify(str(folder / 'out'), quick=False).problems == []
  return folder / 'out'


def flipped(data: bytes) -> Iterator[bytes]:
  """All that a flipped bit can make of some bytes."""
  changed = bytearray(data)
  for place in range(len(data)):
    for bit in range(8):
      changed[place] ^= 1 << bit
      yield bytes(changed)
      changed[place] ^= 1 << bit


def test_of_the_manifest(output):
  data = (output / 'manifest.json').read_bytes()
  for changed in flipped(data):
    with pytest.raises(UserError, match=r'out/manifest\.json'):
      manifest_lib.parse(changed, 'out/manifest.json')


def test_of_the_summary(output, monkeypatch):
  manifest = manifest_of(str(output))
  path = paths.summary_path(str(output))
  data = Path(path).read_bytes()
  for changed in flipped(data):
    monkeypatch.setattr(files, 'read_bytes', lambda path, data=changed: data)
    sizes = {path: len(changed)}
    found = small_files.summary_problem(str(output), manifest, sizes)
    assert found.startswith(f'changed: {path} ')


def test_of_the_files_of_seqio(output, monkeypatch):
  manifest = manifest_of(str(output))
  ((data_set, splits),) = manifest.data_sets.items()
  contents = manifest_lib.seqio_files(
    data_set, splits, manifest.features, manifest.vocabulary
  )
  assert len(contents) == 4
  for name, content in contents.items():
    data = (output / name).read_bytes()
    for changed in flipped(data):
      monkeypatch.setattr(files, 'read_bytes', lambda path, data=changed: data)
      found = small_files.seqio_problem(name, content, {name: len(data)})
      assert found.startswith(f'stale: {name} ')


def test_of_any_file(output):
  """Bits here and there, in the files themselves and by the command's way."""
  made = [path for path in output.rglob('*') if path.is_file()]
  shards = listing.shards_of(manifest_of(str(output)))
  assert (
    len(made) == len(shards) + 10
  )  # four of seqio's, COMPLETED, five of ours
  random = np.random.default_rng(0)
  for path in sorted(made):
    data = path.read_bytes()
    places = random.choice(8 * len(data), min(9, len(data)), replace=False)
    for place in places.tolist():
      changed = bytearray(data)
      changed[place // 8] ^= 1 << place % 8
      path.write_bytes(changed)
      assert str(path) in said(output)
    path.write_bytes(data)
  assert said(output) == ''


def said(output: Path) -> str:
  """Joins all that `verify` says is wrong."""
  try:
    return '\n'.join(verify.verify(str(output), quick=False).problems)
  except UserError as e:
    return str(e)
