"""`verify` finds every kind of damage, and names the file."""

from collections.abc import Callable
import json
import os
from pathlib import Path
import shutil
from typing import Any

import pytest
from support import manifests

from ul2_flan.pipelines import ul2, verify
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
  return verify.verify(str(output), quick).problems


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
  path.write_bytes(manifests.with_checksum(manifest))
  (problem,) = problems(output)
  assert problem.startswith('counts: the accounts do not add up')


def test_an_output_without_a_manifest(tmp_path):
  with pytest.raises(UserError, match='is empty'):
    verify.main([str(tmp_path)])


def test_the_manifest_of_an_output_stands_for_it(output, capsys):
  assert verify.main([str(output / 'manifest.json'), '--quick']) == 0
  (output / 'other').symlink_to('.')
  assert verify.main([str(output), '--quick']) == 0
  said = capsys.readouterr().out
  assert f'note: {output}/other is a link' in said
  assert f'{output} agrees with its manifest' in said


def change_manifest(output: Path, change: Callable[[dict[str, Any]], object]):
  """Changes the manifest as a person with an editor would."""
  path = output / 'manifest.json'
  manifest = json.loads(path.read_text())
  change(manifest)
  path.write_text(json.dumps(manifest, indent=2))


@pytest.mark.parametrize(
  'change',
  [
    lambda m: m['features']['inputs'].update(length=1024),
    lambda m: m['features']['inputs'].update(add_eos=False),
    lambda m: m.update(decoder_only=True),
    lambda m: m['vocabulary'].update(extra_ids=0),
    lambda m: m['mixtures'].update(other={'ul2r': 1}),
    lambda m: m['run']['sources'].clear(),
    lambda m: m['run']['versions'].update(numpy='1'),
    lambda m: m.pop('crc32c'),
    lambda m: m.update(crc32c='00000000'),
  ],
)
def test_a_changed_manifest_is_found(output, change):
  change_manifest(output, change)
  (problem,) = problems(output, quick=True)
  assert problem.startswith(
    f'changed: {output}/manifest.json is not as its run'
  )


def test_data_sets_that_a_changed_manifest_does_not_name(output):
  change_manifest(output, lambda m: m['data_sets'].clear())
  changed, stale = problems(output)
  assert changed.startswith(f'changed: {output}/manifest.json ')
  assert stale.startswith(f'stale: {output}/ul2r is complete for seqio')


def lengthen_a_shard(output: Path) -> Path:
  path = sorted(output.glob('ul2r/validation.tfrecord*'))[0]
  path.write_bytes(path.read_bytes() + b'x')
  return path


@pytest.mark.parametrize(
  'change',
  [
    lambda m: m['run'].pop('counts'),
    lambda m: m['run'].update(counts=[1]),
    lambda m: m['run'].update(job='ul3'),
    lambda m: m['run'].update(summary={}),
    lambda m: m['vocabulary'].clear(),
    lambda m: m['data_sets']['ul2r']['train']['stats'].clear(),
  ],
)
def test_the_rest_is_checked_whatever_a_changed_manifest_says(output, change):
  path = lengthen_a_shard(output)
  change_manifest(output, change)
  found = problems(output)
  assert found[0].startswith(f'changed: {output}/manifest.json is not as its')
  assert any(p.startswith(f'too long: {path}') for p in found)
  assert verify.main([str(output)]) == 1


@pytest.mark.parametrize('field', [{'path': 7}, {'bytes': 'x'}])
def test_other_shards_are_compared_when_one_cannot_be(output, field):
  path = lengthen_a_shard(output)
  change_manifest(
    output, lambda m: m['data_sets']['ul2r']['train']['shards'][0].update(field)
  )
  found = problems(output)
  assert any(
    p.startswith('changed: shard ') and 'cannot be compared' in p for p in found
  )
  assert any(p.startswith(f'too long: {path}') for p in found)


def test_a_folder_that_cannot_be_read_ends_no_check(output, monkeypatch):
  path = lengthen_a_shard(output)
  (output / 'closed').mkdir()
  scandir = os.scandir

  def refuse(folder: str) -> object:
    if folder.endswith('closed'):
      raise PermissionError(13, 'Permission denied', folder)
    return scandir(folder)

  monkeypatch.setattr(os, 'scandir', refuse)
  unreadable, too_long = problems(output)
  assert unreadable == f'unreadable: {output}/closed: Permission denied'
  assert too_long.startswith(f'too long: {path}')


def test_a_manifest_without_a_checksum_is_noted(output, capsys):
  path = output / 'manifest.json'
  manifest = json.loads(path.read_text())
  del manifest['crc32c'], manifest['run']['summary']
  path.write_text(json.dumps({**manifest, 'format': 1}))
  assert verify.main([str(output)]) == 0
  note, last = capsys.readouterr().out.splitlines()
  assert note.startswith(f'note: {path} is of the version before')
  assert 'agrees with its manifest' in last


def test_all_that_is_wrong_is_named(output):
  first, second, third, *_ = sorted(output.glob('ul2r/train.tfrecord-*'))
  first.write_bytes(bytes(first.stat().st_size))
  second.unlink()
  third.write_bytes(third.read_bytes()[:-1])
  (output / 'summary.txt').write_text('all is well')
  (output / 'ul2r/info.train.json').write_text('{}')
  (output / '_progress').mkdir()
  found = problems(output)
  assert [(p.split(':')[0], p.split()[1].strip(':')) for p in found[:3]] == [
    ('stale', f'{output}/ul2r/info.train.json'),
    ('truncated', f'{output}/summary.txt'),
    ('leftover', f'{output}/_progress'),
  ]
  assert {p.split()[1].strip(':') for p in found[3:]} == {
    str(path) for path in (first, second, third)
  }


def test_an_output_that_was_moved_is_as_it_was_made(whole, tmp_path):
  moved = shutil.copytree(whole, tmp_path / 'elsewhere' / 'other')
  assert problems(moved) == []


def test_overwriting_mends_a_changed_manifest(
  output, vocabulary_path, tmp_path
):
  source = tmp_path / 'text.jsonl'
  source.write_text(json.dumps({'text': 'text ' * 60}) + '\n')
  flags = ['--input', str(source), '--vocabulary', str(vocabulary_path)]
  flags += ['--output', str(output), '--min_shards', '1']
  change_manifest(output, lambda m: m.update(decoder_only=True))
  with pytest.raises(UserError, match='is not as its run wrote it'):
    ul2.main(flags)
  assert ul2.main([*flags, '--overwrite']) == 0
  assert problems(output) == []
