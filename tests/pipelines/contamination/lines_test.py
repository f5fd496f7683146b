"""Lines of JSON as a batch."""

import json

from ul2_flan.pipelines.contamination.lines import batch_of
from ul2_flan.pipelines.run import Counts


def test_each_line_is_an_example():
  counts = Counts()
  made = batch_of(1, ['a', 'b:c'], [{'x': 1}, {'x': 'ä'}], counts)
  assert [json.loads(line) for line in made.records] == [{'x': 1}, {'x': 'ä'}]
  assert all(line.endswith(b'\n') for line in made.records)
  assert made.data_set.tolist() == [1, 1]
  assert counts.sums == {'b:c': {'data/test/all/examples': 2}}
