"""A block has the documents of good records, and a reject for each other."""

from hypothesis import given
from hypothesis import strategies as st
import pytest

from ul2_flan.pipelines.sources import DocumentBlock, SourceOptions
from ul2_flan.pipelines.sources.block import SHOWN_BYTES

VALUES = st.one_of(st.none(), st.booleans(), st.integers(), st.text())
FIELDS = st.one_of(
  VALUES, st.dictionaries(st.sampled_from(['text', 'id', 'n']), VALUES)
)


@given(records=st.lists(FIELDS), id_field=st.sampled_from(['', 'id']))
def test_each_record_is_a_document_or_a_reject(records, id_field: str):
  block = DocumentBlock('a')
  for place, fields in enumerate(records):
    block.add(place, fields, b'', SourceOptions(id_field=id_field))
  places = [*block.places, *(r.place for r in block.rejects)]
  assert sorted(places) == list(range(len(records)))
  assert block.texts == [records[place]['text'] for place in block.places]
  ids = [str(records[place]['id']) for place in block.places if id_field]
  assert (block.ids or []) == ids


@pytest.mark.parametrize('identity', [True, 1.5, None, ['a']])
def test_an_id_is_a_string_or_an_integer(identity: object):
  block = DocumentBlock('a')
  options = SourceOptions(id_field='id')
  block.add(3, {'text': 't', 'id': identity}, b'raw', options)
  assert (block.texts, block.ids) == ([], None)
  (reject,) = block.rejects
  assert (reject.source, reject.place, reject.record) == ('a', 3, b'raw')
  assert reject.detail.startswith("'id' is ")


@given(size=st.integers(0, 3 * SHOWN_BYTES))
def test_a_reject_keeps_the_head_of_its_record(size: int):
  block = DocumentBlock('a')
  block.reject(0, 'not_json', 'why', b'x' * size)
  assert block.rejects[0].record == b'x' * min(size, SHOWN_BYTES)
