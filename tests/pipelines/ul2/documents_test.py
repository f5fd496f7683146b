"""Documents that are text are kept; every other is counted with a reason."""

from hypothesis import given
from hypothesis import strategies as st
import pytest

from ul2_flan.pipelines.run import Counts
from ul2_flan.pipelines.sources import DocumentBlock
from ul2_flan.pipelines.ul2.documents import accept
from ul2_flan.tasks import seeding

DOCUMENTS = st.text(
  st.sampled_from('ab \n\x00\x01\x7f€')
  | st.characters(exclude_categories=['Cs'])
)


def block_of(texts: list[str], ids: list[str] | None = None) -> DocumentBlock:
  places = [10 * i for i in range(len(texts))]
  return DocumentBlock('a.jsonl', texts=texts, ids=ids, places=places)


def keys_of(block: DocumentBlock) -> list[int]:
  return accept(block, 0, Counts())[0].keys.tolist()


@given(
  texts=st.lists(DOCUMENTS), limit=st.integers(0, 9), bad=st.integers(0, 3)
)
def test_every_document_is_accounted_for(
  texts: list[str], limit: int, bad: int
):
  block = block_of(texts)
  for i in range(bad):
    block.reject(i, 'not_json', 'no')
  counts = Counts()
  documents, rejects = accept(block, limit, counts)
  dropped = sum(counts.below('documents/dropped').values())
  rejected = counts.below('documents/rejected')
  assert counts['documents/read'] == len(texts) + bad
  assert len(documents.texts) + dropped + len(rejects) == len(texts) + bad
  assert sum(rejected.values()) == len(rejects)
  assert rejected.get('not_json', 0) == bad
  for place, kept in zip(documents.places, documents.texts, strict=True):
    assert texts[place // 10] == kept
    assert kept.strip()
    assert not limit or len(kept) <= limit
  assert len(documents.keys) == len(documents.texts)


@given(texts=st.lists(DOCUMENTS, unique=True), cut=st.integers(0, 9))
def test_a_key_is_its_documents_alone(texts: list[str], cut: int):
  together = keys_of(block_of(texts))
  assert together == keys_of(block_of(texts[:cut])) + keys_of(
    block_of(texts[cut:])
  )


@pytest.mark.parametrize('empty', ['', ' ', '\n\t\r\n', '\u3000\xa0'])
def test_what_is_white_space_is_empty(empty: str):
  counts = Counts()
  documents, rejects = accept(block_of([empty, 'a']), 0, counts)
  assert (documents.texts, documents.places, rejects) == (['a'], [10], [])
  assert counts.below('documents/dropped') == {'empty': 1}


def test_the_length_limit_is_in_characters():
  counts = Counts()
  documents, _ = accept(block_of(['€€€', '€€€€']), 3, counts)
  assert documents.texts == ['€€€']
  assert counts.below('documents/dropped') == {'too_long': 1}


@pytest.mark.parametrize(
  ('document', 'kept'),
  [
    ('\x00\x01\x02\x03', False),
    ('\x7f' * 50, False),
    ('a' * 94 + '\x00' * 6, False),
    ('a' * 95 + '\x00' * 5, True),
    ('form\ffeed\tand\r\nlines\v', True),
    ('\x1b[1mbold\x1b[0m, in a log of some length, as terminals have', True),
    ('\x85\x9f and other C1 controls, which old pages have', True),
  ],
)
def test_control_characters_make_a_document_no_text(document: str, kept: bool):
  counts = Counts()
  documents, rejects = accept(block_of(['a', document]), 0, counts)
  assert (len(documents.texts) == 2) == kept
  assert [(r.place, r.reason, r.record) for r in rejects] == [
    (10, 'not_text', document.encode())
  ] * (not kept)
  assert counts['documents/rejected/not_text'] == (not kept)


def test_a_key_comes_from_the_id_or_else_from_the_text():
  same = seeding.content_key(b'same')
  assert keys_of(block_of(['same', 'same'])) == [same] * 2
  assert keys_of(block_of(['same', 'same'], ['x', 'y'])) == [
    seeding.id_key(b'x'),
    seeding.id_key(b'y'),
  ]


def test_ids_stay_with_their_documents_when_others_are_dropped():
  found = keys_of(block_of(['', 'a', '\x00', 'b'], ['w', 'x', 'y', 'z']))
  assert found == [seeding.id_key(b'x'), seeding.id_key(b'z')]
