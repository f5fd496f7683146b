"""A text that is touched and not written is found."""

import pytest

from ul2_flan.pipelines.contamination.accounts import (
  ContaminationAccounts,
  records,
)
from ul2_flan.pipelines.run import Counts


def test_all_that_is_touched_is_written():
  counts = Counts(
    {
      'texts': {'read': 9, 'touched': 2},
      'c:a:texts': {'data/test/all/examples': 2},
      'c:items': {'data/test/all/examples': 7},
    }
  )
  ContaminationAccounts.check(counts)
  assert records(counts) == {'read': 9, 'rejected': 0}
  counts.add('texts/touched')
  with pytest.raises(AssertionError, match='2 texts were written of 3'):
    ContaminationAccounts.check(counts)
