"""Only an earlier run of the output is deleted, or else nothing."""

import json
from pathlib import Path

import pytest
from support.tiny_plans import plan_of_sizes, report_of

from ul2_flan.pipelines.launch import finish, overwrite, resume
from ul2_flan.pipelines.run import Budget, Group, Plan, paths, reports
from ul2_flan.tasks.errors import UserError

GROUPS = {'g': Group(('g:a', 'g:b'), 3, 3, 0)}
PLAN = plan_of_sizes([1, 1, 1], groups=GROUPS)
OTHER = plan_of_sizes([1], groups={'h': Group(('h',), 1, 1, 0)})


def begun(output: Path, plan: Plan = PLAN) -> str:
  """A run of which all shards are written, and all reports."""
  resume.begin(str(output), plan)
  for item in plan.items:
    report = report_of(plan, item.index)
    report.counts.add('tokens/used', 1)
    report.counts.add('tokens/read', 1)
    for data_set in plan.data_sets[:1]:
      report.counts.add(f'{data_set}/data/train/all/source_tokens', 1)
    for shard in report.shards:
      (output / shard.path).parent.mkdir(parents=True, exist_ok=True)
      (output / shard.path).touch()
    reports.write(report, str(output))
  return str(output)


def finished(output: Path, plan: Plan = PLAN) -> str:
  finish.finish(begun(output, plan), plan, Budget())
  return str(output)


def tree(folder: Path) -> dict[str, bytes | None]:
  """All that a folder holds; links are not followed."""
  return {
    str(p.relative_to(folder)): p.read_bytes() if p.is_file() else None
    for p in folder.rglob('*')
  }


@pytest.mark.parametrize('make', [begun, finished])
@pytest.mark.parametrize('name', ['out', 'o[x]', 'run*', 'a?'])
def test_all_of_a_run_goes_and_nothing_else(tmp_path: Path, make, name: str):
  for other in ('ox', 'run1', 'ab'):
    finished(tmp_path / other)
  others = tree(tmp_path)
  (tmp_path / name / 'g').mkdir(parents=True)
  (tmp_path / name / 'g/notes.txt').touch()  # beside the data sets
  output = make(tmp_path / name)
  overwrite.delete_run(output, OTHER)
  kept = {name: None, f'{name}/g': None, f'{name}/g/notes.txt': b''}
  assert tree(tmp_path) == others | kept
  overwrite.delete_run(output, OTHER)  # nothing is there
  assert tree(tmp_path) == others | kept


STRANGE = [
  'g/a/thesis.txt',
  'g/a/deep/train.tfrecord-00000-of-00003',
  'g/b/train.tfrecord-00099-of-00100',
  '_progress/thesis.txt',
  'quarantine/thesis.txt',
  'h/thesis.txt',
]


@pytest.mark.parametrize('make', [begun, finished])
@pytest.mark.parametrize('path', STRANGE)
def test_a_strange_file_is_named_and_nothing_deleted(tmp_path, make, path: str):
  output = make(tmp_path)
  (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
  (tmp_path / path).write_bytes(b'mine')
  before = tree(tmp_path)
  with pytest.raises(UserError, match=rf'{path} is no file of a run'):
    overwrite.delete_run(output, OTHER)
  assert tree(tmp_path) == before


def test_a_folder_that_no_run_made_stays(tmp_path: Path):
  shard = tmp_path / 'h/train.tfrecord-00000-of-00001'
  shard.parent.mkdir()
  shard.touch()
  with pytest.raises(UserError, match=r'h/train.* is no file of a run'):
    overwrite.delete_run(str(tmp_path), OTHER)
  assert shard.exists()


def planted(data_sets: dict[str, list[str]]) -> str:
  made = {
    name: {
      'train': {
        'stats': {},
        'shards': [
          {'path': p, 'records': 1, 'bytes': 1, 'crc32c': ''} for p in shards
        ],
      }
    }
    for name, shards in data_sets.items()
  }
  fields = {'name': 'x', 'features': {}, 'vocabulary': {}, 'mixtures': {}}
  more = {'format': 1, 'decoder_only': False, 'run': {}}
  return json.dumps({**fields, **more, 'data_sets': made})


SHARD = 'train.tfrecord-00000-of-00001'


@pytest.mark.parametrize(
  'data_sets',
  [
    {'../victim': []},
    {'..': []},
    {'a:..:..:victim': []},
    {'/tmp/victim': []},
    {'': []},
    {'_progress': []},
    {'quarantine:x': []},
    {'docs': ['../victim/' + SHARD]},
    {'docs': ['docs/../../victim/' + SHARD]},
    {'docs': ['docs/thesis.txt']},
    {'docs': [3]},
  ],
)
def test_a_planted_manifest_deletes_nothing(tmp_path: Path, data_sets):
  output = tmp_path / 'out'
  for path in ('victim/' + SHARD, 'victim/COMPLETED', 'out/docs/thesis.txt'):
    (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / path).touch()
  (output / 'manifest.json').write_text(planted(data_sets))
  before = tree(tmp_path)
  with pytest.raises(UserError, match='which no run makes'):
    overwrite.delete_run(str(output), OTHER)
  assert tree(tmp_path) == before


@pytest.mark.parametrize(
  'change', [{'data_sets': ['../victim']}, {'shards': 1 << 60}, {'shards': ''}]
)
def test_a_planted_plan_deletes_nothing(tmp_path: Path, change):
  output = begun(tmp_path / 'out')
  (tmp_path / 'victim').mkdir()
  (tmp_path / 'victim/COMPLETED').touch()
  path = Path(paths.plan_path(output))
  plan = json.loads(path.read_bytes())
  plan['groups']['g'] |= change
  path.write_text(json.dumps(plan))
  before = tree(tmp_path)
  with pytest.raises(UserError, match='which no run makes'):
    overwrite.delete_run(output, OTHER)
  assert tree(tmp_path) == before


@pytest.mark.parametrize('text', ['body { color: red }', '[1, 2]', '{"a": 1}'])
def test_a_manifest_of_something_else_stays(tmp_path: Path, text: str):
  path = tmp_path / 'manifest.json'
  path.write_text(text)
  with pytest.raises(UserError, match=r'manifest\.json is not'):
    overwrite.delete_run(str(tmp_path), OTHER)
  assert path.read_text() == text


def test_links_are_removed_and_never_entered(tmp_path: Path):
  output = finished(tmp_path / 'out')
  victim = tmp_path / 'victim'
  (tmp_path / 'out/g/a').rename(victim)
  (tmp_path / 'out/g/a').symlink_to(victim)
  shard = tmp_path / 'out/g/b/train.tfrecord-00000-of-00003'
  shard.rename(tmp_path / 'shard')
  shard.symlink_to(tmp_path / 'shard')
  before = tree(victim)
  overwrite.delete_run(output, OTHER)
  assert tree(victim) == before
  assert (tmp_path / 'shard').exists()
  assert not tree(tmp_path / 'out')


def test_a_link_that_no_run_lists_stays(tmp_path: Path):
  (tmp_path / 'victim').mkdir()
  (tmp_path / 'out').mkdir()
  (tmp_path / 'out/h').symlink_to(tmp_path / 'victim')
  overwrite.delete_run(str(tmp_path / 'out'), OTHER)  # an empty folder
  (tmp_path / 'victim/file').touch()
  with pytest.raises(UserError, match='out/h is no file of a run'):
    overwrite.delete_run(str(tmp_path / 'out'), OTHER)
  assert (tmp_path / 'out/h').is_symlink()


@pytest.mark.parametrize('mark', ['manifest.json', '_progress/plan.json'])
@pytest.mark.parametrize('damage', ['empty', 'cut', 'zeroed'])
def test_a_damaged_mark_is_of_a_run_all_the_same(tmp_path, mark, damage: str):
  output = (finished if mark == 'manifest.json' else begun)(tmp_path)
  path = tmp_path / mark
  data = path.read_bytes()
  path.write_bytes(
    {'empty': b'', 'cut': data[: len(data) // 2], 'zeroed': bytes(len(data))}[
      damage
    ]
  )
  overwrite.delete_run(output, PLAN)
  assert not [p for p in tmp_path.rglob('*') if p.is_file()]


@pytest.mark.parametrize('make', [begun, finished])
def test_a_stop_in_between_does_no_harm(tmp_path: Path, make, monkeypatch):
  calls = 0

  def stop_after(count: int) -> None:
    nonlocal calls
    calls = 0
    delete = overwrite.files.delete

    def stopping(paths_: list[str]) -> None:
      nonlocal calls
      for path in paths_:
        calls += 1
        if calls > count:
          raise KeyboardInterrupt
        delete([path])

    with monkeypatch.context() as patch:
      patch.setattr(overwrite.files, 'delete', stopping)
      overwrite.delete_run(output, PLAN)

  for count in range(100):
    output = make(tmp_path / str(count))
    try:
      stop_after(count)
    except KeyboardInterrupt:
      assert not resume.is_complete(output, PLAN) or count == 0
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


def test_what_a_run_would_replace_is_refused(tmp_path: Path):
  for path in ('summary.txt', '_progress/thesis.txt'):
    (tmp_path / path).parent.mkdir(exist_ok=True)
    (tmp_path / path).touch()
    with pytest.raises(UserError, match=f'{path} is of no run'):
      resume.begin(str(tmp_path), PLAN)
    (tmp_path / path).unlink()
  resume.begin(str(tmp_path), PLAN)
  assert paths.plan_path(str(tmp_path))
