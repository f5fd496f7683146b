"""Reports come back as they were written."""

import dataclasses
import json
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
import pytest
from support.outputs import there

from ul2_flan.pipelines.run import Counts, ItemShard, Report, paths, reports
from ul2_flan.pipelines.sources.marks import Mark

COUNTS = st.builds(
  Counts,
  *[
    st.dictionaries(
      st.text('aé', min_size=1, max_size=2),
      st.dictionaries(st.text('b/', max_size=3), st.integers(1, 2**60)),
    )
  ]
  * 2,
)


def report(item: int, counts: Counts, shards: int = 0) -> Report:
  damaged = {f'{i}.gz': 'at 7: it ends early' for i in range(shards)}
  made = tuple(
    ItemShard('ul2r:r', 'train', i, f'ul2r/r/{i}', 3, 99, '0123abcd')
    for i in range(shards)
  )
  read = tuple(Mark(f'{i}.gz', 0, i, 'v', '0badcafe') for i in range(shards))
  return Report(item, 'f00d', made, counts, read, damaged)


@pytest.fixture(scope='module')
def folder(tmp_path_factory: pytest.TempPathFactory) -> str:
  return str(tmp_path_factory.mktemp('reports'))


@given(item=st.integers(0, 10**7), counts=COUNTS, shards=st.integers(0, 3))
def test_a_report_comes_back(folder: str, item, counts, shards):
  made = report(item, counts, shards)
  reports.write(made, folder)
  assert reports.read(folder, item) == made


def test_a_report_of_before_tells_nothing_of_its_sources(tmp_path: Path):
  made = report(1, Counts(), 1)
  reports.write(made, str(tmp_path))
  path = Path(paths.report_path(str(tmp_path), 1))
  raw = json.loads(path.read_bytes())
  del raw['damaged_files'], raw['read']
  path.write_text(json.dumps(raw))
  read = dataclasses.replace(made, read=(), damaged_files={})
  assert reports.read(str(tmp_path), 1) == read


def test_an_item_without_a_report_is_not_done(folder: str):
  assert reports.read(folder, 10**8) is None


DAMAGE = {
  'empty': lambda data: b'',
  'cut': lambda data: data[: len(data) // 2],
  'its end cut': lambda data: data[:-2],
  'zeroed': lambda data: bytes(len(data)),
  'half zeroed': lambda data: data[:9] + bytes(len(data) - 9),
  'no report': lambda data: b'{}',
  'no object': lambda data: b'[1]',
}


@pytest.mark.parametrize('damage', DAMAGE)
def test_a_damaged_report_is_none(tmp_path: Path, damage: str):
  output = str(tmp_path)
  reports.write(report(3, Counts(), 2), output)
  path = Path(paths.report_path(output, 3))
  path.write_bytes(DAMAGE[damage](path.read_bytes()))
  assert reports.read(output, 3) is None


def test_files_of_a_report_that_changed_are_found(tmp_path: Path):
  made = report(0, Counts(), 3)
  assert len(reports.damaged(made, str(tmp_path))) == 3
  for number, shard in enumerate(made.shards):
    path = tmp_path / shard.path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(bytes(shard.bytes - (number == 1)))
  path = str(tmp_path / made.shards[1].path)
  assert reports.damaged(made, str(tmp_path)) == [path]


def test_a_discarded_report_is_gone(tmp_path: Path):
  for item in range(3):
    reports.write(report(item, Counts()), str(tmp_path))
  reports.discard(str(tmp_path), [0, 2, 9])
  assert reports.items_with_report(str(tmp_path)) == [1]


def test_a_report_appears_under_its_name_only(tmp_path: Path):
  reports.write(report(3, Counts()), str(tmp_path))
  (path,) = there(tmp_path)
  assert Path(path).name == 'item-000003.json'
  assert Path(paths.beat_path(str(tmp_path), 3)).name == 'beat-000003.json'


def test_items_with_a_report_are_listed_without_other_files(tmp_path: Path):
  for item in (0, 12, 1_234_567):
    reports.write(report(item, Counts()), str(tmp_path))
  Path(paths.beat_path(str(tmp_path), 5)).write_text('{}')
  Path(paths.plan_path(str(tmp_path))).write_text('{}')
  listed = reports.items_with_report(str(tmp_path))
  assert sorted(listed) == [0, 12, 1_234_567]
