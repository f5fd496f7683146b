"""A process learns at once, never, or when as much has come as is to come."""

from hypothesis import assume, given
from hypothesis import strategies as st
import pytest

from ul2_flan.tasks.vocabulary.word_cache import prospect as lib

PIECES = 1000
ENOUGH = lib.CHARS_PER_PIECE * PIECES + lib.CHARS_OF_NEW_WORDS

KNOWN = ['some words ' * 1000]
NEW = [' '.join(map(str, range(100_000, 120_000)))]
OTHER = ['一些文字' * 1000]


def sampled(chars: int = 1000, tokens: int = 300) -> lib.Prospect:
  """A prospect that has seen a little text, as a planner does."""
  made = lib.Prospect(PIECES)
  made.saw(['a' * chars], tokens)
  return made


@given(share=st.floats(0, 3), texts=st.sampled_from([KNOWN, NEW]))
def test_who_knows_how_much_is_to_come_learns_at_once_or_never(
  share: float, texts: list[str]
):
  assume(abs(share - 1) > 1e-6)
  # A token is 10 characters.
  made = sampled(1000, 100)
  assert not made.expect(share * ENOUGH / 10)
  learns = share > 1
  assert made.pays(texts) == (learns and texts is KNOWN)
  came = 1000
  while came < min(share, 1) * ENOUGH:
    made.saw(KNOWN, len(KNOWN[0]) // 10)
    came += len(KNOWN[0])
    if not learns:
      assert not made.pays(KNOWN)


@pytest.mark.parametrize(('texts', 'times'), [(KNOWN, 1), (NEW, 4)])
def test_of_much_text_it_learns_though_few_words_recur(
  texts: list[str], times: int
):
  made = sampled(1000, 1000)
  assert made.expect(times * ENOUGH + 1) == (times == lib.FEW_RECUR)
  assert made.pays(texts)


def test_text_that_comes_several_times_has_fewer_new_words():
  enough = ENOUGH - lib.CHARS_OF_NEW_WORDS / 2
  for times, learns in ((1, False), (2, True)):
    made = sampled(1000, 1000)
    made.expect(enough + 1, times)
    assert made.pays(KNOWN) is learns


def test_alphabets_that_are_not_looked_up_do_not_count():
  made = lib.Prospect(PIECES)
  made.saw(OTHER * 3 + KNOWN, 100)
  # A quarter of the texts, and most of the characters.
  per_token = len(KNOWN[0]) / 100
  made.expect(ENOUGH / per_token - 100)
  assert not made.pays(KNOWN)
  made.expect(ENOUGH / per_token + 100)
  assert made.pays(KNOWN)
  made = lib.Prospect(PIECES)
  made.saw(OTHER, 100)
  made.expect(1e12)
  assert not made.pays(KNOWN)


def test_who_knows_nothing_learns_when_half_of_enough_has_come():
  made = lib.Prospect(PIECES)
  # Nothing is known of text that nobody has seen.
  made.expect(1e12)
  came = 0
  while 2 * came < ENOUGH:
    assert not made.pays(KNOWN)
    made.saw(KNOWN, 1)
    came += len(KNOWN[0])
  assert made.pays(KNOWN)


def test_more_than_was_expected_promises_more():
  made = sampled(1000, 1000)
  made.expect(ENOUGH / 10)
  beyond = -ENOUGH / 10
  while beyond < ENOUGH:
    assert not made.pays(KNOWN)
    made.saw(KNOWN, 1)
    beyond += len(KNOWN[0])
  assert made.pays(KNOWN)


def test_it_looks_ever_more_seldom_whether_words_recur(monkeypatch):
  looks = []
  monkeypatch.setattr(lib, 'repeats_words', lambda texts: looks.append(texts))
  made = sampled(1000, 1000)
  made.expect(3 * ENOUGH)
  for _ in range(100):
    made.pays(NEW)
    made.saw(KNOWN, 1)
  assert 5 <= len(looks) <= 8
