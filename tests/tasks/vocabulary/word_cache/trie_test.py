"""A trie finds its pieces, and nothing else."""

from hypothesis import given
from hypothesis import strategies as st
import numpy as np

from ul2_flan.tasks.vocabulary.word_cache.trie import Trie

byte = st.sampled_from(b'ab\x01\xff')
string = st.lists(byte, max_size=8).map(bytes)
piece = st.lists(byte, min_size=1, max_size=5).map(bytes)
pieces = st.lists(piece, unique=True, min_size=1, max_size=30)


@given(pieces=pieces, strings=st.lists(string, max_size=10))
def test_pieces_are_found(pieces: list[bytes], strings: list[bytes]):
  trie = Trie(pieces, np.arange(7, 7 + len(pieces)))
  found = set()
  which = np.arange(len(strings))
  at = np.zeros(len(strings), np.int32)
  size = 0
  while len(which):
    long = np.array([len(strings[i]) > size for i in which.tolist()], bool)
    which, at = which[long], at[long]
    step = np.array([strings[i][size] for i in which.tolist()], np.uint8)
    at, alive = trie.step(at, step)
    which = which[alive]
    size += 1
    found |= {
      (i, size, trie.piece[node])
      for i, node in zip(which.tolist(), at.tolist(), strict=True)
      if trie.piece[node] >= 0
    }
  assert found == {
    (i, len(piece), 7 + k)
    for i, string in enumerate(strings)
    for k, piece in enumerate(pieces)
    if string.startswith(piece)
  }
