"""Files are recognised by name, and divided where they can be."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
import pytest
from support.corpora import DEFAULT, blocks_of, pieces_of, texts_of, write

from ul2_flan.pipelines.sources import READERS, SourceOptions, formats
from ul2_flan.tasks.errors import UserError


@given(size=st.integers(0, 10**6), max_bytes=st.integers(1000, 10**6))
def test_plain_lines_are_divided_without_gaps(size: int, max_bytes: int):
  pieces = formats.split('a.jsonl', size, max_bytes, DEFAULT)
  assert [p.start for p in pieces] == [0, *(p.stop for p in pieces)][:-1]
  assert all(0 < p.size == p.stop - p.start <= max_bytes for p in pieces)
  assert sum(p.size for p in pieces) == size


@pytest.mark.parametrize('name', ['a.jsonl.gz', 'a.txt', 'a.tfrecord', 'a.md'])
def test_other_files_are_one_piece(name: str):
  (piece,) = formats.split(name, 5000, 10, DEFAULT)
  assert (piece.start, piece.stop, piece.size) == (0, 5000, 5000)
  # Compressed files have some bytes, or were lost.
  empty = formats.split(name, 0, 10, DEFAULT)
  assert bool(empty) == name.endswith('.gz')


@pytest.mark.parametrize(
  ('path', 'kind'),
  [
    ('a.jsonl', 'jsonl'),
    ('a.json.gz', 'jsonl'),
    ('a.ndjson.zst', 'jsonl'),
    ('part-00000-of-00016.parquet', 'parquet'),
    ('gs://b/en/c4-train.tfrecord-00000-of-01024', 'tfrecord'),
    ('a.tfrecords.gz', 'tfrecord'),
    ('x.parquet/notes.txt.bz2', 'text'),
    ('README.md', 'text'),
  ],
)
def test_the_name_tells_the_format(path: str, kind: str):
  assert formats.kind_of(path, DEFAULT) == kind


@pytest.mark.parametrize('path', ['a', 'a.csv', 'jsonl', 'a.jsonl.xz', 'x.gz'])
def test_an_unknown_name_is_an_error_with_a_remedy(path: str):
  with pytest.raises(
    UserError, match=rf'{path}: .*Give --format, one of jsonl'
  ):
    formats.kind_of(path, DEFAULT)


def test_the_format_given_goes_before_the_name():
  assert formats.kind_of('a.csv', SourceOptions(format='jsonl')) == 'jsonl'
  with pytest.raises(UserError, match=r"'json'. Did you mean 'jsonl'\?"):
    formats.kind_of('a.json', SourceOptions(format='json'))


def test_every_reader_is_reached(tmp_path: Path):
  assert set(formats._SUFFIXES.values()) == {*READERS} - {'paragraphs'}
  path = write(tmp_path / 'a.md', b'one\n\ntwo')
  assert texts_of(blocks_of(path)) == [(0, 'one\n\ntwo')]
  found = texts_of(blocks_of(path, SourceOptions(format='paragraphs')))
  assert found == [(0, 'one'), (5, 'two')]


def test_progress_ends_at_the_piece(tmp_path: Path):
  path = write(tmp_path / 'a.jsonl', b'{"text": "a"}\n' * 1000)
  (piece,) = pieces_of(path)
  assert blocks_of(path)[-1].source_bytes == piece.size
