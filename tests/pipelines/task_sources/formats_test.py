"""Every kind of source has a locator and a reader, and formats agree."""

import json
import shutil

from hypothesis import given
from hypothesis import strategies as st
import pytest
from support.task_sources.exports import TASK, export
from support.task_sources.task_rows import rows_of

from ul2_flan.pipelines.task_sources import ReadOptions
from ul2_flan.pipelines.task_sources.formats import LOCATORS
from ul2_flan.tasks import catalog


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
  return tmp_path_factory.mktemp('formats')


ROW = st.fixed_dictionaries(
  {
    'text': st.none() | st.text(max_size=8),
    'label': st.integers(-(2**53), 2**53),
    'score': st.integers(-50, 50).map(lambda tenths: tenths / 10),
    'answers': st.fixed_dictionaries(
      {'text': st.lists(st.text(max_size=5), max_size=3)}
    ),
    'found': st.booleans(),
  }
)


@given(
  rows=st.lists(ROW, min_size=1, max_size=10),
  block_rows=st.integers(1, 5),
  piece_bytes=st.integers(1, 3000),
)
def test_formats_pieces_and_blocks_give_the_same_rows_and_keys(
  folder, rows, block_rows, piece_bytes
):
  options = ReadOptions(block_rows=block_rows, piece_bytes=piece_bytes)
  for name in ('train.jsonl', 'train.jsonl.gz', 'train.parquet'):
    shutil.rmtree(folder / 'org', ignore_errors=True)
    export(folder, name, rows)
    read = rows_of(TASK, folder, options=options)
    assert read.rows == rows
    assert not read.rejects
    keys = {
      json.dumps(r, sort_keys=True): k
      for r, k in zip(rows, read.keys, strict=True)
    }
    assert len(set(keys.values())) == len(keys)
    whole = rows_of(TASK, folder)
    assert (whole.rows, whole.keys) == (read.rows, read.keys)
    assert whole.places == read.places
    if name == 'train.jsonl':
      first = read.keys
    assert read.keys == first


def test_every_source_of_the_catalog_has_a_locator():
  kinds = {
    source.kind
    for task in catalog.tasks(left_out=True)
    for source in task.sources
  }
  assert kinds <= set(LOCATORS)
