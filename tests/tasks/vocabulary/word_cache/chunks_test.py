"""Units are numbered once, whichever documents and chunks they are in."""

from hypothesis import given
from hypothesis import strategies as st
import numpy as np

from ul2_flan.tasks.ragged import Int32s, Ragged
from ul2_flan.tasks.vocabulary.word_cache import units
from ul2_flan.tasks.vocabulary.word_cache.chunks import Chunk, NewUnits
from ul2_flan.tasks.vocabulary.word_cache.lattice import Lattice
from ul2_flan.tasks.vocabulary.word_cache.store import UNFIT, Store
from ul2_flan.tasks.vocabulary.word_cache.trie import Trie

KINDS = bytes(
  units.SPACE if i in b'\0 \n' else units.LETTER for i in range(256)
)

# Some units are longer than a key.
word = st.text('ab', min_size=1, max_size=3).map(str.encode) | st.sampled_from(
  [b'c' * 15, b'c' * 16, b'd' * 40]
)
text = st.lists(word, max_size=6).map(b' '.join)
blocks = st.lists(st.lists(text, max_size=4), max_size=3)


def store_of() -> Store:
  scores = np.array([0, 0, -20, -1], np.float32)
  return Store(Lattice(Trie([b'a'], np.array([3])), scores, 2), 200)


def chunk_of(
  texts: list[bytes], places: list[int] | None = None, kinds: bytes = KINDS
) -> Chunk:
  sizes = np.array(list(map(len, texts)), np.int64)
  places = list(range(len(texts))) if places is None else places
  data = b'\n'.join([b'', *texts, bytes(units.PADDING)])
  return Chunk(data, sizes, places, kinds)


def words_of(chunk: Chunk) -> list[bytes]:
  """Its units, all of them words of their own."""
  strings = chunk.strings(np.arange(chunk.bounds[-1]))
  assert all(string.startswith(b' ') for string in strings)
  return [string[1:] for string in strings]


@given(texts=st.lists(text, max_size=6))
def test_a_chunk_has_the_words_of_its_documents(texts: list[bytes]):
  chunk = chunk_of(texts)
  assert words_of(chunk) == [word for text in texts for word in text.split()]
  counts = [len(text.split()) for text in texts]
  assert np.diff(chunk.bounds).tolist() == counts
  documents = chunk.documents_of(np.arange(chunk.bounds[-1]))
  assert documents.tolist() == np.repeat(np.arange(len(texts)), counts).tolist()


some_ids = st.lists(st.integers(1, 9), max_size=3)


@given(
  found=st.dictionaries(st.integers(0, 9), some_ids, min_size=1),
  others=st.dictionaries(st.integers(0, 9), st.none() | some_ids),
)
def test_ids_are_those_of_documents_one_by_one(
  found: dict[int, list[int]], others: dict[int, list[int] | None]
):
  places = sorted(found)
  chunk = chunk_of([b'a'] * len(places), places)
  instead = {
    places.index(i): None if ids is None else np.array(ids, np.int32)
    for i, ids in others.items()
    if i in found
  }
  runs: dict[int, Int32s] = {}
  lengths = np.full(10, -1, np.int64)
  chunk.add_ids(Ragged.of([found[i] for i in places]), instead, runs, lengths)
  wanted = [others.get(i, found[i]) if i in found else None for i in range(10)]
  assert lengths.tolist() == [-1 if w is None else len(w) for w in wanted]
  assert [i for at in sorted(runs) for i in runs[at].tolist()] == [
    i for ids in wanted for i in ids or ()
  ]
  # No run goes over a document that is not of the chunk.
  for at in range(10):
    if lengths[at] < 0:
      before = [start for start in runs if start < at]
      told = sum(len(runs[start]) for start in before)
      assert told == lengths[:at].clip(0).sum()


@given(texts=blocks, unfit=st.sets(word, max_size=3), plain=st.binary())
def test_equal_units_have_one_number(
  texts: list[list[bytes]], unfit: set[bytes], plain: bytes
):
  store = store_of()
  chunks = [chunk_of(t) for t in texts]
  for chunk in chunks:
    chunk.look_up(store)
    assert (chunk.numbers == -1).all()
  new = NewUnits(chunks, plain)
  every = [word for chunk in chunks for word in words_of(chunk)]
  found = [unit.removeprefix(b' ') for unit in (*new.plain, *new.others)]
  assert sorted(found) == sorted(set(every))
  assert len(new) == len(found)
  assert set(found[: len(new.plain)]) == {
    word for word in every if len(word) < 16 and set(word) <= set(plain)
  }

  unfit = {word for word in unfit if word in found[len(new.plain) :]}
  new.number(store, [None if w[1:] in unfit else w for w in new.others])
  number_of: dict[bytes, int] = {}
  for chunk in chunks:
    for unit, number in zip(words_of(chunk), chunk.numbers, strict=True):
      assert (number == UNFIT) == (unit in unfit)
      assert number_of.setdefault(unit, number) == number
      assert unit in unfit or store.string(number) == b' ' + unit
  fit = {n for unit, n in number_of.items() if unit not in unfit}
  assert len(fit) == len(set(every) - unfit) == len(store) - 1

  # Later chunks find what is fit, and learn the rest anew.
  later = chunk_of([b' '.join(every)])
  later.look_up(store)
  assert later.numbers.tolist() == [
    -1 if word in unfit else number_of[word] for word in every
  ]


def test_a_word_and_a_later_part_of_one_are_different_units():
  kinds = bytearray(KINDS)
  kinds[ord('-')] = units.MARK
  chunk = chunk_of([b'a -a'], kinds=bytes(kinds))
  chunk.look_up(store_of())
  assert list(NewUnits([chunk], b'a-').plain) == [b' a', b' -', b'a']


def test_units_are_numbered_as_they_first_come():
  store = store_of()
  chunks = [chunk_of([b'b a a', b'c b']), chunk_of([b'd a'])]
  for chunk in chunks:
    chunk.look_up(store)
  new = NewUnits(chunks, b'abcd')
  assert list(new.plain) == [b' b', b' a', b' c', b' d']
