"""Marks of an earlier run: whose they are, and what is left to do."""

import dataclasses
import json
from pathlib import Path
import shutil

import pytest
from support import manifests
from support.tiny_plans import (
  GROUPS,
  PLAN,
  begun,
  finished,
  plan_of_sizes,
  report_of,
  write_shards,
)

from ul2_flan.pipelines.launch import overwrite, resume
from ul2_flan.pipelines.launch.manifest.finished import ended, is_complete
from ul2_flan.pipelines.run import Counts, Report, paths, reports
from ul2_flan.pipelines.run import plan as plan_lib
from ul2_flan.pipelines.sources import Piece, marks
from ul2_flan.tasks.errors import UserError


def there(folder: Path) -> list[str]:
  return sorted(
    str(p.relative_to(folder)) for p in folder.rglob('*') if p.is_file()
  )


def test_an_empty_output_holds_nothing(tmp_path: Path):
  assert not is_complete(str(tmp_path), PLAN)
  assert not ended(str(tmp_path))
  assert resume.unfinished(str(tmp_path), PLAN) == [0, 1, 2]


def test_a_run_that_has_begun_has_its_plan(tmp_path: Path):
  output = str(tmp_path / 'deep/out')
  resume.begin(output, PLAN)
  assert plan_lib.load(paths.plan_path(output)) == PLAN
  assert not ended(output)
  resume.begin(output, PLAN)  # as often as one likes
  assert there(tmp_path) == ['deep/out/_progress/plan.json']


def test_only_this_plans_reports_count(tmp_path: Path):
  output = str(tmp_path)
  reports.write(Report(0, 'f' * 16, (), Counts()), output)
  reports.write(report_of(PLAN, 2), output)
  write_shards(report_of(PLAN, 2), tmp_path)
  assert resume.report_of(output, PLAN, 0) is None
  assert resume.report_of(output, PLAN, 1) is None
  assert resume.report_of(output, PLAN, 2) == report_of(PLAN, 2)
  assert resume.unfinished(output, PLAN) == [0, 1]


def test_what_a_finished_run_needs_no_more_goes_and_nothing_else(tmp_path):
  output = finished(tmp_path)
  kept = there(tmp_path)
  left = [
    paths.report_path(output, 0),
    f'{output}/_progress/parts/g/a/validation-000001',
  ]
  for path in (*left, f'{output}/_progress/thesis.txt'):
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).touch()
  assert is_complete(output, PLAN)
  resume.clean(output)
  assert there(tmp_path) == sorted([*kept, '_progress/thesis.txt'])
  Path(output, '_progress/thesis.txt').unlink()
  for _ in range(2):
    resume.clean(output)
    assert not (tmp_path / '_progress').exists()


CHANGED = {
  'seed: 0 -> 1': plan_of_sizes(
    [1, 1, 1], groups=GROUPS, config={'seed': 1, 'name': 'g'}
  ),
  'sources.f0: 1 -> 2': plan_of_sizes([2, 1, 1], groups=GROUPS),
}


@pytest.mark.parametrize('change', CHANGED)
def test_what_another_plan_began_or_made_is_refused(tmp_path, change: str):
  resume.begin(str(tmp_path / 'begun'), PLAN)
  with pytest.raises(UserError, match=f'begun was made.*\n  {change}\n'):
    resume.begin(str(tmp_path / 'begun'), CHANGED[change])
  output = finished(tmp_path / 'made')
  with pytest.raises(UserError, match=f'made was made.*\n  {change}\n'):
    is_complete(output, CHANGED[change])


def test_a_plan_that_expects_otherwise_follows_the_first(tmp_path: Path):
  output = str(tmp_path)
  other = dataclasses.replace(PLAN, estimate={**PLAN.estimate, 'tokens': 9})
  assert resume.plan_to_follow(output, other) is other
  resume.begin(output, PLAN)
  assert resume.plan_to_follow(output, other) == PLAN
  divided = plan_of_sizes([1, 1, 1])
  assert resume.plan_to_follow(output, divided) is divided
  with pytest.raises(UserError, match='of the same sizes, whose content'):
    resume.begin(output, divided)


def test_a_run_of_the_version_before_keeps_no_denoisers_apart(tmp_path: Path):
  output = str(tmp_path)
  (group,) = PLAN.groups.values()
  before, now = (
    dataclasses.replace(
      PLAN,
      groups={
        'g': dataclasses.replace(
          group, validation_shards=denoisers, denoisers=denoisers
        )
      },
    )
    for denoisers in (1, 4)
  )
  resume.begin(output, before)
  assert resume.plan_to_follow(output, now) == before


def test_work_of_other_bytes_is_done_again(tmp_path: Path):
  source = tmp_path / 'a.txt'
  source.write_bytes(b'one')
  mark = marks.mark(Piece(str(source), 'text', 0, 3, 3))
  output = str(tmp_path / 'out')
  report = report_of(PLAN, 0)
  write_shards(report, tmp_path / 'out')
  reports.write(dataclasses.replace(report, read=(mark,)), output)
  assert resume.unfinished(output, PLAN) == [1, 2]
  source.unlink()
  source.write_bytes(b'one')
  assert resume.unfinished(output, PLAN) == [1, 2]
  source.unlink()
  source.write_bytes(b'two')
  assert resume.unfinished(output, PLAN) == [0, 1, 2]


def test_kinds_of_a_later_version_are_refused(tmp_path: Path):
  later = plan_of_sizes([1, 1, 1], groups=GROUPS, kind='ul3')
  resume.begin(str(tmp_path / 'begun'), later)
  with pytest.raises(UserError, match=r"plan\.json is of .* kind 'ul3'"):
    resume.begin(str(tmp_path / 'begun'), PLAN)
  output = finished(tmp_path / 'made')
  manifest = Path(paths.manifest_path(output))
  fields = json.loads(manifest.read_bytes())
  fields['run']['job'] = 'ul3'
  manifest.write_bytes(manifests.with_checksum(fields))
  with pytest.raises(UserError, match=r"manifest\.json is of .* kind 'ul3'"):
    is_complete(output, PLAN)


def test_shards_of_an_unknown_program_are_refused(tmp_path: Path):
  stray = tmp_path / 'g/b/train.tfrecord-00000-of-00003'
  stray.parent.mkdir(parents=True)
  stray.touch()
  with pytest.raises(UserError, match=r'(?s)g/b holds .* no plan .*overwrite'):
    resume.begin(str(tmp_path), PLAN)
  assert there(tmp_path) == ['g/b/train.tfrecord-00000-of-00003']


def test_files_beside_the_data_sets_are_no_matter(tmp_path: Path):
  (tmp_path / 'g').mkdir()
  (tmp_path / 'g/notes.txt').touch()
  (tmp_path / 'other').touch()
  resume.begin(str(tmp_path), PLAN)


def test_a_disk_that_is_too_small_is_refused(tmp_path: Path, monkeypatch):
  usage = shutil.disk_usage(tmp_path)._replace(free=5_000_000)
  monkeypatch.setattr(shutil, 'disk_usage', lambda _: usage)
  large = plan_of_sizes([1, 1, 1], groups=GROUPS, estimate={'bytes': 8 * 10**6})
  with pytest.raises(UserError, match=r'about 8.0 MB and .* room for 5.0 MB'):
    resume.begin(str(tmp_path / 'none/yet'), large)
  assert there(tmp_path) == []
  # What is written already needs no room.
  part = tmp_path / 'g/a/train.tfrecord-00000-of-00003'
  part.parent.mkdir(parents=True)
  begun(tmp_path)
  part.write_bytes(bytes(4 * 10**6))
  resume._check_room(str(tmp_path), large)
  # What is of somebody else does: it stays.
  part.rename(tmp_path / 'part')
  with pytest.raises(UserError, match='room for'):
    resume._check_room(str(tmp_path), large)


def test_a_bucket_has_room():
  large = plan_of_sizes([1], estimate={'bytes': 1 << 70})
  resume._check_room('gs://bucket/out', large)


STRANGE = [
  'summary.txt',
  'quarantine/item-000000.jsonl',
  '_progress/thesis.txt',
  '_progress/parts/g/a/validation-000000',
]


@pytest.mark.parametrize('path', STRANGE)
def test_what_a_run_would_replace_is_refused(tmp_path: Path, path: str):
  (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
  (tmp_path / path).touch()
  with pytest.raises(UserError, match=f'{path} is of no run'):
    resume.begin(str(tmp_path), PLAN)
  (tmp_path / path).unlink()
  (tmp_path / '_progress').mkdir(exist_ok=True)
  (tmp_path / '_progress' / ('0a' * 16)).touch()  # of a plan half written
  resume.begin(str(tmp_path), PLAN)
  assert plan_lib.load(paths.plan_path(str(tmp_path))) == PLAN


def test_a_run_that_goes_on_keeps_its_progress_and_no_other(tmp_path: Path):
  output = begun(tmp_path)
  for path in STRANGE[1:]:
    (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / path).touch()
  with pytest.raises(UserError, match=r'thesis\.txt is of no run'):
    resume.begin(output, PLAN)
  (tmp_path / '_progress/thesis.txt').unlink()
  resume.begin(output, PLAN)
  assert (tmp_path / STRANGE[-1]).exists()


def test_an_item_whose_shard_is_gone_or_cut_is_to_be_done(tmp_path: Path):
  output = str(tmp_path)
  for item in PLAN.items:
    report = report_of(PLAN, item.index)
    write_shards(report, tmp_path)
    reports.write(report, output)
  assert resume.unfinished(output, PLAN) == []
  (tmp_path / report_of(PLAN, 0).shards[0].path).write_bytes(b'')
  (tmp_path / report_of(PLAN, 2).shards[1].path).unlink()
  assert resume.unfinished(output, PLAN) == [0, 2]


DAMAGE = [b'', PLAN.to_json()[:50], bytes(300)]


@pytest.mark.parametrize('damage', DAMAGE)
def test_a_damaged_plan_is_none(tmp_path: Path, damage: bytes):
  output = str(tmp_path)
  resume.begin(output, PLAN)
  write_shards(report_of(PLAN, 1), tmp_path)
  plan = Path(paths.plan_path(output))
  plan.write_bytes(damage)
  # Nobody knows whose shards these are.
  with pytest.raises(UserError, match=r'(?s)no plan .*overwrite'):
    resume.begin(output, PLAN)
  reports.write(report_of(PLAN, 1), output)
  assert resume.begin(output, PLAN)
  assert plan_lib.load(str(plan)) == PLAN
  assert resume.unfinished(output, PLAN) == [0, 2]


def test_of_two_plans_at_once_one_is_first(tmp_path: Path, monkeypatch):
  """The other launcher comes between the look for a plan and its writing."""
  output = str(tmp_path)
  write_first = resume.files.write_first

  def late(*args: str) -> bool:
    monkeypatch.setattr(resume.files, 'write_first', write_first)
    assert resume.begin(output, PLAN)
    return write_first(*args)

  for plan in (PLAN, CHANGED['seed: 0 -> 1']):
    monkeypatch.setattr(resume.files, 'write_first', late)
    if plan == PLAN:
      assert resume.begin(output, plan)
    else:
      with pytest.raises(UserError, match='seed: 0 -> 1'):
        resume.begin(output, plan)
    assert plan_lib.load(paths.plan_path(output)) == PLAN
    overwrite.delete_run(output, PLAN)
