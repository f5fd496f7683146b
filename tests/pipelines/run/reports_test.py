"""Counts add up in any order, and reports come back as they were written."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
import pytest

from ul2_flan.pipelines.run import paths, reports
from ul2_flan.pipelines.run.counts import Counts, Numbers
from ul2_flan.pipelines.run.reports import ItemShard, Report

NAMES = st.sampled_from(['a', 'a/b', 'a/b/c', 'ab', 'documents/read', 'é'])
NUMBERS = st.dictionaries(NAMES, st.integers(1, 2**60))


@st.composite
def counts_of_any(draw: st.DrawFn) -> Counts:
  counts = Counts()
  for name, n in draw(NUMBERS).items():
    counts.add(name, n)
  for name, n in draw(NUMBERS).items():
    counts.see(name, n)
  return counts


COUNTS = counts_of_any()


def names(numbers: Numbers) -> set[str]:
  return {f'{o}/{w}' if w else o for o, own in numbers.items() for w in own}


def report(item: int, counts: Counts, shards: int = 0) -> Report:
  made = tuple(
    ItemShard('ul2r:r', 'train', i, f'ul2r/r/{i}', 3, 99, '0123abcd')
    for i in range(shards)
  )
  return Report(item, 'f00d', made, counts)


@pytest.fixture(scope='module')
def folder(tmp_path_factory: pytest.TempPathFactory) -> str:
  return str(tmp_path_factory.mktemp('reports'))


@given(counts=st.lists(COUNTS, max_size=5))
def test_the_total_is_the_same_in_any_order(counts: list[Counts]):
  total, backwards = Counts(), Counts()
  for own in counts:
    total.merge(own)
  for own in reversed(counts):
    backwards.merge(own)
  assert total == backwards
  for name in set().union(*(names(c.sums) for c in counts)):
    assert total[name] == sum(c[name] for c in counts)
  for name in set().union(*(names(c.maxima) for c in counts)):
    owner, _, what = name.partition('/')
    assert total.maxima[owner][what] == max(
      c.maxima.get(owner, {}).get(what, 0) for c in counts
    )


@given(item=st.integers(0, 10**7), counts=COUNTS, shards=st.integers(0, 3))
def test_a_report_comes_back(folder: str, item, counts, shards):
  made = report(item, counts, shards)
  reports.write(made, folder)
  assert reports.read(folder, item) == made


def test_an_item_without_a_report_is_not_done(folder: str):
  assert reports.read(folder, 10**8) is None


def test_a_report_appears_under_its_name_only(tmp_path: Path):
  reports.write(report(3, Counts()), str(tmp_path))
  names = [p.name for p in tmp_path.rglob('*') if p.is_file()]
  assert names == ['item-000003.json']
  assert Path(paths.beat_path(str(tmp_path), 3)).name == 'beat-000003.json'


def test_zero_has_no_name():
  counts = Counts()
  counts.add('a', 0)
  assert counts.sums == {}
  assert counts['a'] == 0


def test_maxima_never_fall():
  counts = Counts()
  for value in (3, 7, 5):
    counts.see('text/longest', value)
  assert counts.maxima == {'text': {'longest': 7}}


@pytest.mark.parametrize(
  ('prefix', 'found'),
  [
    ('documents', {'dropped/empty': 1, 'read': 2}),
    ('documents/dropped', {'empty': 1}),
    ('doc', {}),
    ('documents/read', {}),
  ],
)
def test_below_is_by_whole_parts_of_the_path(prefix: str, found):
  counts = Counts({'documents': {'read': 2, 'dropped/empty': 1}})
  assert counts.below(prefix) == found
