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
