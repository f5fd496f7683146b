"""Segmentations are the best of all that there are."""

from collections.abc import Iterator
import itertools
import math

from hypothesis import given
from hypothesis import strategies as st
import numpy as np

from ul2_flan.tasks.vocabulary.word_cache.joined import Joined
from ul2_flan.tasks.vocabulary.word_cache.lattice import Lattice
from ul2_flan.tasks.vocabulary.word_cache.replay import replay, tuples_of
from ul2_flan.tasks.vocabulary.word_cache.trie import Trie

UNK = 2

# Quarters, so that sums are exact: they are equal or clearly different.
score = st.integers(-40, -1).map(lambda n: n / 4)
pieces = st.dictionaries(
  st.text('abé', min_size=1, max_size=4), score, min_size=1, max_size=25
)
string = st.text('abcé', max_size=7)


def lattice_of(pieces: dict[str, float]) -> Lattice:
  scores = np.array([0, 0, -20, *pieces.values()], np.float32)
  trie = Trie([p.encode() for p in pieces], np.arange(3, len(scores)))
  return Lattice(trie, scores, UNK)


def ways(
  pieces: dict[str, float], string: str
) -> Iterator[tuple[float, list[int]]]:
  """Yields all ways to write a string: the sum of scores, and the ids."""
  if not string:
    yield 0.0, []
  for size in range(1, len(string) + 1):
    first = string[:size]
    if first in pieces:
      cost, piece = pieces[first], 3 + list(pieces).index(first)
    elif size == 1:
      cost, piece = -20.0, UNK
    else:
      continue
    for rest, ids in ways(pieces, string[size:]):
      yield cost + rest, [piece, *ids]


@given(pieces=pieces, strings=st.lists(string, max_size=5))
def test_the_best_way_and_its_margin(
  pieces: dict[str, float], strings: list[str]
):
  found = lattice_of(pieces).segment(Joined.of([s.encode() for s in strings]))
  assert len(found.ids) == len(strings)
  for i, string in enumerate(strings):
    every = sorted(ways(pieces, string), reverse=True)
    assert found.score[i] == every[0][0]
    assert (found.score[i], found.ids[i].tolist()) in every
    second = every[1][0] if len(every) > 1 else -math.inf
    assert found.margin[i] == every[0][0] - second
    prefixes = [
      max(ways(pieces, string[:n]))[0] for n in range(len(string) + 1)
    ]
    assert found.dip[i] == min(prefixes)


@given(
  pieces=pieces,
  string=string.filter(len),
  before=st.sampled_from([0.0, -3.5, -1000.25, -99_990.0]),
)
def test_a_replay_finds_a_best_way(
  pieces: dict[str, float], string: str, before: float
):
  # Quarters are exact at these sums, so rounding decides nothing.
  lattice = lattice_of(pieces)
  data = string.encode()
  ids, after = replay(
    *lattice.edges(Joined.of([data])), len(data), np.float32(before)
  )
  best = max(ways(pieces, string))[0]
  assert (best, ids) in list(ways(pieces, string))
  if before + 20 * -len(data) > -100_000:
    assert after == before + best


@given(pieces=pieces, strings=st.lists(string, min_size=1, max_size=4))
def test_edges_are_all_pieces_and_characters(
  pieces: dict[str, float], strings: list[str]
):
  lattice = lattice_of(pieces)
  ids = {piece.encode(): 3 + i for i, piece in enumerate(pieces)}
  for text, edges in zip(
    strings,
    lattice.edges(Joined.of([s.encode() for s in strings])),
    strict=True,
  ):
    data = text.encode()
    bounds = [len(text[:i].encode()) for i in range(len(text) + 1)]
    expected = []
    for start, end in itertools.pairwise(bounds):
      found = [
        (start, stop, ids[data[start:stop]])
        for stop in bounds
        if data[start:stop] in ids
      ]
      if data[start:end] not in ids:
        found.append((start, end, lattice.unk_id))
      expected += [(*edge, lattice.scores[edge[2]]) for edge in found]
    assert edges.tolist() == tuples_of(edges) == expected
    assert lattice.edges_of(data).tolist() == expected
