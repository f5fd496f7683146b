"""Layouts as data."""

import pytest

from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.rendering.styles.layouts import LIKE, Layout, layouts


def test_numbers_count_from_one_and_only_where_they_are_asked_for() -> None:
  numbered = Layout(between='\n', separator='\n', target_prefix='A{number}. ')
  plain = Layout(between='\n', separator='\n', target_prefix='A. ')
  assert [numbered.cue(n) for n in (1, 10)] == ['A1. ', 'A10. ']
  assert plain.cue(1) == plain.cue(10) == 'A. '
  assert numbered.prefix(3) == ''


def test_a_layout_without_words_or_marks_is_not_visible() -> None:
  assert not Layout(between='\n', separator='\n\n').visible
  assert Layout(between='\n', separator='\n###\n').visible
  assert Layout(between='\n', separator='\n', input_prefix='Q: ').visible


def test_labels_are_those_of_the_prefixes() -> None:
  for layout in layouts():
    prefixes = (layout.prefix(1), layout.cue(1))
    assert len(layout.labels) == sum(map(bool, prefixes))
    for label in layout.labels:
      assert label[0] == '\n'
      assert label[1:] in ' '.join(prefixes)


def test_no_two_layouts_are_the_same() -> None:
  assert len({repr(layout) for layout in layouts()}) == len(layouts())


def test_an_unknown_likeness_is_refused() -> None:
  assert {like for layout in layouts() for like in layout.like} <= set(LIKE)
  with pytest.raises(UserError, match="Did you mean 'letter'"):
    Layout(between='', separator='', like=('leter',))
