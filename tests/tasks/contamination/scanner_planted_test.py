"""All planted items are found, however they are planted, and no others.

`docs/contamination.md` tells of 1,000 items of real suites in real text.
"""

from collections.abc import Callable

import numpy as np
import pytest

from ul2_flan.tasks.contamination import RULES, Index, Item, Scanner

RNG = np.random.default_rng(16)
# A small vocabulary: single words and pairs of them are everywhere.
WORDS = [f'{a}{b}' for a in 'bdgklmnprst' for b in ('a', 'ei', 'on', 'ust')]


def drawn(low: int, high: int) -> str:
  return ' '.join(RNG.choice(WORDS, RNG.integers(low, high)).tolist())


def letters(first: int, low: int, high: int) -> str:
  points = first + RNG.integers(0, 40, RNG.integers(low, high))
  return ''.join(map(chr, points.tolist()))


TEXTS: dict[str, Callable[[], str]] = {
  'long': lambda: drawn(30, 60),
  'shorter than a gram': lambda: drawn(8, 13),
  'Chinese': lambda: letters(0x4E00, 16, 90),
  'Thai': lambda: letters(0x0E01, 32, 90),
}


def halves(text: str) -> list[str]:
  words = text.split(' ')
  if len(words) == 1:
    return [text[: len(text) // 2], text[len(text) // 2 :]]
  middle = len(words) // 2
  return [' '.join(words[:middle]), ' '.join(words[middle:])]


# Each makes documents, one after the other.
PLANTS: dict[str, Callable[[str], list[str]]] = {
  'verbatim': lambda text: [text],
  'in other case': lambda text: [text.upper()],
  'in other spacing': lambda text: [text.replace(' ', '  \t') + ' '],
  'with punctuation': lambda text: [text.replace(' ', ', “') + '!'],
  'in longer documents': lambda text: [f'{drawn(9, 99)} {text} {drawn(9, 99)}'],
  'over two lines': lambda text: ['\n'.join(halves(text))],
  'across joined documents': lambda text: [
    f'{drawn(5, 40)} {halves(text)[0]}', f'{halves(text)[1]} {drawn(5, 40)}'
  ],
}  # fmt: skip


@pytest.mark.parametrize('rule', ['13gram', 'palm8'])
def test_planted_items_are_found_and_no_others(rule: str):
  planted: list[str] = []
  documents: list[str] = []
  for make in TEXTS.values():
    for plant in PLANTS.values():
      for _ in range(3):
        planted.append(make())
        documents += [*plant(planted[-1]), drawn(40, 200)]
  clean = [make() for make in TEXTS.values() for _ in range(100)]
  items = [Item('a', str(i), (t,)) for i, t in enumerate([*planted, *clean])]
  index = Index.of(items, RULES[rule])
  assert index.judged.all()
  marked = np.zeros(index.grams, np.bool_)
  scanner = Scanner(index, joined=True)
  for start in range(0, len(documents), 17):
    for hits in scanner.scan(documents[start : start + 17], start):
      marked[hits.grams] = True
  share = np.array([marked[grams].mean() for grams in index.text_grams])
  assert share[: len(planted)].min() == 1
  assert share[len(planted) :].max() == 0
