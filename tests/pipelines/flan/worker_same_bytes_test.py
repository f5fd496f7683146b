"""The bytes of a Flan run do not depend on who makes them, or with what."""

from support.corpora import tree
from support.task_files import NIV2

from ul2_flan.pipelines import flan
from ul2_flan.pipelines.run import paths


def test_the_same_bytes_for_any_workers_and_order(flags, tmp_path, monkeypatch):
  assert flan.main(flags('one')) == 0
  # An item for each task, and two processes to do them.
  monkeypatch.setattr('ul2_flan.pipelines.flan.planning._ITEM_BYTES', 1)
  two = flags('two', '--local_workers=2', suites=('cot', 'niv2'))
  assert flan.main(two) == 0
  one, two = tree(tmp_path / 'one'), tree(tmp_path / 'two')
  shards = {path for path in one if '/train.tfrecord-' in path}
  assert len(shards) == 2 * (4 + 4)
  # These list data sets in the order of the sources.
  for name in ('manifest.json', *paths.CARDS):
    del one[name], two[name]
  assert one == two


def test_a_subset_has_the_same_bytes(flags, tmp_path):
  assert flan.main(flags('all')) == 0
  name = f'niv2:{NIV2[2]}'
  assert flan.main(flags('some', '--tasks', name, '--settings=fs_opt')) == 0
  every, some = tree(tmp_path / 'all'), tree(tmp_path / 'some')
  shards = [path for path in some if '.tfrecord-' in path]
  assert len(shards) == 1  # no row is held out
  assert all(every[path] == some[path] for path in shards)
