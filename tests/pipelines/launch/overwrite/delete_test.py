"""Only an earlier run of the output is deleted, or else nothing."""

import dataclasses
from pathlib import Path

import pytest
from support.tiny_plans import (
  GROUPS,
  PLAN,
  begun,
  everything,
  finished,
  pieces_of,
  plan_of,
  plan_of_sizes,
)

from ul2_flan.pipelines.launch import overwrite, resume
from ul2_flan.pipelines.launch.manifest.finished import is_complete
from ul2_flan.pipelines.run import Group, division
from ul2_flan.pipelines.storage import files
from ul2_flan.tasks.errors import UserError

OTHER = plan_of_sizes([1], groups={'h': Group(('h',), 1, 1, 0)})


@pytest.mark.parametrize('make', [begun, finished])
@pytest.mark.parametrize('name', ['out', 'o[x]', 'run*', 'a?'])
def test_all_of_a_run_goes_and_nothing_else(tmp_path: Path, make, name: str):
  for other in ('ox', 'run1', 'ab'):
    finished(tmp_path / other)
  others = everything(tmp_path)
  (tmp_path / name / 'g').mkdir(parents=True)
  (tmp_path / name / 'g/notes.txt').touch()  # beside the data sets
  output = make(tmp_path / name)
  overwrite.delete_run(output, OTHER)
  kept = {name: None, f'{name}/g': None, f'{name}/g/notes.txt': b''}
  assert everything(tmp_path) == others | kept
  overwrite.delete_run(output, OTHER)  # nothing is there
  assert everything(tmp_path) == others | kept


STRANGE = [
  'g/a/thesis.txt',
  'g/a/deep/train.tfrecord-00000-of-00003',
  'g/b/train.tfrecord-00099-of-00100',
  '_progress/thesis.txt',
  '_progress/parts/thesis.txt',
  '_progress/shuffle-thesis/b.txt',
  'quarantine/thesis.txt',
  'h/thesis.txt',
]


@pytest.mark.parametrize('make', [begun, finished])
@pytest.mark.parametrize('path', STRANGE)
def test_a_strange_file_is_named_and_nothing_deleted(tmp_path, make, path: str):
  output = make(tmp_path)
  (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
  (tmp_path / path).write_bytes(b'mine')
  before = everything(tmp_path)
  with pytest.raises(UserError, match=rf'{path} is no file of a run'):
    overwrite.delete_run(output, OTHER)
  assert everything(tmp_path) == before


def test_a_folder_that_no_run_made_stays(tmp_path: Path):
  shard = tmp_path / 'h/train.tfrecord-00000-of-00001'
  shard.parent.mkdir()
  shard.touch()
  with pytest.raises(UserError, match=r'h/train.* is no file of a run'):
    overwrite.delete_run(str(tmp_path), OTHER)
  assert shard.exists()


def test_what_the_next_run_reads_is_not_deleted(tmp_path: Path):
  output = finished(tmp_path / 'out')
  shard = tmp_path / 'out/g/a/train.tfrecord-00000-of-00003'
  (tmp_path / 'link').symlink_to(tmp_path / 'out/g')
  (tmp_path / 'other').write_bytes(b'a source beside the run')
  (tmp_path / 'hard').hardlink_to(tmp_path / 'out/g/b' / shard.name)
  before = everything(tmp_path)
  for path in (shard, tmp_path / 'link/a' / shard.name, tmp_path / 'hard'):
    pieces = [
      dataclasses.replace(piece, path=str(source))
      for piece, source in zip(
        pieces_of([1, 1]), (tmp_path / 'other', path), strict=True
      )
    ]
    plan = plan_of(division.divide('h', pieces, 1, 0), groups=OTHER.groups)
    with pytest.raises(UserError, match='--overwrite would delete it') as e:
      overwrite.delete_run(output, plan)
    assert str(path) in str(e.value)
    assert everything(tmp_path) == before


def test_links_are_removed_and_never_entered(tmp_path: Path):
  output = finished(tmp_path / 'out')
  victim = tmp_path / 'victim'
  (tmp_path / 'out/g/a').rename(victim)
  (tmp_path / 'out/g/a').symlink_to(victim)
  shard = tmp_path / 'out/g/b/train.tfrecord-00000-of-00003'
  shard.rename(tmp_path / 'shard')
  shard.symlink_to(tmp_path / 'shard')
  before = everything(victim)
  overwrite.delete_run(output, OTHER)
  assert everything(victim) == before
  assert (tmp_path / 'shard').exists()
  assert not everything(tmp_path / 'out')


def test_a_link_that_no_run_lists_stays(tmp_path: Path):
  (tmp_path / 'victim').mkdir()
  (tmp_path / 'out').mkdir()
  (tmp_path / 'out/h').symlink_to(tmp_path / 'victim')
  overwrite.delete_run(str(tmp_path / 'out'), OTHER)  # an empty folder
  (tmp_path / 'victim/file').touch()
  with pytest.raises(UserError, match='out/h is no file of a run'):
    overwrite.delete_run(str(tmp_path / 'out'), OTHER)
  assert (tmp_path / 'out/h').is_symlink()


@pytest.mark.parametrize('make', [begun, finished])
def test_a_stop_in_between_does_no_harm(tmp_path: Path, make, monkeypatch):
  calls = 0

  def stop_after(count: int) -> None:
    nonlocal calls
    calls = 0
    delete = files.delete

    def stopping(paths: list[str]) -> None:
      nonlocal calls
      for path in paths:
        calls += 1
        if calls > count:
          raise KeyboardInterrupt
        delete([path])

    with monkeypatch.context() as patch:
      patch.setattr(files, 'delete', stopping)
      overwrite.delete_run(output, PLAN)

  for count in range(100):
    output = make(tmp_path / str(count))
    try:
      stop_after(count)
    except KeyboardInterrupt:
      assert not is_complete(output, PLAN) or count == 0
      lost = [
        item
        for item in range(len(PLAN.items))
        if (report := resume.report_of(output, PLAN, item))
        and not all(Path(output, s.path).exists() for s in report.shards)
      ]
      assert not lost  # no report stands for shards that are gone
      overwrite.delete_run(output, PLAN)
    else:
      break
  assert not [p for p in tmp_path.rglob('*') if p.is_file()]
  assert 10 < count < 99


def test_data_sets_that_are_left_out_go_without_others_files(tmp_path: Path):
  output = begun(tmp_path)
  (tmp_path / 'g/a/mine').touch()
  overwrite.delete_group(output, GROUPS['g'])
  left = [p.name for p in (tmp_path / 'g').rglob('*')]
  assert left == ['a', 'mine']
