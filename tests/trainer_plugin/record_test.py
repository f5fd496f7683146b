"""The record of stages is read as written, and refuses other settings."""

import dataclasses
import hashlib
import subprocess

import pytest

from ul2_flan.tasks.errors import UserError
from ul2_flan.trainer_plugin import record
from ul2_flan.trainer_plugin.record import StageRecord

RECORD = StageRecord(
  command=('python', '--gin.STEPS=5', '--process_index=0'),
  manifest='/data/manifest.json',
  manifest_sha256='ff',
  versions={'t5x': ''},
)


def test_what_is_written_is_read(tmp_path):
  assert record.read(str(tmp_path)) == {}
  done = dataclasses.replace(RECORD, last='/m/checkpoint_9', config='A = "é"')
  stages = {'ul2r': done, 'flan': RECORD}
  record.write(str(tmp_path / 'new'), stages)
  assert record.read(str(tmp_path / 'new')) == stages
  # Nothing else is left.
  assert [p.name for p in (tmp_path / 'new').iterdir()] == ['stages.json']


def test_a_record_has_the_hash_of_the_manifest_and_versions(tmp_path):
  (tmp_path / 'manifest.json').write_text('{}')
  made = StageRecord.of(str(tmp_path), ['python', '-m', 't5x.train'])
  assert made.manifest == f'{tmp_path}/manifest.json'
  assert made.manifest_sha256 == hashlib.sha256(b'{}').hexdigest()
  assert made.versions['seqio'] == '0.0.20'
  with pytest.raises(UserError, match='no manifest /none/manifest'):
    StageRecord.of('/none', [])


@pytest.mark.parametrize(
  'text', ['', '[]', '{"ul2r": 1}', '{"ul2r": {"command": 5}}', '[' * 99_999]
)
def test_a_record_that_was_changed_is_named(tmp_path, text: str):
  (tmp_path / 'stages.json').write_text(text)
  with pytest.raises(
    UserError, match=f'{tmp_path}/stages.json does not record'
  ):
    record.read(str(tmp_path))


def changed(**more) -> StageRecord:
  return dataclasses.replace(RECORD, **more)


@pytest.mark.parametrize(
  'now',
  [
    RECORD,
    changed(command=('other/python', '--process_index=1', '--gin.STEPS=5')),
    changed(versions={'t5x': 'abc'}, last='x', config='y'),
  ],
)
def test_hosts_and_versions_may_differ(now):
  RECORD.must_match(now, 'flan', '/models')


@pytest.mark.parametrize(
  ('now', 'difference'),
  [
    (
      changed(command=('python', '--gin.STEPS=6')),
      '  - --gin.STEPS=5\n  + --gin.STEPS=6\n',
    ),
    (changed(command=('python',)), '  - --gin.STEPS=5\n'),
    (changed(manifest_sha256='00'), '  /data/manifest.json is not what it was'),
  ],
)
def test_other_settings_and_data_may_not(now, difference):
  with pytest.raises(UserError) as error:
    RECORD.must_match(now, 'flan', '/models')
  assert difference in str(error.value)
  assert '/models has a stage flan with other settings' in str(error.value)


def test_the_last_checkpoint_has_the_highest_step(tmp_path):
  for name in ('checkpoint_9', 'checkpoint_10', 'checkpoint_11.orbax-tmp-1'):
    (tmp_path / name).mkdir()
  last = record.last_checkpoint(str(tmp_path))
  assert last == f'{tmp_path}/checkpoint_10'
  assert record.steps_in(str(tmp_path)) == [9, 10]
  assert record.steps_in('/nowhere') == []
  with pytest.raises(UserError, match='no checkpoint in /nowhere'):
    record.last_checkpoint('/nowhere')


def test_the_commit_of_a_checkout(tmp_path, monkeypatch):
  (tmp_path / 'checked_out').mkdir()
  (tmp_path / 'checked_out' / '__init__.py').touch()
  monkeypatch.syspath_prepend(tmp_path)
  assert record.commit_of('checked_out') == ''
  git = ['git', '-C', str(tmp_path), '-c', 'user.name=a', '-c', 'user.email=a']
  subprocess.run([*git, 'init', '-q'], check=True)
  subprocess.run([*git, 'commit', '-qm', 'a', '--allow-empty'], check=True)
  assert record.commit_of('checked_out') == ''  # the file is not in it
  subprocess.run([*git, 'add', 'checked_out'], check=True)
  subprocess.run([*git, 'commit', '-qm', 'b'], check=True)
  head = (tmp_path / '.git' / 'HEAD').read_text().removeprefix('ref: ').strip()
  commit = (tmp_path / '.git' / head).read_text().strip()
  assert record.commit_of('checked_out') == commit
  assert record.commit_of('not_there_at_all') == ''
