"""From grams to the items that have them."""

from hypothesis import given
from hypothesis import strategies as st
import numpy as np

from ul2_flan.pipelines.contamination.touched import Touched, intervals, inverse
from ul2_flan.tasks.contamination import RULES, Index, Item
from ul2_flan.tasks.ragged import Ragged


@given(st.lists(st.sets(st.integers(0, 5)), max_size=5))
def test_a_relation_turned_twice_is_itself(of: list[set[int]]):
  relation = Ragged.of([sorted(numbers) for numbers in of])
  twice = inverse(inverse(relation, 6), len(of))
  assert [numbers.tolist() for numbers in twice] == [*map(sorted, of)]


@given(st.lists(st.booleans()))
def test_intervals_cover_all_marks(marks: list[bool]):
  marked = np.array(marks, np.bool_)
  covered = [i for start, stop in intervals(marked) for i in range(start, stop)]
  assert covered == np.flatnonzero(marked).tolist()


def test_items_that_share_a_text_share_its_grams():
  text = ' '.join(f'w{i}' for i in range(14))
  items = [Item('a', str(i), (text, f'q{i}')) for i in range(3)]
  index = Index.of(items, RULES['13gram'])
  relations = Touched(index)
  grams = np.array([0, 1])
  owner, texts = relations.texts_of(np.array([7, 8]), grams)
  assert (owner.tolist(), texts.tolist()) == ([7, 8], [0, 0])
  assert relations.items_of(np.unique(texts)).tolist() == [0, 1, 2]
