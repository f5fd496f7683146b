"""Results come in order, one by one on disks and many at once on buckets."""

import threading
import time

from hypothesis import given
from hypothesis import strategies as st
import pytest

from ul2_flan.pipelines.storage import each, parallel

FOLDERS = ['/data', 'gs://bucket/data']


@pytest.mark.parametrize('folder', FOLDERS)
@given(values=st.lists(st.integers(), max_size=100))
def test_results_are_in_the_order_of_the_values(folder: str, values):
  assert list(each(str, values, folder)) == [str(value) for value in values]


@pytest.mark.parametrize('folder', FOLDERS)
def test_an_error_is_raised_in_its_place(folder: str):
  results = each(lambda value: 1 // value, [1, 1, 0, 1], folder)
  assert [next(results), next(results)] == [1, 1]
  with pytest.raises(ZeroDivisionError):
    next(results)


def test_a_disk_needs_no_threads():
  threads = set(each(lambda _: threading.get_ident(), range(9), '/data'))
  assert threads == {threading.get_ident()}


def test_a_bucket_has_several_calls_at_once():
  together = threading.Barrier(parallel._REMOTE_FILES, timeout=60)
  count = parallel._REMOTE_FILES
  results = each(lambda _: together.wait(), range(count), 's3://bucket')
  assert sorted(results) == list(range(count))


def test_values_are_taken_a_few_ahead():
  taken = []

  def values():
    for i in range(1000):
      taken.append(i)
      yield i

  results = each(lambda i: i, values(), 'gs://bucket')
  assert next(results) == 0
  time.sleep(0.01)  # nothing goes on behind the caller's back
  assert len(taken) == 2 * parallel._REMOTE_FILES
  results.close()
