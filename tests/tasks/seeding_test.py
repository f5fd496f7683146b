"""Random numbers are reproducible, uniform, and independent of each other."""

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest
from scipy import stats

from ul2_flan.tasks import seeding

KEYS = np.array([0, 1, 2**64 - 1], np.uint64)
N = 40_000

# Seeds are fixed, so a p-value below this is a fault, not bad luck.
ALPHA = 1e-3


def keys(n: int = N) -> np.typing.NDArray[np.uint64]:
  return np.arange(n, dtype=np.uint64)


def test_draws_are_splitmix64s():
  # The first outputs of the reference implementation for the state 1234567.
  expected = [
    6457827717110365317,
    3203168211198807973,
    9817491932198370423,
    4593380528125082431,
    16408922859458223821,
  ]
  state = np.array([1234567], np.uint64)
  assert seeding.draw(state, np.arange(5)).tolist() == expected
  assert seeding.draw(state, 3).tolist() == expected[3:4]


def test_known_answers():
  # If one of these changes, the bytes of every data set change.
  assert seeding.id_key(b'') == 13020603013274838756
  assert seeding.id_key(b'document 1') == 10527755140059072631
  assert seeding.stream(0, 'noise', KEYS).tolist() == [
    1532520339061271634,
    3045431501011364540,
    75836379846983372,
  ]
  assert seeding.stream(-3, 'roll', KEYS).tolist() == [
    2176747207477912454,
    10603052813694883414,
    14115754684462760380,
  ]
  assert seeding.child_keys(KEYS, np.array([0, 1, 2])).tolist() == [
    16294208416658607535,
    6869446166584666695,
    5870046691785176337,
  ]


@given(st.lists(st.integers(0, 2**64 - 1), min_size=1), st.integers())
def test_a_stream_depends_on_its_key_alone(several: list[int], seed: int):
  together = seeding.stream(seed, 'noise', np.array(several, np.uint64))
  alone = [
    seeding.stream(seed, 'noise', np.array([key], np.uint64))[0]
    for key in several
  ]
  assert together.tolist() == alone


@given(st.lists(st.integers(0, 2**64 - 1), min_size=1), st.integers(1, 2**52))
def test_draws_are_below_the_bound(bits: list[int], bound: int):
  # The largest bits are where rounding could reach the bound.
  drawn = np.array([*bits, 2**64 - 1, 0], np.uint64)
  unit = seeding.unit(drawn)
  assert ((unit >= 0) & (unit < 1)).all()
  below = seeding.below(drawn, bound)
  assert below.dtype == np.int64
  assert below.min() == 0
  assert below.max() == bound - 1


def test_bounds_broadcast():
  bits = seeding.draw(keys(1000), 0)
  bounds = np.arange(1, 1001)
  assert (seeding.below(bits, bounds) < bounds).all()


@given(st.binary(max_size=40), st.integers(0, 39), st.integers(1, 255))
def test_a_content_key_depends_on_every_byte(data: bytes, at: int, change: int):
  key = seeding.content_key(data)
  assert key == seeding.content_key(bytes(data))
  assert 0 <= key < 2**64
  if at < len(data):
    other = bytearray(data)
    other[at] ^= change
    assert seeding.content_key(bytes(other)) != key
  assert seeding.content_key(data + b'x') != key


@pytest.mark.parametrize('bound', [2, 7, 100])
def test_draws_are_uniform(bound: int):
  for counter in (0, 1, 1000):
    bits = seeding.draw(seeding.stream(0, 'noise', keys()), counter)
    counts = np.bincount(seeding.below(bits, bound), minlength=bound)
    assert stats.chisquare(counts).pvalue > ALPHA


def streams() -> dict[str, np.typing.NDArray[np.uint64]]:
  children = seeding.child_keys(keys(), np.zeros(N, np.int64))
  siblings = seeding.child_keys(keys(), np.ones(N, np.int64))
  return {
    'itself': seeding.stream(0, 'noise', keys()),
    'purpose': seeding.stream(0, 'non-noise', keys()),
    'seed': seeding.stream(1, 'noise', keys()),
    'next key': seeding.stream(0, 'noise', keys() + np.uint64(1)),
    'child': seeding.stream(0, 'noise', children),
    'sibling': seeding.stream(0, 'noise', siblings),
  }


@pytest.mark.parametrize('other', [*list(streams())[1:], 'next draw'])
def test_streams_are_independent(other: str):
  first = seeding.draw(streams()['itself'], 0)
  second = (
    seeding.draw(streams()['itself'], 1)
    if other == 'next draw'
    else seeding.draw(streams()[other], 0)
  )
  assert not (first == second).any()
  for shift in (0, 60):  # both the low and the high bits
    a, b = ((x >> np.uint64(shift)) & np.uint64(15) for x in (first, second))
    pairs = np.bincount((a * np.uint64(16) + b).astype(int), minlength=256)
    assert stats.chisquare(pairs).pvalue > ALPHA


def test_the_chi_square_would_notice():
  draws = seeding.draw(streams()['itself'], 0)
  a = (draws >> np.uint64(60)).astype(int)
  pairs = np.bincount(a * 16 + a, minlength=256)
  assert stats.chisquare(pairs).pvalue < ALPHA


def test_children_of_children_are_distinct():
  index = np.arange(200)
  first = seeding.child_keys(np.repeat(keys(200), 200), np.tile(index, 200))
  assert len(np.unique(first)) == 200 * 200
  # Part 0 of a document is not the document: their masks differ.
  assert not np.isin(first, keys(200)).any()


def test_purpose_and_seed_are_not_run_together():
  # 'a1' with seed 2 against 'a' with seed 12.
  first = seeding.stream(2, 'a1', KEYS)
  assert not (first == seeding.stream(12, 'a', KEYS)).any()
