"""The index of items."""

import numpy as np

from ul2_flan.tasks.contamination import RULES, Index, Item
from ul2_flan.tasks.contamination.index import Digest

WORDS = ' '.join(f'w{i}' for i in range(20))
ITEMS = (
  Item('a:x', '0', (WORDS, 'Is it?')),
  Item('a:x', '1', (WORDS, 'Is it so, that nobody can ever say it?')),
  Item('b:y', '0', ('Too short',)),
)


def test_equal_texts_of_a_task_are_one():
  index = Index.of(ITEMS, RULES['13gram'])
  assert index.grams == 8 + 1
  assert [texts.tolist() for texts in index.item_texts] == [[0, 1], [0, 2], [3]]
  assert index.text_grams.lengths.tolist() == [8, 0, 1, 0]


def test_an_item_without_a_gram_is_not_judged():
  assert Index.of(ITEMS, RULES['13gram']).judged.tolist() == [True, True, False]


def test_an_item_has_the_largest_share_of_its_texts():
  index = Index.of(ITEMS, RULES['13gram'])
  shares = index.of_items(np.array([0.5, 0.0, 0.75, 0.0]))
  assert shares.tolist() == [0.5, 0.75, 0.0]


def test_no_item_is_an_index_too():
  index = Index.of((), RULES['palm8'])
  assert index.grams == 0
  assert index.judged.tolist() == []


def digest(items) -> str:
  made = Digest()
  assert [*made.of(items)] == [*items]
  assert made.items == len(items)
  return str(made)


def test_a_digest_changes_with_any_text():
  one = digest(ITEMS)
  assert one == digest([*ITEMS])
  assert one != digest(ITEMS[:2])
  assert one != digest((*ITEMS[:2], Item('b:y', '0', ('Too short.',))))
