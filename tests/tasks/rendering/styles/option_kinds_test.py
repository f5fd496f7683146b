"""Options are of the same kind in a block as alone."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st
import pytest

from ul2_flan.tasks.rendering.styles.option_kinds import (
  LONG,
  MANY,
  MARKS,
  SHORT,
  kinds,
)

# Texts that hit the rules often, at their beginnings and their ends.
WORDS = ['a', 'I', 'ivy', '3', '12', '(', ')', '#', '.', ':', ',', '/', ' ']
WORDS += ['or', '\n', '!', '?', ';', 'é', '٣', 'word', 'a long word']
OPTION = st.lists(st.sampled_from(WORDS), min_size=1, max_size=5).map(''.join)
OPTIONS = st.lists(OPTION, min_size=1, max_size=4).map(tuple)
MANY_OPTIONS = st.integers(19, 22).map(lambda n: ('so',) * n)


def _kind(options: tuple[str, ...]) -> int:
  """Says it in the words of the rules."""
  lines = '\n'.join(options).split('\n')
  mark = re.compile(r'[(\[#]?(\d+|[A-Za-z]|[ivxIVX]+)[)\].:]?')
  if any(mark.fullmatch(line) for line in lines):
    return MARKS
  if len(options) > 20:
    return MANY
  joins = re.compile(r', | / | or |[()]|[.;?!]$', re.MULTILINE)
  if any(len(o) > 24 or joins.search(o) for o in options):
    return LONG
  return SHORT


@given(st.lists(OPTIONS | MANY_OPTIONS, max_size=12))
def test_the_kinds_of_a_block_are_those_of_each(
  options: list[tuple[str, ...]],
) -> None:
  assert kinds(options).tolist() == list(map(_kind, options))


@given(st.lists(st.sampled_from([('no', 'yes'), ('a', 'b')]), max_size=30))
def test_labels_recur(options: list[tuple[str, ...]]) -> None:
  assert kinds(options).tolist() == list(map(_kind, options))


@pytest.mark.parametrize(
  ('options', 'kind'),
  [
    (('yes', 'no'), SHORT),
    (('an apple', 'a pear and all of its tree'), LONG),
    (('yes', 'no, or so'), LONG),
    (('It is.', 'It is not'), LONG),
    (('either/or', 'neither'), SHORT),
    (('so',) * 21, MANY),
    (('zero', '1'), MARKS),
    (('one of them', '(iv)'), MARKS),
    (('1',) * 21, MARKS),
    (('in', 'it'), SHORT),
  ],
)
def test_kinds(options: tuple[str, ...], kind: int) -> None:
  others = [('yes', 'no'), ('It is.', '3')]
  assert kinds([others[0], options, others[1]])[1] == kind
