"""JSON lines: every record is a document, with its place, or a reject."""

import json
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
import pytest
from support.corpora import blocks_of, json_lines, rejects_of, texts_of, write

from ul2_flan.pipelines.sources import SourceOptions

TEXTS = st.lists(st.text(st.characters(exclude_categories=['Cs'])), max_size=9)

# One line each, and what becomes of it.
BAD_LINES = [
  (b'{"text": "caf\xe9"}', 'invalid_utf8', '0xe9'),
  (b'{"text": "cut', 'not_json', 'column 14'),
  (b'text, but no JSON', 'not_json', ''),
  (b'\xef\xbb\xbf{"text": "a byte order mark"}', 'not_json', ''),
  (b'{"text": "\\ud800"}', 'invalid_utf8', 'surrogate'),
  (b'{"text": "\xed\xa0\x80"}', 'invalid_utf8', 'surrogate'),
  (b'[' * 5000, 'not_json', ''),
  (b'["text"]', 'wrong_type', 'a list, not an object'),
  (b'"text"', 'wrong_type', 'a string, not an object'),
  (b'null', 'wrong_type', 'a NoneType, not an object'),
  (b'{"txt": "a", "n": 1}', 'missing_field', "no 'text'; the record has txt"),
  (b'{}', 'missing_field', 'no field'),
  (b'{"text": null}', 'missing_field', "'text' is null"),
  (b'{"text": 7}', 'wrong_type', "'text' is a int"),
  (b'{"text": ["a"]}', 'wrong_type', "'text' is a list"),
  (b'{"text": {"en": "a"}}', 'wrong_type', "'text' is a object"),
]


@pytest.fixture(scope='module')
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
  return tmp_path_factory.mktemp('jsonl')


@given(texts=TEXTS, ascii_only=st.booleans(), max_bytes=st.integers(1, 99))
def test_every_text_comes_back_with_the_place_of_its_line(
  folder: Path, texts: list[str], ascii_only: bool, max_bytes: int
):
  lines = [json.dumps({'text': t}, ensure_ascii=ascii_only) for t in texts]
  data = ''.join(line + '\n' for line in lines).encode()
  path = write(folder / 'a.jsonl', data)
  found = texts_of(blocks_of(path, max_bytes=max_bytes))
  assert [text for _, text in found] == texts
  for place, text in found:
    line = data[place : data.index(b'\n', place)]
    assert json.loads(line) == {'text': text}


@given(texts=TEXTS)
def test_compressions_agree(folder: Path, texts: list[str]):
  data = json_lines({'text': t} for t in texts)
  plain = texts_of(blocks_of(write(folder / 'a.jsonl', data)))
  for suffix in ('.gz', '.bz2', '.zst'):
    path = write(folder / f'a.jsonl{suffix}', data)
    assert texts_of(blocks_of(path)) == plain


@pytest.mark.parametrize(('line', 'reason', 'detail'), BAD_LINES)
def test_a_bad_line_is_rejected_and_its_neighbours_are_read(
  tmp_path: Path, line: bytes, reason: str, detail: str
):
  data = b'{"text": "before"}\n' + line + b'\n{"text": "after"}\n'
  path = write(tmp_path / 'a.jsonl', data)
  blocks = blocks_of(path)
  assert [text for _, text in texts_of(blocks)] == ['before', 'after']
  (reject,) = rejects_of(blocks)
  assert (reject.reason, reject.place, reject.record) == (reason, 19, line)
  assert reject.source == path
  assert detail in reject.detail


@pytest.mark.parametrize(
  'value',
  [
    *('NaN', '-Infinity', '1e999', '9' * 5000, '"\\ud800"', '{"\\udfff": NaN}'),
    '"\udc80"',
  ],
)
def test_a_field_that_nobody_uses_may_hold_anything(tmp_path: Path, value: str):
  line = f'{{"score": {value}, "text": "café", "id": 7}}'
  data = line.encode(errors='surrogatepass')
  path = write(tmp_path / 'a.jsonl', data)
  (block,) = blocks_of(path, SourceOptions(id_field='id'))
  assert (block.texts, block.ids, block.rejects) == (['café'], ['7'], [])
  (block,) = blocks_of(path, SourceOptions(id_field='score'))
  assert [r.record for r in block.rejects] == [data]


def test_white_space_and_carriage_returns_are_no_records(tmp_path: Path):
  data = b'\n\r\n  \t\n{"text": "a"}\r\n\n{"text": "b"}\r'
  blocks = blocks_of(write(tmp_path / 'a.jsonl', data))
  assert [text for _, text in texts_of(blocks)] == ['a', 'b']
  assert not rejects_of(blocks)


def test_ids_are_strings_or_integers(tmp_path: Path):
  rows = [{'text': 't', 'id': i} for i in ('a', 7, None, 1.5, True, ['x'])]
  path = write(tmp_path / 'a.jsonl', json_lines([*rows, {'text': 't'}]))
  (block,) = blocks_of(path, SourceOptions(id_field='id'))
  assert block.ids == ['a', '7']
  assert [r.reason for r in block.rejects] == [
    'missing_field',
    'wrong_type',
    'wrong_type',
    'wrong_type',
    'missing_field',
  ]


def test_another_field_may_hold_the_text(tmp_path: Path):
  path = write(
    tmp_path / 'a.jsonl', json_lines([{'content': 'a', 'text': 'b'}])
  )
  blocks = blocks_of(path, SourceOptions(text_field='content'))
  assert texts_of(blocks) == [(0, 'a')]


@pytest.mark.parametrize('suffix', ['', '.gz'])
def test_a_record_over_the_limit_is_rejected_with_its_head(
  tmp_path: Path, suffix: str
):
  rows = json_lines({'text': c * n} for c, n in (('a', 5), ('b', 90), ('c', 5)))
  path = write(tmp_path / f'a.jsonl{suffix}', rows)
  blocks = blocks_of(path, SourceOptions(max_document_bytes=50))
  assert [text for _, text in texts_of(blocks)] == ['aaaaa', 'ccccc']
  (reject,) = rejects_of(blocks)
  assert (reject.reason, reject.place) == ('too_long_record', 18)
  assert reject.record == rows[18 : 18 + 50]
  assert '50 bytes' in reject.detail


def test_a_reject_keeps_only_the_head_of_a_long_record(tmp_path: Path):
  path = write(tmp_path / 'a.jsonl', b'x' * 200_000)
  (reject,) = rejects_of(blocks_of(path))
  assert reject.record == b'x' * (1 << 16)


@given(keep=st.integers(1, 60), max_bytes=st.integers(1, 70))
def test_a_plain_file_cut_off_within_a_record_is_damaged(
  folder: Path, keep: int, max_bytes: int
):
  data = json_lines({'text': text} for text in ('some', 'text', 'é', 'end'))
  path = write(folder / 'cut.jsonl', data[:keep])
  blocks = blocks_of(path, max_bytes=max_bytes)
  line = data[:keep].splitlines()[-1]
  at = keep - len(line)
  is_whole = data[keep - 1 :].startswith((b'}', b'\n'))
  found = [(r.place, r.reason) for r in rejects_of(blocks)]
  assert found == ([] if is_whole else [(at, 'damaged_file')])


def test_a_file_cut_off_is_a_reject_behind_what_was_read(tmp_path: Path):
  data = json_lines({'text': f'{i * 7919} {i}'} for i in range(20_000))
  path = Path(write(tmp_path / 'a.jsonl.gz', data))
  path.write_bytes(path.read_bytes()[:-2000])
  blocks = blocks_of(str(path))
  read = texts_of(blocks)
  assert len(read) > 10_000
  assert [text for _, text in read] == [
    f'{i * 7919} {i}' for i in range(len(read))
  ]
  assert rejects_of(blocks)[-1].reason == 'damaged_file'
  assert 'it ends early' in rejects_of(blocks)[-1].detail
