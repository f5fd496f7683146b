"""What is routed to a bin comes out of it, and nothing else."""

import io

from hypothesis import given, settings
from hypothesis import strategies as st
import numpy as np

from ul2_flan.pipelines.flan.released.routed_file import (
  Blob,
  RoutedFileWriter,
  RoutedRows,
  blobs_in,
)

ROW = st.tuples(st.integers(0, 5), st.text(), st.text())


@settings(max_examples=30)
@given(st.lists(st.lists(ROW, min_size=1, max_size=9), max_size=4))
def test_each_row_comes_out_of_its_bin_in_order(segments):
  item_of_bin = np.array([3, 3, 4, 6, 6, 6])
  writer = RoutedFileWriter(item_of_bin)
  data = b''
  expected: dict[int, list[tuple[int, str, str, int]]] = {}
  number = 0
  for segment in segments:
    for which, inputs, targets in segment:
      row = (number, inputs, targets, number + 7)
      expected.setdefault(which, []).append(row)
      number += 1
    keys = np.arange(number - len(segment), number)
    rows = RoutedRows(
      keys.astype(np.uint64),
      [inputs for _, inputs, _ in segment],
      [targets for *_, targets in segment],
      np.zeros(len(segment), np.int64),
      keys + 7,
    )
    bins = np.array([which for which, *_ in segment])
    data += b''.join(writer.segment(bins, rows))
  data += writer.end()
  found: dict[int, list[tuple[int, str, str, int]]] = {}
  for item, places in blobs_in(io.BytesIO(data)).items():
    for start, stop in places:
      blob = Blob(_reader(data[start:stop]))
      for which in range(len(item_of_bin)):
        batch = blob.rows(which)
        assert (batch is None) == (not len(blob.keys(which)))
        if batch is not None:
          assert item_of_bin[which] == item
          found.setdefault(which, []).extend(
            zip(
              blob.keys(which).tolist(),
              *(batch.column(i).to_pylist() for i in (0, 1, 3)),
              strict=True,
            )
          )
  assert found == expected


def _reader(data: bytes):
  return lambda start, stop: data[start:stop]
