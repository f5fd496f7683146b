"""Nothing that a run writes is in the way of anything else."""

from hypothesis import given
from hypothesis import strategies as st
import pytest

from ul2_flan.pipelines.run import paths

ITEMS = st.integers(0, 10**7)


@pytest.mark.parametrize('output', ['out', '/a/b', 'gs://bucket/out'])
@given(one=ITEMS, other=ITEMS)
def test_each_item_has_files_of_its_own(output: str, one: int, other: int):
  def files(item: int) -> set[str]:
    return {
      paths.report_path(output, item),
      paths.beat_path(output, item),
      paths.quarantine_path(output, item),
    }

  assert len(files(one)) == 3
  assert bool(files(one) & files(other)) == (one == other)
  assert all(path.startswith(f'{output}/') for path in files(one))


def test_what_a_finished_run_deletes_is_in_one_folder():
  folder = paths.progress_folder('out')
  for path in (
    paths.plan_path('out'),
    paths.report_path('out', 1),
    paths.beat_path('out', 1),
  ):
    assert path.startswith(f'{folder}/')
  for path in (
    paths.manifest_path('out'),
    paths.summary_path('out'),
    paths.quarantine_path('out', 1),
    paths.completed_path('out', 'ul2:r'),
  ):
    assert not path.startswith(f'{folder}/')


def test_seqio_finds_the_mark_of_a_whole_data_set():
  # seqio looks for this name in the folder of a cached task.
  assert paths.completed_path('out', 'ul2:r') == 'out/ul2/r/COMPLETED'


OURS = [
  'manifest.json',
  'summary.txt',
  '_progress/x',
  'quarantine/item-0.jsonl',
]


@pytest.mark.parametrize(
  'spelled', ['{}/in/out', '{}/in/./out/', '{}/link/out']
)
def test_an_output_below_the_input_is_ours(tmp_path, spelled: str):
  (tmp_path / 'in').mkdir()
  (tmp_path / 'link').symlink_to('in')
  is_ours = paths.Ours(spelled.format(tmp_path), 'ul2r')
  for root in (f'{tmp_path}/in', f'{tmp_path}/in/', f'{tmp_path}/link', '/'):
    within = f'{tmp_path}/in' if root == '/' else root
    for path in (*OURS, 'a.jsonl', 'deep/a.jsonl'):
      assert is_ours(root, f'{within}/out/{path}')
    assert not is_ours(root, f'{within}/a.jsonl')
    assert not is_ours(root, f'{within}/out2/a.jsonl')


def test_in_the_input_itself_ours_are_the_files_that_a_run_writes(
  tmp_path, monkeypatch
):
  monkeypatch.chdir(tmp_path)
  for output, root in (('.', str(tmp_path)), (f'{tmp_path}/', '.'), ('..', '')):
    is_ours = paths.Ours(output, 'ul2r:x')
    folder = root or str(tmp_path.parent)
    shard = 'ul2r/x/train.tfrecord-00000-of-00001'
    for path in (*OURS, shard, 'ul2r/COMPLETED'):
      assert is_ours(folder, f'{folder}/{path}')
    for path in ('a.jsonl', 'ul2r/a.jsonl', 'sub/manifest.json'):
      assert not is_ours(folder, f'{folder}/{path}')


def test_outputs_in_buckets_are_ours_by_their_names():
  is_ours = paths.Ours('gs://b/in/out/', 'ul2r')
  assert is_ours('gs://b/in', 'gs://b/in/out/a')
  assert not is_ours('gs://b/in', 'gs://b/in/outer/a')
  assert not is_ours('/b/in', '/b/in/out/a')
  assert not paths.Ours('', 'ul2r')('/b/in', '/b/in/manifest.json')
