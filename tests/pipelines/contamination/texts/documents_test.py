"""Documents say where they are from, and by which key."""

from pathlib import Path

from support.corpora import pieces_of

from ul2_flan.pipelines.contamination.texts import read_documents
from ul2_flan.pipelines.sources import SourceOptions
from ul2_flan.tasks import seeding


def test_the_key_of_a_document_is_that_of_a_run(made):
  path = str(made.folder / 'a.jsonl')
  (piece,) = pieces_of(path)
  (block,) = read_documents(piece, SourceOptions())
  text = block.block.texts[3]
  place = block.place(3)
  assert int(place.key, 16) == seeding.content_key(text.encode())
  assert place.where.startswith(f'{path}:')
  assert not block.rejects
  assert block.source_bytes == Path(path).stat().st_size
  (named,) = read_documents(piece, SourceOptions(id_field='text'))
  assert int(named.place(3).key, 16) == seeding.id_key(text.encode())
