"""Parts and groups are what they were made of, and small enough."""

import itertools
import re

from hypothesis import given
from hypothesis import strategies as st

from ul2_flan.tasks.vocabulary.long_texts import groups, parts_of


@given(text=st.text('ab \n', max_size=200), most=st.integers(2, 30))
def test_parts_are_the_text(text: str, most: int):
  parts = parts_of(text, most)
  assert ''.join(parts) == text
  assert max(map(len, parts)) <= most
  for before, part in itertools.pairwise(parts):
    # Before white space, or there is none in the last half of the part.
    window = before[most - most // 2 :]
    assert part[0].isspace() or not any(map(str.isspace, window))


def test_parts_begin_at_the_last_place_that_is_given():
  place = re.compile(r'(?<=b)c')
  assert parts_of('abcabcc cabc', 8, place) == ['abcab', 'cc cabc']
  assert parts_of('aaaaabc', 3, place) == ['aaa', 'aab', 'c']


@given(texts=st.lists(st.text('ab', max_size=9)), most=st.integers(1, 20))
def test_groups_are_the_block(texts: list[str], most: int):
  made = groups(texts, most)
  assert [text for group in made for text in group] == texts
  assert all(len(g) == 1 or sum(map(len, g)) <= most for g in made[:-1])
