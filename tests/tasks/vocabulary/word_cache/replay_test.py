"""A string is segmented from the sum before it, in single precision."""

import numpy as np
import pytest

from ul2_flan.tasks.vocabulary.word_cache.joined import Joined
from ul2_flan.tasks.vocabulary.word_cache.lattice import Lattice
from ul2_flan.tasks.vocabulary.word_cache.replay import replay
from ul2_flan.tasks.vocabulary.word_cache.trie import Trie


def lattice_of(pieces: dict[str, float]) -> Lattice:
  scores = np.array([0, 0, -20, *pieces.values()], np.float32)
  trie = Trie([p.encode() for p in pieces], np.arange(3, len(scores)))
  return Lattice(trie, scores, 2)


def test_the_first_of_equal_ways_wins():
  # As in SentencePiece, the piece that begins first.
  lattice = lattice_of({'a': -2.0, 'b': -1.0, 'ab': -3.0})
  ids, after = replay(*lattice.edges(Joined.of([b'ab'])), 2, np.float32(-8))
  assert (ids, after) == ([5], -11)


def test_sums_are_begun_anew():
  lattice = lattice_of({'a': -2.0})
  (edges,) = lattice.edges(Joined.of([b'aa']))
  assert replay(edges, 2, np.float32(-99_990))[1] == -99_994
  assert replay(edges, 2, np.float32(-99_999))[1] == -2
  assert replay(edges, 2, np.float32(-100_001))[1] == -4


def test_rounding_decides():
  # Two ways that differ by less than sums are spaced at 2**17.
  lattice = lattice_of({'a': -2.0, 'b': -2.0, 'ab': -4.001})
  best = lattice.segment(Joined.of([b'ab']))
  assert best.ids[0].tolist() == [3, 4]
  assert best.margin[0] == pytest.approx(0.001, rel=1e-3)
  (edges,) = lattice.edges(Joined.of([b'ab']))
  assert replay(edges, 2, np.float32(-4))[0] == [3, 4]
  assert replay(edges, 2, np.float32(-(2.0**16)))[0] == [5]
