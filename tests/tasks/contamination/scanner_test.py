"""What is found in texts, however these are divided."""

from hypothesis import given
from hypothesis import strategies as st
import pytest
from support.corpora import prose

from ul2_flan.tasks.contamination import RULES, Index, Item, Scanner, scanner

TEXT = ' '.join(f'word{i}' for i in range(40))
SHORT, OTHER = prose(2, 40)
SHORT = ' '.join(SHORT.split()[:12])
INDEX = Index.of(
  [Item('a', '0', (TEXT,)), Item('a', '1', (SHORT,))], RULES['13gram']
)
ALL = {(text, gram) for text, of in enumerate(INDEX.text_grams) for gram in of}


def found(*texts: str, joined: bool = False) -> set[int]:
  looking = Scanner(INDEX, joined=joined)
  return {
    gram
    for start, text in enumerate(texts)
    for hits in looking.scan([text], start)
    for gram in hits.grams.tolist()
  }


def grams_of(text: int) -> set[int]:
  return {*INDEX.text_grams[text].tolist()}


def test_whole_texts_are_found_in_longer_ones():
  assert found(f'{OTHER} {TEXT.upper()} {OTHER}') == grams_of(0)
  assert found(f'{OTHER}\n{SHORT}?') == grams_of(1)
  assert found(OTHER, ' '.join(SHORT.split()[:11])) == set()


@given(st.integers(1, 39))
def test_grams_go_on_where_documents_are_joined(cut: int):
  words = TEXT.split()
  halves = [' '.join(words[:cut]), ' '.join(words[cut:])]
  assert found(*halves, joined=True) == grams_of(0)
  apart = found(*halves)
  # Each half has the grams that lie in it.
  assert len(apart) == sum(max(0, n - 12) for n in (cut, 40 - cut))


def test_texts_that_begin_alike_are_told_apart():
  head = ' '.join(TEXT.split()[:8])
  tails = ['one', 'two three', 'two four']
  items = [Item('a', t, (f'{head} {t}',)) for t in tails]
  index = Index.of(items, RULES['13gram'])
  for number, tail in enumerate(tails):
    (hits,) = Scanner(index).scan([f'x {head} {tail} y'])
    assert hits.grams.tolist() == index.text_grams[number].tolist()


def test_long_texts_are_looked_at_in_parts(monkeypatch):
  whole = f'{OTHER} {TEXT} {OTHER} {SHORT} {OTHER}'
  expected = grams_of(0) | grams_of(1)
  for size in (64, 333, 1 << 18):
    monkeypatch.setattr(scanner, '_CHARS', size)
    assert found(whole) == expected


@pytest.mark.parametrize('first', [0x4E00, 0x0E01])
def test_scripts_without_spaces(first: int):
  # Of Thai, a letter and a vowel in turn.
  def letters(start: int, count: int) -> str:
    return ''.join(
      chr(first + (i * i + start) % 40) for i in range(start, start + count)
    )

  item, other = letters(0, 60), letters(70, 60)
  index = Index.of([Item('a', '0', (item,))], RULES['13gram'])
  spaced = ' '.join(item[i : i + 7] for i in range(0, 60, 7))
  for text in (item, f'{other}{item}{other}', spaced, f'Latin {item} words'):
    hits = [*Scanner(index).scan([text])]
    assert {g for h in hits for g in h.grams.tolist()} == {*range(index.grams)}
  halves = [f'{other}{item[:30]}', f'{item[30:]}{other}']
  hits = [*Scanner(index, joined=True).scan(halves)]
  assert {g for h in hits for g in h.grams.tolist()} == {*range(index.grams)}
  assert not [*Scanner(index).scan([other, 'words only', other])]


def test_a_text_between_ends_what_may_be_joined():
  looking = Scanner(INDEX, joined=True)
  assert [*looking.scan([' '.join(TEXT.split()[:20])], 0)]
  assert looking.oldest == 0
  assert not [*looking.scan(['…'], 1)]
  assert looking.oldest == float('inf')
