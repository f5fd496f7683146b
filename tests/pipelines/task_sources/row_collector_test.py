"""Rows are numbered, keyed and cut to columns alike in all formats."""

from hypothesis import given
from hypothesis import strategies as st
import pytest
from support.task_sources.exports import export, numbered
from support.task_sources.task_rows import rows_of, task_with

from ul2_flan.pipelines.sources import Piece
from ul2_flan.pipelines.task_sources.row_collector import (
  RowCollector,
  columns_of,
  explode,
)
from ul2_flan.tasks.catalog import Source

SOURCE = Source(kind='export', locator='x', fields={'premise': 'a.b'})


def collector(rows: tuple[int, int] | None = None) -> RowCollector:
  return RowCollector(Piece('f', 'jsonl', 0, 9, 9, rows=rows), SOURCE)


@given(
  good=st.lists(st.booleans(), max_size=12),
  bounds=st.lists(st.integers(0, 12), min_size=2, max_size=2).map(sorted),
  skipped=st.integers(0, 3),
)
def test_rows_of_a_slice_are_counted_over_good_and_bad_ones(
  good, bounds, skipped
):
  first, stop = bounds
  collected = collector((first, stop))
  skipped = skipped if not collected.overlaps(skipped) else 0
  collected.skip(skipped)
  for is_good in good:
    wanted = collected.overlaps(1)
    assert collected.next_row() == wanted
    if wanted and is_good:
      collected.add(collected.number, {'a': collected.number})
    elif wanted:
      collected.add(collected.number, {'b': 1})
  assert collected.done == (collected.number >= stop)
  numbers = range(skipped, skipped + len(good))
  inside = [n for n in numbers if first <= n < stop]
  assert len(collected) == len(inside)
  block = collected.take(5)
  assert len(collected) == 0
  assert block.places == [n for n in inside if good[n - skipped]]
  assert [r.place for r in block.rejects] == [
    n for n in inside if not good[n - skipped]
  ]
  assert (len(block.keys), block.source_bytes) == (len(block.rows), 5)


@given(row=st.dictionaries(st.sampled_from('abc'), st.integers(-9, 9)))
def test_a_key_is_of_the_mapped_columns_in_any_order(row):
  row = {'a': 1, **row}
  for some in (row, dict(reversed(row.items())), {'a': row['a']}):
    collected = collector()
    collected.next_row()
    collected.add(0, some)
    block = collected.take(0)
    assert block.rows == [{'a': row['a']}]
    if some is row:
      keys = block.keys
    assert block.keys == keys


def test_values_that_json_cannot_write_have_keys_too():
  collected = collector()
  for value in (b'\xff', b'\xff', {1, 2}):
    collected.put(0, {'a': value}, [value])
  keys = collected.take(0).keys
  assert keys[0] == keys[1] != keys[2]


@pytest.mark.parametrize(
  ('row', 'reason', 'detail'),
  [
    ([1], 'wrong_type', 'a list, not an object'),
    ({'b': 1, 'c': 2}, 'missing_field', "no 'a'; the record has b, c"),
    ({}, 'missing_field', "no 'a'; the record has no field"),
    ({'a': '\ud83d'}, 'invalid_utf8', 'surrogates not allowed'),
  ],
)
def test_a_bad_row_is_rejected_with_what_is_wrong(row, reason, detail):
  collected = collector()
  collected.add(7, row, b'raw')
  (reject,) = collected.take(0).rejects
  assert (reject.source, reject.place, reject.record) == ('f', 7, b'raw')
  assert reject.reason == reason
  assert detail in reject.detail


@pytest.mark.parametrize('path', [['x'], ['a', 'b'], ['*', 'x'], ['a', '*']])
def test_a_path_that_is_not_there_raises(path):
  with pytest.raises((KeyError, TypeError, AttributeError)):
    list(explode({'a': 1}, path))


def test_p3_has_its_texts_as_columns():
  source = Source(kind='p3', locator='x', fields={'question': 'other'})
  assert columns_of(source) == ('inputs_pretokenized', 'targets_pretokenized')


def test_only_mapped_columns_make_the_key(tmp_path):
  """Of nothing else: no other column, no place in the file."""
  task = task_with(
    kind='export', locator='org/name/config', fields={'premise': 'text'}
  )
  export(tmp_path / 'a', 'train.parquet', numbered(5))
  texts = [{'text': row['text']} for row in reversed(numbered(5))]
  export(tmp_path / 'b', 'train.jsonl', texts)
  keys = rows_of(task, tmp_path / 'a').keys
  assert rows_of(task, tmp_path / 'b').keys == keys[::-1]
  assert len(set(keys)) == 5
