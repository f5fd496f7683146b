"""A trie finds its pieces, and nothing else."""

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest

from ul2_flan.tasks.vocabulary.word_cache import trie as lib
from ul2_flan.tasks.vocabulary.word_cache.joined import Joined
from ul2_flan.tasks.vocabulary.word_cache.trie import Trie

byte = st.sampled_from(b'ab\x01\xff')
string = st.lists(byte, max_size=8).map(bytes)
piece = st.lists(byte, min_size=1, max_size=5).map(bytes)
pieces = st.lists(piece, unique=True, min_size=1, max_size=30)


@given(pieces=pieces, strings=st.lists(string, max_size=10))
def test_pieces_are_found(pieces: list[bytes], strings: list[bytes]):
  trie = Trie(pieces, np.arange(7, 7 + len(pieces)))
  joined = Joined.of(strings)
  # At each place but the zero bytes.
  begun = np.flatnonzero(joined.flat)
  found = [
    (int(begun[which]), size, int(piece))
    for places, size, ids in trie.found(joined.flat, begun)
    for which, piece in zip(places.tolist(), ids, strict=True)
  ]
  assert sorted(found) == sorted(
    (begin + at, end - at, piece)
    for begin, string in zip(joined.begins.tolist(), strings, strict=True)
    for at in range(len(string))
    for end, piece in trie.found_at(string, at)
  )
  assert sorted(found) == sorted(
    (begin + at, len(piece), 7 + k)
    for begin, string in zip(joined.begins.tolist(), strings, strict=True)
    for at in range(len(string))
    for k, piece in enumerate(pieces)
    if string.startswith(piece, at)
  )


def test_many_pieces_have_longer_keys(monkeypatch: pytest.MonkeyPatch):
  # As if their nodes had numbers of more than 24 bits.
  pieces = [b'ab', b'abc', b'abcd', b'b']
  short = Trie(pieces, np.arange(4))
  monkeypatch.setattr(lib, '_MAX_SHORT', 0)
  long = Trie(pieces, np.arange(4))
  assert short._keys.dtype == np.uint32
  assert long._keys.dtype == np.uint64
  text = Joined.of([b'abcdb'])
  found = [
    [
      (which.tolist(), size, ids.tolist())
      for which, size, ids in trie.found(text.flat, np.arange(5))
    ]
    for trie in (short, long)
  ]
  assert found[0] == found[1]
  assert ([0], 4, [2]) in found[0]
