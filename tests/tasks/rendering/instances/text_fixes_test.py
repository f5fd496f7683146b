"""Text fixes undo what sources did, and nothing else."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st
import pytest

from ul2_flan.tasks.rendering.instances.text_fixes import TIDY


@pytest.mark.parametrize('fix', TIDY.values(), ids=TIDY)
@given(text=st.text('ac A\n .,!?"\'', max_size=30))
def test_no_fix_leaves_white_space_around_a_text(
  fix: Callable[[str], str], text: str
) -> None:
  fixed = fix(text)
  assert fixed == fixed.strip()
  assert '  ' not in fixed
  # No letter is lost, and none added.
  assert _letters(fixed) == _letters(text)


def _letters(text: str) -> str:
  return ''.join(c for c in text.lower() if c.isalpha())


@pytest.mark.parametrize('fix', TIDY.values(), ids=TIDY)
@pytest.mark.parametrize(
  'text', ['Ada rowed to the isle.', 'Was it "done", or not?']
)
def test_a_text_that_needs_no_fix_stays_as_it_is(
  fix: Callable[[str], str], text: str
) -> None:
  assert fix(text) == text


@pytest.mark.parametrize(
  ('name', 'text', 'expected'),
  [
    ('question', 'who  rowed', 'Who rowed?'),
    ('question', ' ', ''),
    ('no_title', 'Isle -- ``It rains', '"It rains'),
    ('no_title', 'a' * 101 + ' -- b', 'a' * 101 + ' -- b'),
    ('plain', 'a<b>c</b> &lt; d', 'a c < d'),
    ('plain', '1 < 2 > 0', '1 < 2 > 0'),
    ('highlights', 'P\n@highlight\nH', 'P\nH'),
    ('placeholder', 'In @placeholder .', 'In ___ .'),
    ('bytes_repr', 'plain', 'plain'),
    ('documents', 'a ||||| b|||||', 'a\n\nb'),
    ('quac', 'C CANNOTANSWER', 'C'),
    ('tokenised', 'an odd " mark , it is', 'an odd " mark, it is'),
    ('tokenised', 'in ( a ) $ 5 .IXIC', 'in (a) $5 .IXIC'),
    ('plain_tokens', 'it <i>is</i> .', 'it is.'),
    ('wire', 'A #39;b quot;c quot;', 'A\'b "c"'),
    ('escapes', r'a \"b\"', 'a "b"'),
    ('wikihow', '[header] How to row [step] Sit .', 'How to row Sit.'),
    ('slots', 'eatType[pub]', 'eat type = pub'),
    ('tokenised', "they did n 't , but n 'tis", "they didn't, but n 'tis"),
    ('brackets', 'a -LRB- b -rrb- -lsb- c -rsb-', 'a (b) [c]'),
    ('tex_quotes', "``a'' b", '"a" b'),
    ('doubled_quotes', 'is it "so"', 'is it "so"'),
    ('byline', '(CNN) -- A (b) -- c', 'A (b) -- c'),
    ('byline', 'PUBLISHED: 2 May 2013 . A', 'A'),
    ('byline', 'a' * 301 + ') -- b', 'a' * 301 + ') -- b'),
  ],
)
def test_fixes(name: str, text: str, expected: str) -> None:
  assert TIDY[name](text) == expected
