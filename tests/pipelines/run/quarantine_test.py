"""Rejected records are kept so that a person finds and reads them."""

import json
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from support.outputs import there
from support.tiny_plans import plan_of_sizes

from ul2_flan.pipelines.run import quarantine
from ul2_flan.pipelines.run.quarantine import Quarantine
from ul2_flan.pipelines.sources import Reject

ITEM = plan_of_sizes([1, 1]).items[1]


@given(record=st.binary(max_size=20), detail=st.text(max_size=5))
def test_a_reject_is_a_line_with_all_of_its_bytes(
  tmp_path_factory, record: bytes, detail: str
):
  folder = tmp_path_factory.getbasetemp() / 'rejects'
  with Quarantine(str(folder), ITEM) as kept:
    kept.add([Reject('a.jsonl', 7, 'bad_json', detail, record)])
    kept.add([Reject('a.jsonl', 8, 'bad_json', '', b'')])
    kept.commit()
  path = folder / 'quarantine/item-000001.jsonl'
  first, second = path.read_bytes().splitlines()
  assert json.loads(first) == {
    'source': 'a.jsonl',
    'place': 7,
    'reason': 'bad_json',
    'detail': detail,
    'record': record.decode(errors='backslashreplace'),
  }
  assert json.loads(second)['place'] == 8


def test_without_rejects_there_is_no_file(tmp_path: Path):
  with Quarantine(str(tmp_path), ITEM) as kept:
    kept.add([])
    kept.commit()
  assert list(tmp_path.rglob('*')) == []
  assert quarantine.where(str(tmp_path)) == ''


def test_an_item_that_fails_keeps_nothing(tmp_path: Path):
  with Quarantine(str(tmp_path), ITEM) as kept:
    kept.add([Reject('a', 1, 'bad_json', '', b'x')])
  assert there(tmp_path) == []


def test_a_person_is_told_where_rejects_are(tmp_path: Path):
  with Quarantine(str(tmp_path), ITEM) as kept:
    kept.add([Reject('a', 1, 'bad_json', '', b'x')])
    kept.commit()
  assert "the folder 'quarantine'" in quarantine.where(str(tmp_path))
