"""Tables that people read, and sizes."""

import re

from hypothesis import given
from hypothesis import strategies as st
import pytest

from ul2_flan.pipelines.run.tables import size, table


@given(
  rows=st.lists(
    st.tuples(st.text('ab', max_size=9), st.integers(0, 10**9)), max_size=6
  )
)
def test_a_tables_columns_stand_below_each_other(rows):
  lines = table(['name', 'count'], rows).split('\n')
  assert len(lines) == len(rows) + 1
  assert len({len(line) for line in lines}) == 1  # the last is to the right
  for line, (name, count) in zip(lines[1:], rows, strict=True):
    assert line.startswith(name)
    assert line.endswith(f' {count:,}')


@given(count=st.integers(0, 10**17))
def test_a_size_has_at_most_one_decimal_and_is_near(count: int):
  number, unit = size(count).split()
  exact = float(number) * 1000 ** ['B', 'kB', 'MB', 'GB', 'TB'].index(unit)
  assert exact == pytest.approx(count, rel=0.06)
  assert re.fullmatch(r'\d+(\.\d)?', number)
