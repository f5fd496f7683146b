"""An export that lost an example is found."""

import pytest

from ul2_flan.pipelines.export.accounts import ExportAccounts, records
from ul2_flan.pipelines.run import Counts


def test_all_that_is_read_is_written():
  counts = Counts({'export': {'read': 3, 'written': 3}})
  ExportAccounts.check(counts)
  assert records(counts) == {'read': 3}
  counts.add('export/read')
  with pytest.raises(AssertionError, match='3 examples were written of 4'):
    ExportAccounts.check(counts)
