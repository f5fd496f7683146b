"""`verify` finds every kind of damage, and names the file."""

import json
from pathlib import Path
import shutil

import pytest

from ul2_flan.pipelines import ul2, verify
from ul2_flan.pipelines.storage import manifest_of
from ul2_flan.tasks.errors import UserError


@pytest.fixture(scope='module')
def whole(tmp_path_factory, vocabulary_path) -> Path:
  folder = tmp_path_factory.mktemp('verify')
  source = folder / 'text.jsonl'
  source.write_text(
    ''.join(json.dumps({'text': f'text {i} ' * 60}) + '\n' for i in range(40))
  )
  flags = ['--input', str(source), '--vocabulary', str(vocabulary_path)]
  flags += ['--output', str(folder / 'out'), '--min_shards', '3']
  assert ul2.main([*flags, '--validation_fraction', '0.1']) == 0
  return folder / 'out'


@pytest.fixture
def output(whole, tmp_path) -> Path:
  return shutil.copytree(whole, tmp_path / 'out')


def shard(output: Path) -> Path:
  return next(output.glob('ul2r/train.tfrecord-00001-*'))


def problems(output: Path, quick: bool = False) -> list[str]:
  return list(verify.verify(manifest_of(str(output)), str(output), quick))


def test_an_output_is_as_it_was_made(output, capsys):
  assert problems(output) == problems(output, quick=True) == []
  assert verify.main([str(output)]) == 0
  assert 'every byte read' in capsys.readouterr().out


def test_a_missing_shard(output, capsys):
  path = shard(output)
  path.unlink()
  assert problems(output) == [f'missing: {path}']
  assert verify.main([str(output), '--quick']) == 1
  assert '1 problem in ' in capsys.readouterr().out


def test_a_truncated_shard(output):
  path = shard(output)
  data = path.read_bytes()
  path.write_bytes(data[:-1])
  (problem,) = problems(output, quick=True)
  assert problem.startswith(f'truncated: {path} has {len(data) - 1} bytes')


@pytest.mark.parametrize('share', [0.0, 0.3, 0.9])
def test_a_flipped_bit(output, share):
  path = shard(output)
  data = bytearray(path.read_bytes())
  data[int(len(data) * share)] ^= 0x10
  path.write_bytes(data)
  assert problems(output, quick=True) == []
  (problem,) = problems(output)
  assert problem.startswith(f'corrupt: {path}: record ')


def test_a_stale_shard_that_seqio_would_read(output):
  path = output / 'ul2r' / 'train.tfrecord-00000-of-00013'
  path.write_bytes(b'')
  assert problems(output) == [
    f'stale: {path} belongs to no data set of the manifest'
  ]


def test_whole_records_of_another_run(output):
  path = shard(output)
  data = bytearray(path.read_bytes())
  # Two records change places: their checksums hold.
  first = 16 + int.from_bytes(data[:8], 'little')
  second = first + 16 + int.from_bytes(data[first : first + 8], 'little')
  path.write_bytes(data[first:second] + data[:first] + data[second:])
  (problem,) = problems(output)
  assert problem.startswith(f'stale: {path} has ')


def test_files_of_seqio(output):
  (output / 'ul2r' / 'COMPLETED').unlink()
  (output / 'ul2r' / 'info.train.json').unlink()
  stats = output / 'ul2r' / 'stats.train.json'
  stats.write_text(stats.read_text().replace('"examples": ', '"examples": 1'))
  found = problems(output)
  assert [p.split(':')[0] for p in found] == ['missing', 'missing', 'stale']
  assert 'COMPLETED' in found[0]
  assert 'info.train.json' in found[1]
  assert 'stats.train.json' in found[2]


def test_accounts_that_do_not_add_up(output):
  path = output / 'manifest.json'
  manifest = json.loads(path.read_text())
  manifest['run']['counts']['tokens']['used'] -= 1
  path.write_text(json.dumps(manifest))
  (problem,) = problems(output)
  assert problem.startswith('counts: the accounts do not add up')


def test_an_output_without_a_manifest(tmp_path):
  with pytest.raises(UserError, match='not complete'):
    verify.main([str(tmp_path)])
