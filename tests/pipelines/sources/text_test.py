"""A plain text is one document, or each paragraph is one."""

from pathlib import Path
import re

from hypothesis import given
from hypothesis import strategies as st
import pytest
from support.corpora import blocks_of, reasons_of, rejects_of, texts_of, write

from ul2_flan.pipelines.sources import SourceOptions

PARAGRAPHS = SourceOptions(format='paragraphs')


@pytest.fixture(scope='module')
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
  return tmp_path_factory.mktemp('text')


@given(text=st.text(st.sampled_from('ab \r\n€𝄞'), min_size=1))
def test_a_file_is_a_document(folder: Path, text: str):
  for suffix in ('', '.gz', '.bz2', '.zst'):
    path = write(folder / f'a.txt{suffix}', text.encode())
    assert texts_of(blocks_of(path)) == [(0, text)]


@given(
  text=st.text(st.sampled_from('ab \n€'), max_size=80),
  block_bytes=st.integers(1, 30),
)
def test_paragraphs_stand_between_empty_lines(
  folder: Path, text: str, block_bytes: int
):
  path = write(folder / 'a.txt', text.encode())
  options = SourceOptions(format='paragraphs', block_bytes=block_bytes)
  with pytest.MonkeyPatch.context() as patch:
    patch.setattr(
      'ul2_flan.pipelines.sources.decompress._STEP_BYTES', block_bytes
    )
    found = texts_of(blocks_of(path, options))
  lines = [line if line.strip() else '' for line in text.split('\n')]
  paragraphs = re.findall(r'(?:[^\n]+\n?)+', '\n'.join(lines))
  assert [t for _, t in found] == [p.removesuffix('\n') for p in paragraphs]
  for place, paragraph in found:
    assert text.encode()[place:].startswith(paragraph.encode())


@pytest.mark.parametrize('name', ['a.txt', 'a.txt.gz'])
def test_a_paragraph_over_the_limit_is_rejected_as_one(
  tmp_path: Path, name: str
):
  text = (
    b'short\n\n' + b'line of ten\n' * 5 + b'\n' + b'x' * 50 + b'\nend\n\nok'
  )
  path = write(tmp_path / name, text)
  options = SourceOptions(format='paragraphs', max_document_bytes=30)
  blocks = blocks_of(path, options)
  assert texts_of(blocks) == [(0, 'short'), (len(text) - 2, 'ok')]
  assert reasons_of(blocks) == [(7, 'too_long_record'), (68, 'too_long_record')]
  assert [r.record for r in rejects_of(blocks)] == [text[7:37], text[68:98]]


def test_a_paragraph_at_the_limit_is_read(tmp_path: Path):
  path = write(tmp_path / 'a.txt', b'ab\ncd\n\nab\ncde\n')
  options = SourceOptions(format='paragraphs', max_document_bytes=5)
  blocks = blocks_of(path, options)
  assert texts_of(blocks) == [(0, 'ab\ncd')]
  assert reasons_of(blocks) == [(7, 'too_long_record')]


def test_a_paragraph_that_is_not_utf8_is_rejected(tmp_path: Path):
  path = write(tmp_path / 'a.txt', b'one\n\ncaf\xe9\nau lait\n\nthree\n')
  blocks = blocks_of(path, PARAGRAPHS)
  assert texts_of(blocks) == [(0, 'one'), (19, 'three')]
  assert reasons_of(blocks) == [(5, 'invalid_utf8')]
  assert rejects_of(blocks)[0].record == b'caf\xe9\nau lait'


@pytest.mark.parametrize(
  ('data', 'limit', 'reason'),
  [(b'caf\xe9', 99, 'invalid_utf8'), (b'x' * 100, 99, 'too_long_record')],
)
def test_a_file_that_is_no_document_is_rejected(
  tmp_path: Path, data: bytes, limit: int, reason: str
):
  path = write(tmp_path / 'a.txt', data)
  (block,) = blocks_of(path, SourceOptions(max_document_bytes=limit))
  assert [(r.place, r.reason) for r in block.rejects] == [(0, reason)]
  assert not block.texts


def test_a_file_at_the_limit_is_read(tmp_path: Path):
  path = write(tmp_path / 'a.txt', b'x' * 99)
  options = SourceOptions(max_document_bytes=99)
  assert texts_of(blocks_of(path, options)) == [(0, 'x' * 99)]


@pytest.mark.parametrize('keep', [0.0, 0.8, 0.999])
def test_half_a_file_is_no_document(tmp_path: Path, keep: float):
  data = ' '.join(str(i * 7919) for i in range(60_000)).encode()
  path = Path(write(tmp_path / 'a.txt.gz', data))
  whole = path.read_bytes()
  path.write_bytes(whole[: max(round(keep * len(whole)), 5)])
  (block,) = blocks_of(str(path))
  assert not block.texts
  assert [r.reason for r in block.rejects] == ['damaged_file']
  assert data.startswith(block.rejects[0].record)


def test_garbage_behind_a_file_is_a_reject_beside_its_text(tmp_path: Path):
  path = Path(write(tmp_path / 'a.txt.gz', b'all of it'))
  path.write_bytes(path.read_bytes() + b'garbage')
  (block,) = blocks_of(str(path))
  assert block.texts == ['all of it']
  assert [r.reason for r in block.rejects] == ['damaged_file']


def test_half_a_file_has_the_paragraphs_before_the_damage(tmp_path: Path):
  data = b''.join(b'paragraph %d\n\n' % (i * 7919) for i in range(60_000))
  path = Path(write(tmp_path / 'a.txt.gz', data))
  path.write_bytes(path.read_bytes()[:-5000])
  blocks = blocks_of(str(path), PARAGRAPHS)
  assert len(texts_of(blocks)) > 30_000
  assert [r.reason for r in rejects_of(blocks)] == ['damaged_file']


def test_the_place_is_the_id(tmp_path: Path):
  path = write(tmp_path / 'a.txt', b'one\n\ntwo\n')
  options = SourceOptions(format='paragraphs', id_field='id')
  ids = [i for block in blocks_of(path, options) for i in block.ids or []]
  assert ids == [f'{path}:0', f'{path}:5']
